"""Convolution against `keras.ops.conv` on random pictures: every setting, to 1e-4.

The random kernels are as large as a network's at its start: their weights shrink with their number
(Glorot and Bengio, 2010). With 675 weights around 1 Keras's own rounding is 1e-4.
"""

from __future__ import annotations

from itertools import product
from typing import Any, get_args

import numpy as np
import pytest

from lesionlab.images.convolve import KERNELS, convolve, convolve_summed
from lesionlab.images.reach import PAD_MODES, Padding, border

SIZES = [(1, 1), (3, 3), (2, 4), (15, 15)]
# Keras refuses a stride together with a dilation; tests/test_convolve.py has their hand-worked sum.
STEPS = [(1, 1), (2, 1), (3, 1), (1, 2), (1, 3)]


def by_keras(
    image: np.ndarray, kernel: np.ndarray, stride: int, padding: str, dilation: int, how: str
) -> np.ndarray:
    """The same with Keras: `how` is its function, the kernel (k, l, c, filters)."""
    from keras import ops

    function: Any = getattr(ops, how)
    if padding not in ("same", "valid"):
        borders = [border(image.shape[k], kernel.shape[k], stride, dilation) for k in (0, 1)]
        image = np.pad(image, [*borders, (0, 0)], mode=PAD_MODES[padding])  # type: ignore[call-overload]
        padding = "valid"
    found = function(image[None], kernel, strides=stride, padding=padding, dilation_rate=dilation)
    return np.asarray(ops.convert_to_numpy(found))[0]


@pytest.mark.parametrize("padding", get_args(Padding))
@pytest.mark.parametrize(("size", "steps"), list(product(SIZES, STEPS)))
def test_every_setting(
    size: tuple[int, int], steps: tuple[int, int], padding: Padding, rng: np.random.Generator
) -> None:
    stride, dilation = steps
    image = rng.normal(size=(50, 47, 3)).astype(np.float32)
    kernel = rng.normal(size=(*size, 3)).astype(np.float32) / np.float32(np.sqrt(np.prod(size)))
    bias = float(rng.normal())
    setting = (stride, padding, dilation)

    one = convolve(image[..., 0], kernel[..., 0], *setting, bias)
    wanted = by_keras(image[..., :1], kernel[..., :1, None], *setting, "conv")[..., 0] + bias
    np.testing.assert_allclose(one, wanted, rtol=0, atol=1e-4)

    alike = convolve(image, kernel[..., 0], *setting, bias)
    repeated = np.repeat(kernel[..., :1], 3, axis=2)[..., None]
    wanted = by_keras(image, repeated, *setting, "depthwise_conv") + bias
    np.testing.assert_allclose(alike, wanted, rtol=0, atol=1e-4)

    each = convolve(image, kernel, *setting, bias)
    wanted = by_keras(image, kernel[..., None], *setting, "depthwise_conv") + bias
    np.testing.assert_allclose(each, wanted, rtol=0, atol=1e-4)

    summed = convolve_summed(image, kernel, *setting, bias)
    wanted = by_keras(image, kernel[..., None], *setting, "conv")[..., 0] + bias
    np.testing.assert_allclose(summed, wanted, rtol=0, atol=1e-4)

    same = convolve_summed(image, kernel[..., 0], *setting, bias)
    wanted = by_keras(image, repeated, *setting, "conv")[..., 0] + bias
    np.testing.assert_allclose(same, wanted, rtol=0, atol=1e-4)


@pytest.mark.parametrize(("name", "stride"), [*((name, 1) for name in KERNELS), ("sobel-x", 2)])
def test_every_named_kernel_on_a_picture_of_many_strips(
    name: str, stride: int, rng: np.random.Generator
) -> None:
    image = rng.random((700, 150, 3)).astype(np.float32)
    weights = KERNELS[name].weights
    found = convolve(image, weights, stride)
    repeated = np.repeat(weights[..., None], 3, axis=2)[..., None]
    wanted = by_keras(image, repeated, stride, "same", 1, "depthwise_conv")
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-4)
