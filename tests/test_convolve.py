"""Convolution against sums worked out by hand, and against TensorFlow's way of counting borders."""

from __future__ import annotations

import numpy as np
import pytest

from lesionlab.images.convolve import KERNELS, convolve

COUNTING = np.arange(12).reshape(3, 4)  # 0 1 2 3 / 4 5 6 7 / 8 9 10 11


def test_valid_by_hand() -> None:
    kernel = np.array([[1, 2], [3, 4]])
    # First place: 1*0 + 2*1 + 3*4 + 4*5 = 34; each step to the right adds 10, down adds 40.
    assert convolve(COUNTING, kernel, padding="valid").tolist() == [[34, 44, 54], [74, 84, 94]]


def test_the_kernel_is_not_turned_round() -> None:
    right_minus_left = convolve(COUNTING, KERNELS["sobel-x"].weights, padding="valid")
    assert right_minus_left.tolist() == [[8, 8]]
    below_minus_above = convolve(COUNTING, KERNELS["sobel-y"].weights, padding="valid")
    assert below_minus_above.tolist() == [[32, 32]]


@pytest.mark.parametrize(
    ("padding", "corner"),
    [
        ("same", 0 + 1 + 4 + 5),
        ("replicate", 0 + 0 + 1 + 0 + 0 + 1 + 4 + 4 + 5),
        ("reflect", 5 + 4 + 5 + 1 + 0 + 1 + 5 + 4 + 5),
    ],
)
def test_borders_by_hand(padding: str, corner: int) -> None:
    out = convolve(COUNTING, np.ones((3, 3)), padding=padding)  # type: ignore[arg-type]
    assert out.shape == (3, 4)
    assert out[0, 0] == corner
    assert out[1, 1] == 0 + 1 + 2 + 4 + 5 + 6 + 8 + 9 + 10


def test_stride_by_hand() -> None:
    assert convolve(COUNTING, np.ones((1, 1)), stride=2).tolist() == [[0, 2], [8, 10]]
    # As TensorFlow counts `same`: 3 rows at stride 2 want one zero row on each side, 4 columns at
    # stride 2 one zero column, and that one comes after.
    out = convolve(COUNTING, np.ones((3, 3)), stride=2)
    assert out.tolist() == [
        [0 + 1 + 2 + 4 + 5 + 6, 2 + 3 + 6 + 7],
        [4 + 5 + 6 + 8 + 9 + 10, 6 + 7 + 10 + 11],
    ]


def test_channels_stay_apart(rng: np.random.Generator) -> None:
    image = rng.integers(0, 256, (9, 11, 3)).astype(np.uint8)
    kernel = rng.normal(size=(3, 5))
    out = convolve(image, kernel, padding="reflect")
    assert out.shape == (9, 11, 3)
    assert out.dtype == np.float32
    for channel in range(3):
        alone = convolve(image[..., channel], kernel, padding="reflect")
        np.testing.assert_allclose(out[..., channel], alone, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("name", list(KERNELS))
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_the_quick_way_equals_the_definition(
    name: str, stride: int, rng: np.random.Generator
) -> None:
    image = rng.integers(0, 256, (20, 23)).astype(np.uint8)
    kernel = KERNELS[name].weights.astype(np.float64)
    size = len(kernel)
    wanted = [
        [
            (image[y : y + size, x : x + size] * kernel).sum()
            for x in range(0, 23 - size + 1, stride)
        ]
        for y in range(0, 20 - size + 1, stride)
    ]
    np.testing.assert_allclose(
        convolve(image, kernel, stride, "valid"), wanted, rtol=1e-5, atol=1e-2
    )


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 7×7"):
        convolve(COUNTING, KERNELS["average-7"].weights, padding="valid")
    with pytest.raises(ValueError, match="wrap"):
        convolve(COUNTING, np.ones((1, 1)), padding="wrap")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="stride 0"):
        convolve(COUNTING, np.ones((1, 1)), stride=0)
