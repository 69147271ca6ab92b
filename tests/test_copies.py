"""Changed copies of pictures: which ones, in which order, and what their mean is."""

from __future__ import annotations

import numpy as np
import pytest

from lesionlab.evaluation.copies import NUM_COPIES, WAYS, copies, other_way_note

# A picture of 2×2 in which every corner is another number.
SQUARE = np.array([[1, 2], [3, 4]], np.uint8)[None, :, :, None].repeat(3, axis=3)


def corners(images: np.ndarray) -> list[list[int]]:
    return images[0, :, :, 0].tolist()


def test_flips_are_the_picture_and_its_three_mirror_images() -> None:
    found = [corners(images) for images in copies(SQUARE, "flips")]
    assert found == [[[1, 2], [3, 4]], [[2, 1], [4, 3]], [[3, 4], [1, 2]], [[4, 3], [2, 1]]]


def test_dihedral_are_all_eight_symmetries_of_a_square() -> None:
    found = [corners(images) for images in copies(SQUARE, "dihedral")]
    assert len({str(one) for one in found}) == 8
    assert found[:4] == [corners(images) for images in copies(SQUARE, "flips")]


@pytest.mark.parametrize("way", WAYS)
def test_every_copy_has_the_size_of_the_picture(way: str) -> None:
    pixels = np.zeros((3, 16, 24, 3), np.uint8)
    found = list(copies(pixels, way))
    assert len(found) == NUM_COPIES[way]
    assert all(images.shape == pixels.shape and images.dtype == np.uint8 for images in found)


def test_a_turned_picture_that_is_not_square_is_stretched() -> None:
    left_is_white = np.zeros((1, 16, 32, 3), np.uint8)
    left_is_white[:, :, :16] = 255
    turned = list(copies(left_is_white, "dihedral"))[4]
    # Turned against the clock: what was on the left lies below, over the whole width.
    assert (turned[0, 10:] == 255).all() and (turned[0, :6] == 0).all()


def test_another_way_is_said() -> None:
    assert other_way_note("flips", "flips") == ""
    assert "thresholds were set for each picture as it is" in other_way_note("none", "flips")
