"""One picture changed again and again: how many of the results are equal, and how near the rest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Repeated:
    """What a comparison of all pairs found.

    Attributes:
        tiles: The pictures as small JPEGs.
        num_different: How many different pictures there are.
        num_as_original: How many are equal to the picture as it is.
        equal_pairs: Pairs with the same value in every pixel.
        pairs: All pairs.
        distances: Of each pair, the root of the mean squared difference, in grey levels 0 to 255,
            float32 `(pairs,)`.
        closest: Positions of the two different pictures that are nearest to each other; None where
            all are equal.
        closest_distance: How far these two are apart, in grey levels.
    """

    tiles: list[bytes]
    num_different: int
    num_as_original: int
    equal_pairs: int
    pairs: int
    distances: np.ndarray
    closest: tuple[int, int] | None
    closest_distance: float


def compare(images: np.ndarray, plain: np.ndarray, tiles: list[bytes]) -> Repeated:
    """Compare each picture with each other one, byte for byte and by how far they are apart.

    Args:
        images: uint8 `(n, h, w, 3)`, at least two.
        plain: The picture as it is, uint8 `(h, w, 3)`.
        tiles: The pictures as JPEGs.
    """
    contents = [image.tobytes() for image in images]
    groups: dict[bytes, int] = {}
    kinds = np.array([groups.setdefault(content, len(groups)) for content in contents])
    left, right = np.triu_indices(len(images), 1)
    distances = _distances(images)[left, right]
    equal = kinds[left] == kinds[right]
    distances[equal] = 0
    closest, near = None, 0.0
    if not equal.all():
        place = int(np.argmin(np.where(equal, np.inf, distances)))
        closest, near = (int(left[place]), int(right[place])), float(distances[place])
    return Repeated(
        tiles,
        num_different=len(groups),
        num_as_original=contents.count(plain.tobytes()),
        equal_pairs=int(equal.sum()),
        pairs=len(left),
        distances=distances,
        closest=closest,
        closest_distance=near,
    )


def _distances(images: np.ndarray) -> np.ndarray:
    """Root mean squared differences, float32 `(n, n)`, by |a - b|² = |a|² + |b|² - 2 a·b."""
    flat = images.reshape(len(images), -1).astype(np.float32)
    # Small numbers lose less in the subtraction.
    flat -= flat.mean(axis=0)
    products = flat @ flat.T
    squares = np.diag(products)
    apart = squares[:, None] + squares[None, :] - 2 * products
    return np.sqrt(np.maximum(apart, 0) / flat.shape[1])
