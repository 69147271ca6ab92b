"""Convolution by hand: a small table of weights slides over a picture.

As networks do it (the kernel is not turned round), so strictly it is cross-correlation.
"""

from __future__ import annotations

from typing import get_args

import numpy as np

from lesionlab.errors import LesionlabError
from lesionlab.images.kernels import KERNELS, PAPER_KERNELS, Kernel
from lesionlab.images.reach import Padding, output_length, padded, span, window_start

__all__ = [
    "KERNELS",
    "PAPER_KERNELS",
    "Kernel",
    "Padding",
    "convolve",
    "convolve_summed",
    "output_length",
    "patch_at",
    "span",
    "window_start",
]

# Numbers of the answer in work at once: many more fall out of the processor's cache.
STRIP_NUMBERS = 1 << 16


def convolve(
    image: np.ndarray,
    kernel: np.ndarray,
    stride: int = 1,
    padding: Padding = "same",
    dilation: int = 1,
    bias: float = 0.0,
) -> np.ndarray:
    """Slide a kernel over a picture.

    out[y, x] = bias + sum over i, j of kernel[i, j] * image[y s + i d, x s + j d]
    with the stride s and the dilation d.

    Args:
        image: `(h, w)`, or `(h, w, c)` with each channel for itself; any number type.
        kernel: `(k, l)`, or `(k, l, c)` with one table for each channel.
        stride: How many pixels the kernel moves each time.
        padding: `valid` stays inside the picture; `same` goes on with zeros beyond it, `reflect`
            with its mirror image, `replicate` with its last pixel.
        dilation: How many pixels lie between one weight and the next: 1 leaves no gaps.
        bias: Added to every answer.

    Returns:
        float32; height and width as `output_length` says, and the channels as they came.

    Raises:
        LesionlabError: The kernel does not fit into the picture, or an argument makes no sense.
    """
    _check(image, kernel, stride, padding, dilation)
    if kernel.ndim == 3:
        answers = [
            convolve(image[..., c], kernel[..., c], stride, padding, dilation, bias)
            for c in range(kernel.shape[2])
        ]
        return np.stack(answers, axis=-1)
    pixels = padded(image, kernel.shape[:2], stride, padding, dilation)
    places = [
        output_length(length, size, stride, "valid", dilation)
        for length, size in zip(pixels.shape[:2], kernel.shape, strict=True)
    ]
    out = np.empty((*places, *image.shape[2:]), np.float32)
    column_and_row = _factors(kernel)
    rows = max(1, STRIP_NUMBERS // out[0].size)
    for first in range(0, places[0], rows):
        strip = out[first : first + rows]
        below = pixels[first * stride :][: (len(strip) - 1) * stride + span(len(kernel), dilation)]
        below = below.astype(np.float32)
        if column_and_row is None:
            _slide(below, kernel, (stride, stride), dilation, strip)
        else:
            # A column times a row can be done one after the other: 30 weights, not 225.
            column, row = column_and_row
            down = np.empty((len(strip), *pixels.shape[1:]), np.float32)
            _slide(below, column[:, None], (stride, 1), dilation, down)
            _slide(down, row[None, :], (1, stride), dilation, strip)
    if bias:
        out += np.float32(bias)
    return out


def convolve_summed(
    image: np.ndarray,
    kernel: np.ndarray,
    stride: int = 1,
    padding: Padding = "same",
    dilation: int = 1,
    bias: float = 0.0,
) -> np.ndarray:
    """One answer from all channels, as a unit of a network gives it: their sum, and the bias once.

    Args:
        image: `(h, w, c)`.
        kernel: `(k, l)` for all channels alike, or `(k, l, c)` with one table for each.

    Returns:
        float32 `(height, width)`; all else as in `convolve`.
    """
    if kernel.ndim == 2 and image.ndim == 3:
        # The same weights for all: add the channels first, and slide once.
        image = image.astype(np.float32).sum(axis=2)
        return convolve(image, kernel, stride, padding, dilation, bias)
    out = convolve(image, kernel, stride, padding, dilation)
    out = out.sum(axis=2) if out.ndim == 3 else out
    return out + np.float32(bias)


def patch_at(
    image: np.ndarray,
    y: int,
    x: int,
    shape: tuple[int, ...],
    stride: int = 1,
    padding: Padding = "same",
    dilation: int = 1,
) -> np.ndarray:
    """The pixels under the kernel where it gives the answer at (y, x).

    `(patch * kernel).sum() + bias` is that answer.

    Args:
        image: `(h, w)` or `(h, w, c)`.
        y: Row of the answer, from 0; likewise the column `x`.
        shape: Height and width of the kernel.

    Returns:
        float32 `(k, l)` or `(k, l, c)`; beyond the border filled as `padding` says.

    Raises:
        LesionlabError: There is no such answer, or an argument makes no sense.
    """
    _check(image, np.zeros(shape[:2]), stride, padding, dilation)
    lengths = [
        output_length(image.shape[side], shape[side], stride, padding, dilation) for side in (0, 1)
    ]
    if not (0 <= y < lengths[0] and 0 <= x < lengths[1]):
        raise LesionlabError(
            f"The answer has {lengths[0]}×{lengths[1]} places, counted from 0.",
            f"The place {y}, {x} was asked for.",
            "Choose one inside.",
        )
    pixels = padded(image, shape, stride, padding, dilation)
    top, left = y * stride, x * stride
    rows = slice(top, top + span(shape[0], dilation), dilation)
    columns = slice(left, left + span(shape[1], dilation), dilation)
    return pixels[rows, columns].astype(np.float32)


def _check(
    image: np.ndarray, kernel: np.ndarray, stride: int, padding: Padding, dilation: int
) -> None:
    if padding not in get_args(Padding):
        raise LesionlabError(
            f"The padding is one of {', '.join(get_args(Padding))}.",
            f"{padding!r} was given.",
            "Choose one of these.",
        )
    if image.ndim not in (2, 3) or stride < 1 or dilation < 1:
        raise LesionlabError(
            "A picture (h, w) or (h, w, c), a stride and a dilation of at least 1 are needed.",
            f"The shape {image.shape}, stride {stride} and dilation {dilation} were given.",
            "Choose whole numbers from 1.",
        )
    if kernel.ndim not in (2, 3) or (kernel.ndim == 3 and kernel.shape[2:] != image.shape[2:]):
        raise LesionlabError(
            "A kernel is one table for all channels, or has one for each channel of the picture.",
            f"A kernel {kernel.shape} came with a picture {image.shape}.",
            "Take another kernel.",
        )
    if not kernel.size or not np.isfinite(kernel).all():
        raise LesionlabError(
            "Every weight of a kernel is a number.",
            "A weight is missing or infinite.",
            "Fill in every cell.",
        )
    needed = [span(length, dilation) for length in kernel.shape[:2]]
    small = image.shape[0] < needed[0] or image.shape[1] < needed[1]
    if not image.size or (padding == "valid" and small):
        raise LesionlabError(
            f"Without padding the picture must have at least {needed[0]}×{needed[1]} pixels.",
            f"It has {image.shape[0]}×{image.shape[1]}.",
            "Take a smaller kernel or dilation, or a padding.",
        )


def _slide(
    pixels: np.ndarray,
    kernel: np.ndarray,
    stride: tuple[int, int],
    dilation: int,
    out: np.ndarray,
) -> None:
    """Add the picture up in `out`, moved by each place of the kernel and times its weight."""
    down, right = stride
    product = np.empty_like(out)
    out[...] = 0
    # Where all weights are equal (averages) the sum is multiplied once, at the end.
    weight = kernel.flat[0]
    common = weight if weight and (kernel == weight).all() else 1
    for (i, j), weight in np.ndenumerate(kernel / common):
        rows = slice(i * dilation, i * dilation + down * (out.shape[0] - 1) + 1, down)
        columns = slice(j * dilation, j * dilation + right * (out.shape[1] - 1) + 1, right)
        if weight == 1:
            out += pixels[rows, columns]
        elif weight == -1:
            out -= pixels[rows, columns]
        elif weight:
            np.multiply(pixels[rows, columns], np.float32(weight), out=product)
            out += product
    if common != 1:
        out *= np.float32(common)


def _factors(kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """A column and a row whose product the kernel is, or None where that does not save work."""
    weights = kernel.astype(np.float64)
    i, j = np.unravel_index(np.argmax(np.abs(weights)), weights.shape)
    largest = weights[i, j]
    if largest == 0:
        return None
    column, row = weights[:, j], weights[i] / largest
    if np.count_nonzero(column) + np.count_nonzero(row) >= np.count_nonzero(weights):
        return None
    # Within the rounding of float32 weights.
    near = np.abs(np.outer(column, row) - weights).max() <= 2e-7 * abs(largest)
    return (column, row) if near else None
