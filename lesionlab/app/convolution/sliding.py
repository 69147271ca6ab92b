"""The chosen kernel over the chosen layers: numbers in, numbers out, and how both are drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lesionlab.app.convolution.choices import Choices
from lesionlab.images.convolve import Padding, convolve, convolve_summed, output_length

COLOURS = ("red", "green", "blue")


@dataclass(frozen=True, eq=False)
class Slid:
    """A kernel's answer.

    Attributes:
        layers: What went in, uint8 `(h, w, c)` with one channel or three.
        result: float32 `(height, width)`, or `(height, width, 3)` for each colour.
    """

    layers: np.ndarray
    result: np.ndarray


def layers_of(image: np.ndarray, layer: str) -> np.ndarray:
    """What goes in: uint8 `(h, w, 1)`, or `(h, w, 3)` for `each` and `summed`.

    Brightness is the mean of the three colours, rounded, so that what is shown is what is summed.

    Args:
        image: uint8 RGB `(h, w, 3)`.
        layer: A key of LAYERS.
    """
    if layer in ("each", "summed"):
        return image
    if layer == "brightness":
        return np.rint(image.mean(axis=2, keepdims=True)).astype(np.uint8)
    k = COLOURS.index(layer)
    return image[..., k : k + 1]


def fits(image: np.ndarray, choices: Choices) -> bool:
    """Whether the kernel finds at least one place in the picture."""
    return choices.padding != "valid" or min(image.shape[:2]) >= choices.reach


def slide(image: np.ndarray, choices: Choices) -> Slid:
    """Slide the kernel; kept for a while, because most reruns change something else.

    Args:
        image: uint8 RGB `(h, w, 3)`.
    """
    return _slide(
        image.tobytes(),
        image.shape[:2],
        choices.weights.astype(np.float32).tobytes(),
        choices.weights.shape,
        choices.layer,
        choices.stride,
        choices.padding,
        choices.dilation,
        choices.bias,
    )


@lru_cache(maxsize=24)
def _slide(
    pixels: bytes,
    size: tuple[int, int],
    weights: bytes,
    shape: tuple[int, ...],
    layer: str,
    stride: int,
    padding: Padding,
    dilation: int,
    bias: float,
) -> Slid:
    image = np.frombuffer(pixels, np.uint8).reshape(*size, 3)
    kernel = np.frombuffer(weights, np.float32).reshape(shape)
    layers = layers_of(image, layer)
    if layer == "summed":
        return Slid(layers, convolve_summed(layers, kernel, stride, padding, dilation, bias))
    result = convolve(layers, kernel, stride, padding, dilation, bias)
    return Slid(layers, result if layer == "each" else result[..., 0])


def keeps_brightness(choices: Choices) -> bool:
    """Whether the answer is a picture again: the weights add up to about one."""
    times = 3 if choices.layer == "summed" and choices.weights.ndim == 2 else 1
    total = float(choices.weights.sum()) * times
    return 0.5 <= total <= 1.5


def size_formula(length: int, choices: Choices) -> str:
    """The output size along one side in LaTeX, with the numbers put in."""
    side, stride, dilation = len(choices.weights), choices.stride, choices.dilation
    out = output_length(length, side, stride, choices.padding, dilation)
    padded = 0
    if choices.padding != "valid":
        padded = max((out - 1) * stride + choices.reach - length, 0)
    return (
        rf"\left\lfloor\frac{{{length} + {padded} - {dilation}\cdot({side}-1) - 1}}{{{stride}}}"
        rf"\right\rfloor + 1 = {out}"
    )
