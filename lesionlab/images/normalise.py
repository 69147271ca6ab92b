"""Batch normalisation: numbers of one channel minus their mean, over their standard deviation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lesionlab.errors import LesionlabError

# Keras's own. It keeps the division possible where all numbers are alike.
EPSILON = 1e-3


@dataclass(frozen=True, eq=False)
class Normalised:
    """Numbers after batch normalisation, and what they were worked out with.

    Attributes:
        values: float32, of the shape that came in.
        mean: float64, one for each channel `(c,)`, or `()` for a single one.
        variance: The mean of the squared distances from the mean; shaped like `mean`.
    """

    values: np.ndarray
    mean: np.ndarray
    variance: np.ndarray


def batch_normalise(
    values: np.ndarray, scale: float = 1.0, shift: float = 0.0, epsilon: float = EPSILON
) -> Normalised:
    """Normalise each channel as a layer of batch normalisation does while it learns.

    scale * (x - mean) / sqrt(variance + epsilon) + shift. (Ioffe and Szegedy, 2015, algorithm 1.)

    Args:
        values: `(h, w)`, or `(h, w, c)` with each channel for itself.
        scale: What the layer learns to multiply with (gamma); likewise `shift`, added (beta).
        epsilon: Added to the variance.

    Raises:
        LesionlabError: There are no numbers.
    """
    if not values.size:
        raise LesionlabError(
            "A mean needs at least one number.", "There are none.", "Take a larger picture."
        )
    mean = values.mean(axis=(0, 1), dtype=np.float64)
    variance = values.var(axis=(0, 1), dtype=np.float64)
    answer = scale * (values - mean) / np.sqrt(variance + epsilon) + shift
    return Normalised(answer.astype(np.float32), mean, variance)
