"""Whether 80 % means eight in ten: temperature and calibration error."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from lesionlab.evaluation.metrics import drawn_counts

SMALLEST = 1e-12


def apply_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Soften (above 1) or sharpen (below 1) probabilities; their order stays.

    Dividing the logits by the temperature (Guo et al. 2017, "On Calibration of Modern Neural
    Networks", eq. 9); the log of a probability is its logit up to a constant of the row.

    Args:
        probabilities: `(n, classes)`, rows summing to 1.
        temperature: Above 0.

    Returns:
        float32 `(n, classes)`, rows summing to 1.
    """
    logits = np.log(np.clip(probabilities, SMALLEST, 1).astype(np.float64)) / temperature
    logits -= logits.max(axis=1, keepdims=True)
    exponentials = np.exp(logits)
    return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32)


def cross_entropy(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean of minus the log of the probability given to the true class, in nats.

    Args:
        labels: int `(n,)`.
        probabilities: `(n, classes)`. Not a number where one of them is not.
    """
    given = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.clip(given, SMALLEST, 1)).mean())


def fit_temperature(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The temperature with the least cross-entropy on pictures kept out of training.

    Args:
        labels: int `(n,)`.
        probabilities: `(n, classes)`, at temperature 1.

    Returns:
        Between 0.05 and 20; 1 when there is no picture.
    """
    if not len(labels):
        return 1.0
    found = minimize_scalar(
        lambda log: cross_entropy(labels, apply_temperature(probabilities, float(np.exp(log)))),
        bounds=(np.log(0.05), np.log(20)),
        method="bounded",
    )
    return float(np.exp(found.x))


def expected_calibration_error(
    labels: np.ndarray, probabilities: np.ndarray, bins: int = 15
) -> float | None:
    """Mean distance between confidence and accuracy, over equal bins of the confidence.

    Naeini et al. 2015, as used by Guo et al. 2017, eq. 3.

    Args:
        labels: int `(n,)`.
        probabilities: `(n, classes)`.
        bins: How many bins between 0 and 1.

    Returns:
        0 (perfect) to 1; None without pictures.
    """
    if not len(labels):
        return None
    gaps = _gaps(labels, probabilities, bins).sum(axis=0)
    return float(np.abs(gaps).sum() / len(labels))


def calibration_error_interval(
    labels: np.ndarray, probabilities: np.ndarray, bins: int = 15, seed: int = 0
) -> list[float] | None:
    """95 % interval of the expected calibration error; None without pictures.

    Chance adds to this error and never takes away from it: that of few pictures is above nought
    even where every probability is right. So the interval, by the spread of a bootstrap over
    images, is laid around the error less what drawing anew adds to it. It is still too high, and so
    too narrow, where the true error is next to nothing.
    """
    error = expected_calibration_error(labels, probabilities, bins)
    if error is None:
        return None
    gaps = drawn_counts(len(labels), seed) @ _gaps(labels, probabilities, bins)
    drawn = np.abs(gaps).sum(axis=1) / len(labels)
    middle, spread = 2 * error - float(drawn.mean()), 1.96 * float(drawn.std())
    return [float(np.clip(middle + sign * spread, 0, 1)) for sign in (-1, 1)]


def _gaps(labels: np.ndarray, probabilities: np.ndarray, bins: int) -> np.ndarray:
    """Right (1 or 0) less confidence of each picture, in its bin's column of `(n, bins)`."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    right = probabilities.argmax(axis=1) == labels
    # Bins are open below and closed above, so that a confidence of 1 lies in the last.
    places = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gaps = np.zeros((len(labels), bins))
    gaps[np.arange(len(labels)), places] = right - confidence
    return gaps
