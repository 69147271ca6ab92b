"""Brightness, skin tone and perceptual hash of one picture."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lesionlab.images.measures import lightness_and_yellowness, measure

# (182, 140, 110): linear light 0.46778, 0.26225, 0.15593, so Y = 0.29827 and Z = 0.18850 of the
# white's 1 and 1.0890; cube roots 0.66816 and 0.55730; L* = 61.507, b* = 22.172;
# arctan(11.507 / 22.172) = 27.43 degrees.
SKIN = (182, 140, 110)
SKIN_LIGHTNESS, SKIN_ITA = 61.507, 27.43


def plain(colour: tuple[int, int, int], height: int = 60, width: int = 80) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


@pytest.mark.parametrize(
    ("colour", "lightness", "yellowness"),
    # Lindbloom's table of the primaries of sRGB.
    [
        ((255, 255, 255), 100, 0),
        ((0, 0, 0), 0, 0),
        ((255, 0, 0), 53.24, 67.20),
        ((0, 255, 0), 87.73, 83.18),
        ((0, 0, 255), 32.30, -107.86),
    ],
)
def test_lightness_and_yellowness_of_the_primaries(
    colour: tuple[int, int, int], lightness: float, yellowness: float
) -> None:
    found = lightness_and_yellowness(plain(colour, 1, 2))
    assert found[0].shape == found[1].shape == (1, 2)
    assert found[0][0, 0] == pytest.approx(lightness, abs=0.02)
    assert found[1][0, 0] == pytest.approx(yellowness, abs=0.05)


def test_brightness_and_angle_of_one_colour() -> None:
    found = measure(plain(SKIN))
    assert found["brightness"] == pytest.approx(SKIN_LIGHTNESS, abs=0.01)
    assert found["ita"] == pytest.approx(SKIN_ITA, abs=0.01)
    assert found["ita_from"] == "border"


def test_black_and_white_have_no_skin() -> None:
    for colour, brightness in (((0, 0, 0), 0), ((255, 255, 255), 100)):
        found = measure(plain(colour))
        assert found["brightness"] == pytest.approx(brightness, abs=0.01)
        assert np.isnan(found["ita"])
        assert found["ita_from"] is None


def test_the_lesion_is_left_out() -> None:
    image = plain(SKIN, 60, 80)
    image[:, :50] = (70, 40, 30)  # reaches the edges, so that the border alone would be wrong
    mask = np.zeros((60, 80), np.uint8)
    mask[:, :50] = 255
    found = measure(image, mask)
    assert found["ita"] == pytest.approx(SKIN_ITA, abs=0.01)
    assert found["ita_from"] == "mask"
    assert measure(image, mask > 0) == found
    assert abs(measure(image)["ita"] - SKIN_ITA) > 20


def test_a_lesion_in_the_middle_does_not_touch_the_border() -> None:
    image = plain(SKIN, 60, 80)
    image[15:45, 20:60] = (70, 40, 30)
    assert measure(image)["ita"] == pytest.approx(SKIN_ITA, abs=0.01)
    # An empty mask says nothing of where the lesion is.
    assert measure(image, np.zeros((60, 80), np.uint8))["ita_from"] == "border"


def test_a_mask_over_everything_leaves_no_skin() -> None:
    found = measure(plain(SKIN), np.full((60, 80), 255, np.uint8))
    assert np.isnan(found["ita"])
    assert found["ita_from"] is None


def test_lens_hairs_and_bubbles_are_left_out() -> None:
    image = plain(SKIN, 90, 100)
    rows, columns = np.mgrid[:90, :100]
    image[(rows - 45) ** 2 + (columns - 50) ** 2 > 55**2] = (3, 3, 3)
    image[::9] = (60, 45, 40)
    image[40:46, :8] = (255, 255, 255)
    assert measure(image)["ita"] == pytest.approx(SKIN_ITA, abs=0.01)


def test_a_blue_cast_is_no_dark_skin() -> None:
    # b* below 0 at a high L*: beyond 90 degrees, not near -90.
    assert 90 < measure(plain((200, 190, 215)))["ita"] < 180


def test_a_large_picture_measures_like_a_small_one() -> None:
    small, large = measure(plain(SKIN, 60, 80)), measure(plain(SKIN, 900, 1200))
    assert large["ita"] == pytest.approx(small["ita"], abs=0.01)


def test_hash_of_one_step() -> None:
    # Bright on the left, dark on the right: across, the cosines 1, 5, 9 and 13 come with a plus,
    # 3, 7, 11 and 15 with a minus, the even ones are 0; down, all but 0 are 0. The median is 0, so
    # the first row of bits is 1100 0100 0100 0100 and all others are 0.
    image = plain((60, 60, 60), 64, 64)
    image[:, :32] = 200
    assert measure(image)["phash"] == "c444" + 60 * "0"
    assert measure(plain(SKIN))["phash"] == "8" + 63 * "0"


def test_hash_outlives_size_and_compression_but_not_another_picture(
    rng: np.random.Generator,
) -> None:
    coarse = Image.fromarray(rng.integers(0, 255, (6, 8, 3), dtype=np.uint8))
    image = np.asarray(coarse.resize((400, 300), Image.Resampling.BICUBIC))
    half = np.asarray(Image.fromarray(image).resize((200, 150)))
    other = image[:, ::-1]

    def bits(one: np.ndarray, two: np.ndarray) -> int:
        return (int(measure(one)["phash"], 16) ^ int(measure(two)["phash"], 16)).bit_count()

    assert bits(image, half) <= 12
    assert bits(image, other) > 80


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 500), (33, 7)])
def test_odd_sizes_are_measured(height: int, width: int) -> None:
    found = measure(plain(SKIN, height, width), np.zeros((height, width), bool))
    assert found["brightness"] == pytest.approx(SKIN_LIGHTNESS, abs=0.01)
    assert len(found["phash"]) == 64
