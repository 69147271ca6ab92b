"""Convolution by hand: a small table of weights slides over a picture.

As networks do it (the kernel is not turned round), so strictly it is cross-correlation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Padding = Literal["same", "valid", "reflect", "replicate"]
# How NumPy calls the ways to go on beyond the border; `same` goes on with zeros, as networks do.
PAD_MODES = {"same": "constant", "reflect": "reflect", "replicate": "edge"}


@dataclass(frozen=True, eq=False)
class Kernel:
    """Weights that slide over a picture.

    Attributes:
        name: Lower-case name, as in files.
        title: What pages call it.
        weights: float32 `(k, k)`.
        plain: One sentence on what it does.
    """

    name: str
    title: str
    weights: np.ndarray
    plain: str


def _average(size: int) -> np.ndarray:
    return np.full((size, size), 1 / size**2, np.float32)


KERNELS: dict[str, Kernel] = {
    kernel.name: kernel
    for kernel in (
        Kernel(
            "average-7",
            "Average 7×7",
            _average(7),
            "Each pixel becomes the mean of the 49 around it: the picture blurs a little.",
        ),
        Kernel(
            "average-15",
            "Average 15×15",
            _average(15),
            "Each pixel becomes the mean of the 225 around it: hairs and fine structure vanish.",
        ),
        Kernel(
            "sharpen",
            "Sharpen",
            np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], np.float32),
            "What a pixel has more than its neighbours is made larger: edges stand out.",
        ),
        Kernel(
            "laplacian",
            "Laplacian",
            np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], np.float32),
            "How much the neighbours differ from the pixel: zero on even skin, large at spots.",
        ),
        Kernel(
            "sobel-x",
            "Sobel, left to right",
            np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32),
            "Right minus left: finds edges that stand upright.",
        ),
        Kernel(
            "sobel-y",
            "Sobel, top to bottom",
            np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], np.float32),
            "Below minus above: finds edges that lie flat.",
        ),
    )
}


def convolve(
    image: np.ndarray, kernel: np.ndarray, stride: int = 1, padding: Padding = "same"
) -> np.ndarray:
    """Slide a kernel over a picture: out[y, x] = sum of kernel[i, j] * image[y s + i, x s + j].

    Args:
        image: `(h, w)`, or `(h, w, c)` with each channel for itself; any number type.
        kernel: `(k, l)`.
        stride: How far the kernel moves each time.
        padding: `valid` stays inside the picture; `same` goes on with zeros beyond it, `reflect`
            with its mirror image, `replicate` with its last pixel.

    Returns:
        float32; `(ceil(h / stride), ceil(w / stride))` with padding, without it
        `(1 + (h - k) // stride, 1 + (w - l) // stride)`, and the channels as they came.

    Raises:
        ValueError: The kernel does not fit into the picture, or an argument makes no sense.
    """
    height, width = kernel.shape
    if padding != "valid" and padding not in PAD_MODES:
        raise ValueError(f"Expected padding valid, {', '.join(PAD_MODES)}; received {padding!r}.")
    if stride < 1 or image.ndim not in (2, 3):
        raise ValueError(
            "Expected a picture (h, w) or (h, w, c) and a stride of at least 1; "
            f"received the shape {image.shape} and the stride {stride}."
        )
    pixels = image.astype(np.float32)
    if padding != "valid":
        borders = [_border(image.shape[0], height, stride), _border(image.shape[1], width, stride)]
        borders += [(0, 0)] * (image.ndim - 2)
        pixels = np.pad(pixels, borders, mode=PAD_MODES[padding])  # type: ignore[call-overload]
    if pixels.shape[0] < height or pixels.shape[1] < width:
        raise ValueError(
            f"Expected a picture of at least {height}×{width}; received {image.shape[:2]}."
        )
    column_and_row = _factors(kernel)
    if column_and_row is None:
        return _slide(pixels, kernel, stride)
    # A table that is a column times a row can be done one after the other: 30 weights, not 225.
    column, row = column_and_row
    down = _slide(pixels, column[:, None], (stride, 1))
    return _slide(down, row[None, :], (1, stride))


def _border(length: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and after, as TensorFlow's `same` counts them: the odd one comes after."""
    total = max((-(-length // stride) - 1) * stride + kernel - length, 0)
    return total // 2, total - total // 2


def _slide(pixels: np.ndarray, kernel: np.ndarray, stride: int | tuple[int, int]) -> np.ndarray:
    """Add the picture up, moved by each place of the kernel and times its weight."""
    down, right = (stride, stride) if isinstance(stride, int) else stride
    height = 1 + (pixels.shape[0] - kernel.shape[0]) // down
    width = 1 + (pixels.shape[1] - kernel.shape[1]) // right
    out = np.zeros((height, width, *pixels.shape[2:]), np.float32)
    for (i, j), weight in np.ndenumerate(kernel):
        if weight:
            moved = pixels[i : i + down * (height - 1) + 1 : down]
            moved = moved[:, j : j + right * (width - 1) + 1 : right]
            out += np.float32(weight) * moved
    return out


def _factors(kernel: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """A column and a row whose product the kernel is, or None."""
    i, j = np.unravel_index(np.argmax(np.abs(kernel)), kernel.shape)
    if min(kernel.shape) == 1 or kernel[i, j] == 0:
        return None
    column, row = kernel[:, j], kernel[i] / kernel[i, j]
    return (column, row) if np.allclose(np.outer(column, row), kernel, atol=1e-7) else None
