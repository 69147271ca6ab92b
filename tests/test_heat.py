"""Shares of heat, agreement of maps, and masks that follow their pictures."""

import numpy as np
import pytest

from lesionlab.images.heat import fitted, prepared_mask, rank_correlation, share_inside
from lesionlab.images.preprocess import Preprocessing, preprocess


def test_the_share_of_heat_by_hand():
    heat = np.array([[3.0, 1.0], [-5.0, 0.0]])
    mask = np.array([[True, False], [True, False]])
    assert share_inside(heat, mask) == pytest.approx(0.75)
    assert share_inside(np.zeros((2, 2)), mask) is None
    even = np.ones((3, 3))
    assert share_inside(even, np.arange(64).reshape(8, 8) < 16) == pytest.approx(0.25)


def test_ranks_are_compared_on_the_coarser_grid():
    one = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert rank_correlation(one, one**3) == pytest.approx(1)
    assert rank_correlation(one, -one) == pytest.approx(-1)
    # Ranks 1 2 3 4 and 2 1 3 4: 1 - 6 × 2 / (4 × 15).
    assert rank_correlation(one, np.array([[2.0, 1.0], [3.0, 4.0]])) == pytest.approx(0.8)
    assert rank_correlation(one, fitted(one, (8, 8))) == pytest.approx(1)
    assert rank_correlation(one, np.ones((2, 2))) is None


@pytest.mark.parametrize("fit", ["stretch", "pad", "crop"])
def test_a_mask_goes_where_its_picture_goes(fit):
    mask = np.zeros((60, 90), bool)
    mask[10:40, 30:80] = True
    image = np.repeat(np.where(mask, 255, 0).astype(np.uint8)[..., None], 3, axis=2)
    settings = Preprocessing(size=(32, 48) if fit == "stretch" else (32, 32), fit=fit)
    found = prepared_mask(mask, image, settings)
    assert found is not None
    np.testing.assert_array_equal(found, preprocess(image, settings)[..., 0] > 127)
    assert found.any()


def test_a_padded_mask_covers_nothing_of_the_padding():
    mask = np.full((20, 40), 255, np.uint8)
    settings = Preprocessing(size=(32, 32), fit="pad")
    found = prepared_mask(mask, np.zeros((20, 40, 3), np.uint8), settings)
    assert found is not None
    assert found.mean() == pytest.approx(0.5)
    assert not found[:8].any()


def test_a_mask_loses_the_border_that_its_picture_loses():
    """A round field of radius 90 in the middle of 200 × 300: the box around it is cut out."""
    y, x = np.mgrid[:200, :300]
    field = np.hypot(y - 100, x - 150) < 90
    mask = np.hypot(y - 100, x - 120) < 30
    image = np.where(field[..., None], np.where(mask[..., None], 90, 200), 0)
    image = np.repeat(image.astype(np.uint8), 3, axis=2)
    settings = Preprocessing(size=(90, 90), crop_border="field")
    found = prepared_mask(mask, image, settings)
    assert found is not None
    seen = preprocess(image, settings)[..., 0]
    inside = np.abs(seen.astype(int) - 90) < 20
    assert (found == inside)[10:80, 20:70].mean() > 0.98
    assert found.mean() == pytest.approx(mask[:, 60:240].mean() * 200 / 180, abs=0.02)


def test_a_mask_of_another_size_is_not_guessed_at():
    image = np.zeros((20, 40, 3), np.uint8)
    assert prepared_mask(np.ones((40, 80), bool), image, Preprocessing()) is None
