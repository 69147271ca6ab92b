"""How far a kernel reaches: places along a side, pixels beyond the border, output sizes."""

from __future__ import annotations

from typing import Literal

import numpy as np

Padding = Literal["same", "valid", "reflect", "replicate"]
# How NumPy calls the ways to go on beyond the border; `same` goes on with zeros, as networks do.
PAD_MODES = {"same": "constant", "reflect": "reflect", "replicate": "edge"}


def output_length(
    length: int, kernel: int, stride: int = 1, padding: Padding = "same", dilation: int = 1
) -> int:
    """How many places the kernel takes along one side of a picture.

    ceil(length / stride) with padding, floor((length - span) / stride) + 1 without, where
    span = dilation * (kernel - 1) + 1. 0 where it does not fit. (Dumoulin and Visin, 2016.)

    Args:
        length: Pixels of the picture along this side.
        kernel: Weights of the kernel along it.
    """
    if padding == "valid":
        return max(0, (length - span(kernel, dilation)) // stride + 1)
    return -(-length // stride)


def span(kernel: int, dilation: int = 1) -> int:
    """How many pixels a kernel reaches over, from its first weight to its last."""
    return dilation * (kernel - 1) + 1


def window_start(
    length: int,
    place: int,
    kernel: int,
    stride: int = 1,
    padding: Padding = "same",
    dilation: int = 1,
) -> int:
    """The pixel under the kernel's first weight at one place; below 0 is beyond the border.

    Args:
        length: Pixels of the picture along this side.
        place: Which answer along this side, from 0.
        kernel: Weights of the kernel along it.
    """
    before = 0 if padding == "valid" else border(length, kernel, stride, dilation)[0]
    return place * stride - before


def padded(
    image: np.ndarray, shape: tuple[int, ...], stride: int, padding: Padding, dilation: int
) -> np.ndarray:
    """The picture, continued beyond its border as far as the kernel reaches."""
    if padding == "valid":
        return image
    borders = [border(image.shape[side], shape[side], stride, dilation) for side in (0, 1)]
    borders += [(0, 0)] * (image.ndim - 2)
    return np.pad(image, borders, mode=PAD_MODES[padding])  # type: ignore[call-overload]


def border(length: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Pixels before and after, as TensorFlow's `same` counts them: the odd one comes after."""
    places = -(-length // stride)
    total = max((places - 1) * stride + span(kernel, dilation) - length, 0)
    return total // 2, total - total // 2
