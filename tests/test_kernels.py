"""Named kernels, and kernels made to measure, against tables worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lesionlab.errors import LesionlabError
from lesionlab.images.kernels import KERNELS, PAPER_KERNELS, gaussian, normalised


def test_the_six_of_the_paper_come_first() -> None:
    assert tuple(KERNELS)[:6] == PAPER_KERNELS
    sums = [round(float(KERNELS[name].weights.sum()), 5) for name in PAPER_KERNELS]
    assert sums == [1, 1, 1, 0, 0, 0]
    assert KERNELS["average-7"].weights.shape == (7, 7)
    assert KERNELS["average-15"].weights.shape == (15, 15)


@pytest.mark.parametrize("name", list(KERNELS))
def test_every_kernel_keeps_the_brightness_or_cancels_out(name: str) -> None:
    kernel = KERNELS[name]
    total = float(kernel.weights.sum())
    assert kernel.name == name
    assert kernel.weights.dtype == np.float32
    assert min(abs(total), abs(total - 1)) < 1e-6
    assert kernel.plain.endswith(".")


def test_a_bell_by_hand() -> None:
    # One place from the middle: exp(-1/2) = 0.60653; a line is (0.60653, 1, 0.60653) / 2.21306.
    line = np.array([0.27407, 0.45186, 0.27407])
    np.testing.assert_allclose(gaussian(3, 1.0), np.outer(line, line), atol=1e-5)
    np.testing.assert_allclose(gaussian(4, 3.0)[:, :2], gaussian(4, 3.0)[:, :1:-1])
    assert gaussian(1, 2.0).tolist() == [[1]]


def test_a_very_narrow_bell_is_one_pixel() -> None:
    bell = gaussian(5, 0.001)
    assert bell[2, 2] == 1
    assert bell.sum() == 1
    assert gaussian(4, 0.001)[1:3, 1:3].tolist() == [[0.25, 0.25], [0.25, 0.25]]


@pytest.mark.parametrize(("size", "sigma"), [(0, 1.0), (3, 0.0), (3, float("nan"))])
def test_a_bell_without_width_is_refused(size: int, sigma: float) -> None:
    with pytest.raises(LesionlabError, match="width above 0"):
        gaussian(size, sigma)


def test_normalising_by_hand() -> None:
    assert normalised(np.array([[1, 2], [3, 4]])).tolist() == [
        [np.float32(0.1), np.float32(0.2)],
        [np.float32(0.3), np.float32(0.4)],
    ]
    # Sobel cancels out: 1 + 2 + 1 = 4 above zero.
    assert normalised(KERNELS["sobel-x"].weights)[1].tolist() == [-0.5, 0, 0.5]
    assert normalised(np.zeros((2, 2))).tolist() == [[0, 0], [0, 0]]
    # All below zero: the sum is -4, and the picture stays as bright.
    assert normalised(-np.ones((2, 2))).sum() == 1
