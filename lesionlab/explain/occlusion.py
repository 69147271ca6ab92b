"""What happens to the answer when a part of the picture is covered.

Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks", section 4.2: a grey
square is moved over the picture, and the probability of a class is written down at each place. Here
the square has the picture's own mean colour, which is less of a novelty to the network.
"""

from __future__ import annotations

import numpy as np


def places(size: tuple[int, int], grid: int) -> np.ndarray:
    """Squares on a grid, each reaching over half of its neighbours.

    Args:
        size: Height and width of the picture in pixels.
        grid: Squares a row and a column.

    Returns:
        int `(grid * grid, 4)` with top, left, bottom, right, the last two exclusive; row by row.
    """
    height, width = size
    rows = _spans(height, grid)
    columns = _spans(width, grid)
    return np.array([(top, left, low, right) for top, low in rows for left, right in columns])


def _spans(length: int, grid: int) -> list[tuple[int, int]]:
    step = length / grid
    return [
        (max(0, round((k - 0.5) * step)), min(length, round((k + 1.5) * step))) for k in range(grid)
    ]


def covered(pixels: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Copies of a picture, each with one square in the picture's mean colour.

    Args:
        pixels: uint8 `(h, w, 3)`.
        squares: From `places`, `(n, 4)`.

    Returns:
        uint8 `(n, h, w, 3)`.
    """
    colour = np.rint(pixels.mean(axis=(0, 1))).astype(np.uint8)
    found = np.repeat(pixels[None], len(squares), axis=0)
    for picture, (top, left, bottom, right) in zip(found, squares, strict=True):
        picture[top:bottom, left:right] = colour
    return found
