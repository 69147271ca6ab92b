"""Colour constancy: gains worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lesionlab.images.colour_constancy import LARGEST_GAIN, correct_colours, gains


def flat(colour: tuple[int, int, int], shape: tuple[int, int] = (40, 60)) -> np.ndarray:
    return np.full((*shape, 3), colour, np.uint8)


def test_grey_world_by_hand() -> None:
    # The light is (200, 150, 100), of length √72500 = 269.26; white of that length is 155.46.
    np.testing.assert_allclose(
        gains(flat((200, 150, 100)), 1), 155.46 / np.array([200, 150, 100]), rtol=1e-4
    )
    assert (correct_colours(flat((200, 150, 100)), 1) == 155).all()


def test_shades_of_grey_by_hand() -> None:
    image = flat((200, 100, 100))
    image[20:] = (100, 100, 100)
    # Red: 200 · ((1 + (1/2)⁶) / 2)^(1/6) = 200 · (65/128)^(1/6) = 178.64; the others are 100.
    light = np.array([200 * (65 / 128) ** (1 / 6), 100, 100])
    np.testing.assert_allclose(light[0], 178.64, atol=0.01)
    length = math.sqrt(light @ light)
    np.testing.assert_allclose(gains(image, 6), length / math.sqrt(3) / light, rtol=1e-6)


def test_white_patch_takes_the_brightest_of_each_channel() -> None:
    image = flat((10, 10, 10))
    image[3, 5] = (240, 120, 120)
    expected = math.sqrt(240**2 + 2 * 120**2) / math.sqrt(3) / np.array([240, 120, 120])
    np.testing.assert_allclose(gains(image, math.inf), expected)


@pytest.mark.parametrize("power", [1, 6, math.inf])
def test_a_black_rim_does_not_count(power: float) -> None:
    image = np.zeros((80, 60, 3), np.uint8)
    image[:40] = flat((180, 140, 120))
    np.testing.assert_allclose(gains(image, power), gains(flat((180, 140, 120)), power))


def test_a_blue_lamp_is_taken_back(rng: np.random.Generator) -> None:
    scene = rng.integers(60, 160, (90, 120, 1)) * np.ones(3)
    lamp = np.array([0.8, 1.0, 1.3])
    corrected = correct_colours((scene * lamp).astype(np.uint8), 6)
    away = np.abs(corrected.astype(int) - corrected.mean(axis=2, keepdims=True))
    assert away.max() < 2.5  # grey again, but for rounding


def test_grey_black_and_white_stay(rng: np.random.Generator) -> None:
    grey = np.repeat(rng.integers(0, 256, (30, 40, 1), np.uint8), 3, axis=2)
    for image in (grey, flat((0, 0, 0)), flat((255, 255, 255)), flat((7, 7, 7), (1, 1))):
        assert (correct_colours(image) == image).all()


def test_a_picture_in_one_colour_is_not_blown_up() -> None:
    factors = gains(flat((200, 0, 0)))
    assert factors.max() <= LARGEST_GAIN
    assert (correct_colours(flat((200, 0, 0)))[..., 1:] == 0).all()


def test_large_pictures_have_the_gains_of_small_ones(rng: np.random.Generator) -> None:
    small = rng.integers(40, 200, (60, 80, 3), np.uint8)
    large = small.repeat(40, axis=0).repeat(40, axis=1)
    np.testing.assert_allclose(gains(large), gains(small), rtol=0.02)
