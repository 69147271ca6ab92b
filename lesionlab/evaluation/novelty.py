"""Whether a picture looks like those that a model was trained on at all.

Ten plain measurements of colour and texture, and how far they lie from the training pictures'.
They tell a cat or a screenshot from a lesion; they do not find an unknown disease.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

MEASUREMENTS = (
    "brightness",
    "red over green",
    "blue over green",
    "brightness spread",
    "red over green spread",
    "blue over green spread",
    "centre brightness over border",
    "centre red over border",
    "horizontal change",
    "vertical change",
)
MAX_PICTURES = 2000
CHUNK = 64


def measure(pixels: np.ndarray) -> np.ndarray:
    """The measurements of pictures, in the order of `MEASUREMENTS`.

    Args:
        pixels: uint8 RGB `(n, h, w, 3)`, preprocessed as for the model.

    Returns:
        float64 `(n, 10)`; colours are fractions of full scale.
    """
    images = pixels.astype(np.float32) / 255
    brightness = images.mean(axis=3)
    red, blue = images[..., 0] - images[..., 1], images[..., 2] - images[..., 1]
    planes = (brightness, red, blue)
    height, width = brightness.shape[1:]
    centre = (slice(None), slice(height // 4, -(height // 4)), slice(width // 4, -(width // 4)))

    def over_border(plane: np.ndarray) -> np.ndarray:
        inside = plane[centre]
        num_border = height * width - inside[0].size
        border = (plane.sum(axis=(1, 2)) - inside.sum(axis=(1, 2))) / num_border
        return inside.mean(axis=(1, 2)) - border

    columns = [
        *(plane.mean(axis=(1, 2)) for plane in planes),
        *(plane.std(axis=(1, 2)) for plane in planes),
        over_border(brightness),
        over_border(red),
        np.abs(np.diff(brightness, axis=2)).mean(axis=(1, 2)),
        np.abs(np.diff(brightness, axis=1)).mean(axis=(1, 2)),
    ]
    return np.stack(columns, axis=1).astype(np.float64)


def novelty_statistics(
    pixels: np.ndarray, rows: np.ndarray | None = None, seed: int = 0
) -> dict[str, list[float]]:
    """What training pictures measure, to be kept in the bundle.

    Args:
        pixels: uint8 RGB `(n, h, w, 3)`; may be a memory-mapped file.
        rows: Which of them are training pictures; all by default. At most 2000 are looked at.
        seed: Decides which.

    Returns:
        `mean` and `spread` of each measurement, and `limit`: the distance that one training
        picture in two hundred exceeds, and a quarter more.
    """
    chosen = np.arange(len(pixels)) if rows is None else np.asarray(rows)
    if len(chosen) > MAX_PICTURES:
        rng = np.random.default_rng(seed)
        chosen = np.sort(rng.choice(chosen, MAX_PICTURES, replace=False))
    chunks = [chosen[start : start + CHUNK] for start in range(0, len(chosen), CHUNK)]
    measured = np.concatenate([measure(pixels[chunk]) for chunk in chunks])
    statistics = {
        "mean": [float(value) for value in measured.mean(axis=0)],
        # Not quite zero where all training pictures agree, so that the distance stays a number.
        "spread": [float(value) for value in np.maximum(measured.std(axis=0), 1e-3)],
    }
    limit = 1.25 * float(np.percentile(_distances(measured, statistics), 99.5))
    return {**statistics, "limit": [limit]}


def novelty_distance(pixels: np.ndarray, statistics: Mapping[str, Sequence[float]]) -> np.ndarray:
    """How far pictures lie from the training pictures, in typical deviations, float64 `(n,)`.

    The root of the mean squared deviation over the measurements, each in its own spread: a
    Mahalanobis distance with a diagonal covariance.

    Args:
        pixels: uint8 RGB `(n, h, w, 3)`, preprocessed as for the model.
        statistics: From `novelty_statistics`.
    """
    return _distances(measure(pixels), statistics)


def is_unlike(image: np.ndarray, statistics: Mapping[str, Sequence[float]] | None) -> bool:
    """Whether a picture looks unlike anything that the model was trained on.

    Args:
        image: uint8 RGB `(h, w, 3)`, preprocessed as for the model.
        statistics: From the bundle; without any, nothing is called unlike.
    """
    if not statistics:
        return False
    return bool(novelty_distance(image[None], statistics)[0] > statistics["limit"][0])


def _distances(measured: np.ndarray, statistics: Mapping[str, Sequence[float]]) -> np.ndarray:
    deviation = (measured - np.asarray(statistics["mean"])) / np.asarray(statistics["spread"])
    distances: np.ndarray = np.sqrt((deviation**2).mean(axis=1))
    return distances
