"""Kernels with a name, and how to make others: small tables of weights for a convolution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lesionlab.errors import LesionlabError


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


def average(size: int) -> np.ndarray:
    """The mean of a square of pixels: float32 `(size, size)`, every weight 1 / size²."""
    return np.full((size, size), 1 / size**2, np.float32)


def gaussian(size: int, sigma: float) -> np.ndarray:
    """The bell of Gauss: near pixels count more than far ones.

    Args:
        size: Height and width of the table, 1 or more; odd sizes have a middle pixel.
        sigma: Width of the bell in pixels, above 0: six tenths of the weight along a line lie
            within `sigma` of the middle.

    Returns:
        float32 `(size, size)`, with the sum 1.

    Raises:
        LesionlabError: The size or the width makes no sense.
    """
    if size < 1 or not sigma > 0:
        raise LesionlabError(
            "A Gaussian kernel needs a size of at least 1 and a width above 0.",
            f"Size {size} and width {sigma} were given.",
            "Choose larger ones.",
        )
    places = np.arange(size) - (size - 1) / 2
    # Only the ratio to the middle counts, and so a very narrow bell does not become all zeros.
    bell = np.exp((np.abs(places).min() ** 2 - places**2) / (2 * sigma**2))
    bell /= bell.sum()
    return np.outer(bell, bell).astype(np.float32)


def normalised(kernel: np.ndarray) -> np.ndarray:
    """The kernel, divided so that its answer stays as bright as the picture.

    Divided by the sum of its weights. Where they cancel out (edges), by the sum of those above
    zero, so that the answer to 0..255 lies in -255..255; a kernel of zeros stays as it is.

    Args:
        kernel: Weights of any shape.

    Returns:
        float32, of the same shape.
    """
    weights = kernel.astype(np.float64)
    total, above = weights.sum(), weights[weights > 0].sum()
    by = total if abs(total) > 1e-6 * np.abs(weights).sum() else above
    return (weights / (by or 1.0)).astype(np.float32)


def _table(*rows: tuple[float, ...]) -> np.ndarray:
    return np.array(rows, np.float32)


# Those of the activity in Cullell-Dalmau et al. (Frontiers in Medicine 8, 2021).
PAPER_KERNELS = ("average-7", "average-15", "sharpen", "laplacian", "sobel-x", "sobel-y")

KERNELS: dict[str, Kernel] = {
    kernel.name: kernel
    for kernel in (
        Kernel(
            "average-7",
            "Average 7×7",
            average(7),
            "Each pixel becomes the mean of the 49 around it: the picture blurs a little.",
        ),
        Kernel(
            "average-15",
            "Average 15×15",
            average(15),
            "Each pixel becomes the mean of the 225 around it: hairs and fine structure vanish.",
        ),
        Kernel(
            "sharpen",
            "Sharpen",
            _table((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
            "What a pixel has more than its neighbours is made larger: edges stand out.",
        ),
        Kernel(
            "laplacian",
            "Laplacian",
            _table((0, 1, 0), (1, -4, 1), (0, 1, 0)),
            "How much the neighbours differ from the pixel: zero on even skin, large at spots.",
        ),
        Kernel(
            "sobel-x",
            "Sobel X",
            _table((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
            "Right minus left, along x: finds edges that stand upright.",
        ),
        Kernel(
            "sobel-y",
            "Sobel Y",
            _table((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
            "Below minus above, along y: finds edges that lie flat.",
        ),
        Kernel(
            "identity",
            "Identity",
            _table((0, 0, 0), (0, 1, 0), (0, 0, 0)),
            "Each pixel is copied: the answer is the picture itself.",
        ),
        Kernel(
            "gaussian-5",
            "Gaussian 5×5",
            gaussian(5, 1.0),
            "A mean in which near pixels count more: a soft blur without the average's squares.",
        ),
        Kernel(
            "gaussian-11",
            "Gaussian 11×11",
            gaussian(11, 2.0),
            "The same bell, twice as wide: hairs fade and the lesion's shape stays.",
        ),
        Kernel(
            "sharpen-8",
            "Sharpen, 8 neighbours",
            _table((-1, -1, -1), (-1, 9, -1), (-1, -1, -1)),
            "Sharpens slanting edges too, and makes noise louder still.",
        ),
        Kernel(
            "unsharp",
            "Unsharp mask",
            2 * np.pad(_table((1,)), 2) - gaussian(5, 1.0),
            "The picture twice, minus its soft blur: sharpens more gently than the small tables.",
        ),
        Kernel(
            "laplacian-8",
            "Laplacian, 8 neighbours",
            _table((1, 1, 1), (1, -8, 1), (1, 1, 1)),
            "The Laplacian that looks along the diagonals, too: outlines in all directions.",
        ),
        Kernel(
            "emboss",
            "Emboss",
            _table((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
            "Lower right minus upper left, on top of the picture: it looks like a relief.",
        ),
    )
}
