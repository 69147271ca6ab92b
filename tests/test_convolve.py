"""Convolution against sums worked out by hand, and against TensorFlow's way of counting borders."""

from __future__ import annotations

import numpy as np
import pytest

from lesionlab.app import kernels as kernel_table
from lesionlab.errors import LesionlabError
from lesionlab.images.convolve import (
    KERNELS,
    convolve,
    convolve_summed,
    output_length,
    patch_at,
    window_start,
)

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


def test_dilation_by_hand() -> None:
    # Every second pixel: 0 + 2 + 8 + 10, and one to the right 1 + 3 + 9 + 11.
    out = convolve(COUNTING, np.ones((2, 2)), padding="valid", dilation=2)
    assert out.tolist() == [[20, 24]]
    # With a stride as well, which Keras does not do: rows 0, 2, 4 and 2, 4, 6 of seven.
    lines = np.arange(7)[:, None] ** 2
    out = convolve(lines, np.array([[1], [10], [100]]), 2, "valid", dilation=2)
    assert out.tolist() == [[0 + 40 + 1600], [4 + 160 + 3600]]


def test_bias_is_added_once_to_every_answer() -> None:
    out = convolve(COUNTING, np.array([[2]]), bias=-3)
    assert out[0].tolist() == [-3, -1, 1, 3]
    three = np.stack([COUNTING, 10 * COUNTING, 100 * COUNTING], axis=-1)
    assert convolve(three, np.ones((1, 1)), bias=0.5)[0, 1].tolist() == [1.5, 10.5, 100.5]
    assert convolve_summed(three, np.ones((1, 1)), bias=0.5)[0, 1] == 111.5


def test_one_table_for_each_channel_by_hand() -> None:
    three = np.stack([COUNTING, COUNTING, COUNTING], axis=-1)
    kernel = np.array([[[1, 10, -1]]])
    assert convolve(three, kernel)[0, 3].tolist() == [3, 30, -3]
    assert convolve_summed(three, kernel)[0].tolist() == [0, 10, 20, 30]
    assert convolve_summed(three, kernel, bias=-5)[0].tolist() == [-5, 5, 15, 25]


@pytest.mark.parametrize(
    ("length", "kernel", "stride", "padding", "dilation", "wanted"),
    [
        (224, 7, 2, "same", 1, 112),  # ResNet's first layer
        (224, 3, 1, "valid", 1, 222),
        (10, 3, 2, "valid", 1, 4),  # first at 0, 2, 4, 6
        (10, 3, 1, "valid", 2, 6),  # it reaches over 5
        (10, 4, 3, "reflect", 1, 4),
        (5, 7, 1, "valid", 1, 0),
        (5, 7, 4, "valid", 1, 0),
    ],
)
def test_output_length_by_hand(
    length: int, kernel: int, stride: int, padding: str, dilation: int, wanted: int
) -> None:
    assert output_length(length, kernel, stride, padding, dilation) == wanted  # type: ignore[arg-type]


@pytest.mark.parametrize("padding", ["same", "valid", "reflect", "replicate"])
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (3, 2), (1, 4)])
def test_the_patch_gives_the_answer(
    padding: str, stride: int, dilation: int, rng: np.random.Generator
) -> None:
    image = rng.integers(0, 256, (21, 26, 3)).astype(np.uint8)
    kernel = rng.normal(size=(4, 5))
    setting = (stride, padding, dilation)
    out = convolve(image, kernel, *setting, bias=7.0)  # type: ignore[arg-type]
    assert out.shape == (
        output_length(21, 4, *setting),  # type: ignore[arg-type]
        output_length(26, 5, *setting),  # type: ignore[arg-type]
        3,
    )
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            patch = patch_at(image, y, x, kernel.shape, *setting)  # type: ignore[arg-type]
            answer = (patch * kernel[..., None]).sum(axis=(0, 1)) + 7
            np.testing.assert_allclose(out[y, x], answer, rtol=1e-5, atol=2e-3)


def test_where_the_window_lies() -> None:
    assert patch_at(COUNTING, 0, 3, (3, 3)).tolist() == [[0, 0, 0], [2, 3, 0], [6, 7, 0]]
    assert patch_at(COUNTING, 0, 3, (3, 3), padding="reflect")[0].tolist() == [6, 7, 6]
    assert window_start(4, 3, 3) == 2
    assert window_start(4, 0, 3) == -1
    assert window_start(10, 2, 3, 2, "valid") == 4
    # Ten pixels, a kernel over 5, stride 2: the last of five places is pixel 8, three more than
    # there are are needed, and one of them comes before.
    assert window_start(10, 1, 3, 2, "same", 2) == 1


def test_no_patch_beyond_the_last_answer() -> None:
    with pytest.raises(LesionlabError, match="3×4 places"):
        patch_at(COUNTING, 0, 4, (3, 3))


def test_a_faint_kernel_is_not_taken_for_a_column_times_a_row() -> None:
    table = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 10]])
    out = convolve(COUNTING, table * 1e-8, padding="valid")
    # 2 + 6 + 16 + 25 + 36 + 56 + 72 + 100; one to the right adds the table's sum, 46.
    np.testing.assert_allclose(out * 1e8, [[313, 359]], rtol=1e-5)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 7×7"):
        convolve(COUNTING, KERNELS["average-7"].weights, padding="valid")
    with pytest.raises(ValueError, match="wrap"):
        convolve(COUNTING, np.ones((1, 1)), padding="wrap")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="stride 0"):
        convolve(COUNTING, np.ones((1, 1)), stride=0)
    with pytest.raises(LesionlabError, match="dilation 0"):
        convolve(COUNTING, np.ones((1, 1)), dilation=0)
    with pytest.raises(LesionlabError, match="missing or infinite"):
        convolve(COUNTING, np.array([[1, np.nan]]))
    with pytest.raises(LesionlabError, match="one for each channel"):
        convolve_summed(np.zeros((4, 4, 3)), np.ones((3, 3, 2)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1 / 9, "1/9"),
        (-0.25, "−1/4"),
        (2000.25, "2000.25"),
        (-1886.71, "−1886.71"),
        (0.9995, "1.00"),
        (3.0, "3"),
    ],
)
def test_a_number_in_a_cell(value: float, text: str) -> None:
    assert kernel_table.number(value) == text
