"""Feature maps as pictures: tiles of a grid, one by itself, and signed values in colour."""

from __future__ import annotations

import numpy as np

from lesionlab.app import pictures
from lesionlab.app.inside import sizes
from lesionlab.app.pictures import Tile
from lesionlab.app.theme import DIVERGING

TILE_PIXELS, LARGE_PIXELS = 112, 560


def enlarged(values: np.ndarray, least: int) -> np.ndarray:
    """Each number as a square of pixels, so that the longer side has about `least` of them.

    Args:
        values: `(h, w)` or `(h, w, 3)`.
    """
    times = max(1, round(least / max(values.shape[:2])))
    return values.repeat(times, axis=0).repeat(times, axis=1)


def map_tiles(
    maps: np.ndarray, indices: np.ndarray, means: np.ndarray, chosen: int
) -> dict[str, Tile]:
    """A tile for each map, stretched to its own range, under the number that readers count by.

    Args:
        maps: float `(k, h, w)`.
        indices: int `(k,)`, from 0.
        means: float `(k,)`.
        chosen: The index of the marked one.
    """
    tiles = {}
    for one, index, mean in zip(sizes.scaled(maps), indices, means, strict=True):
        content = pictures.encode(enlarged(one, TILE_PIXELS), longest=224, exact=True)
        activation = number(float(mean))
        words = f"Map {index + 1}, activation {activation}"
        # A NumPy bool would keep the tiles from being sent as JSON.
        is_chosen = bool(index == chosen)
        tiles[str(index)] = Tile(content, words, f"{index + 1} · {activation}", "", is_chosen)
    return tiles


def number(value: float) -> str:
    """A number with two decimals, a real minus sign, and no minus before zero."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def large_map(values: np.ndarray) -> tuple[bytes, int, int]:
    """One map in grey as a PNG with its width and height in pixels, to zoom into."""
    shown = enlarged(sizes.scaled(values[None])[0], LARGE_PIXELS)
    content = pictures.encode(shown, longest=max(shown.shape), exact=True)
    return content, shown.shape[1], shown.shape[0]


def signed_map(values: np.ndarray, limit: float) -> np.ndarray:
    """A map in the house's colours around zero, uint8 `(h', w', 3)`."""
    return enlarged(pictures.colour_map(values, DIVERGING, limit), TILE_PIXELS * 2)


def kernel_picture(kernel: np.ndarray) -> np.ndarray:
    """A filter over red, green and blue: its three tables beside each other, around zero.

    Args:
        kernel: float `(k, k, 3)`.

    Returns:
        uint8 `(h, 3 h + two gaps, 3)`.
    """
    limit = float(np.abs(kernel).max())
    tables = [
        enlarged(pictures.colour_map(kernel[..., k], DIVERGING, limit), TILE_PIXELS)
        for k in range(3)
    ]
    gap = np.full((len(tables[0]), 8, 3), 128, np.uint8)
    return np.concatenate([tables[0], gap, tables[1], gap, tables[2]], axis=1)


def activation_words(values: np.ndarray) -> str:
    """What one map holds, in a sentence: range, mean, and how much of it is zero."""
    low, high, mean = (number(float(n)) for n in (values.min(), values.max(), values.mean()))
    words = f"values from {low} to {high}, mean {mean}"
    zero = float((values == 0).mean())
    return f"{words}, {zero:.0%} of the places are zero" if zero >= 0.005 else words
