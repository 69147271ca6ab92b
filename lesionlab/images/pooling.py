"""Pooling: each small square of numbers becomes one."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from lesionlab.errors import LesionlabError

Pooling = Literal["max", "average", "sum"]


def pool(
    values: np.ndarray, size: int = 2, kind: Pooling = "max", stride: int | None = None
) -> np.ndarray:
    """Make one number of each square: its largest, its mean, or its sum.

    Args:
        values: `(h, w)`, or `(h, w, c)` with each channel for itself.
        size: Height and width of the square.
        kind: `max`, `average` or `sum`.
        stride: How far the square moves; by its own size if nothing is said. What is left over at
            the right and at the bottom is dropped, as in networks without padding.

    Returns:
        float32 `(1 + (h - size) // stride, 1 + (w - size) // stride)`, and the channels.

    Raises:
        LesionlabError: The square does not fit, or an argument makes no sense.
    """
    stride = size if stride is None else stride
    if kind not in get_args(Pooling) or size < 1 or stride < 1:
        raise LesionlabError(
            f"Pooling is one of {', '.join(get_args(Pooling))}, of squares of at least 1×1.",
            f"{kind!r} of {size}×{size}, moved by {stride}, was asked for.",
            "Choose others.",
        )
    if min(values.shape[:2]) < size:
        raise LesionlabError(
            f"Pooling by {size}×{size} needs at least {size} rows and columns.",
            f"There are {values.shape[0]}×{values.shape[1]}.",
            "Take a smaller square or a larger picture.",
        )
    squares = np.lib.stride_tricks.sliding_window_view(values, (size, size), axis=(0, 1))
    squares = squares[::stride, ::stride].astype(np.float32)
    if kind == "max":
        found: np.ndarray = squares.max(axis=(-2, -1))
    elif kind == "average":
        found = squares.mean(axis=(-2, -1))
    else:
        found = squares.sum(axis=(-2, -1))
    return found
