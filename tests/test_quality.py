"""Sharpness and light of pictures."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from lesionlab.images.quality import measure_quality


def test_a_chequerboard_by_hand() -> None:
    board = np.indices((100, 100)).sum(axis=0) % 2 * 100 + 50
    quality = measure_quality(np.repeat(board[..., None], 3, axis=2).astype(np.uint8))
    # Each neighbour differs by 100: four of them give 400 or -400 away from the border.
    assert quality.sharpness == pytest.approx(400, rel=0.02)
    assert quality.exposure == pytest.approx(100 / 255, abs=1e-4)
    assert quality.warnings == ()


def test_an_even_grey_has_no_sharpness() -> None:
    quality = measure_quality(np.full((150, 200, 3), 128, np.uint8))
    assert quality.sharpness == pytest.approx(0, abs=1e-3)
    assert quality.exposure == pytest.approx(128 / 255, abs=1e-4)
    assert "not sharp" in quality.warnings[0]


def test_blur_lowers_sharpness(rng: np.random.Generator) -> None:
    picture = Image.fromarray(rng.integers(0, 256, (300, 400, 3)).astype(np.uint8))
    values = [
        measure_quality(np.asarray(picture.filter(ImageFilter.GaussianBlur(radius)))).sharpness
        for radius in (0, 1, 2, 4)
    ]
    assert values == sorted(values, reverse=True)
    assert values[-1] < values[0] / 10


@pytest.mark.parametrize(("level", "word"), [(10, "too dark"), (250, "too bright")])
def test_light(level: int, word: str, rng: np.random.Generator) -> None:
    image = np.clip(rng.normal(level, 12, (200, 200, 3)), 0, 255).astype(np.uint8)
    assert any(word in warning for warning in measure_quality(image).warnings)


def test_much_lost_in_white() -> None:
    image = np.full((200, 200, 3), 100, np.uint8)
    image[:120] = 255
    warnings = measure_quality(image).warnings
    assert any("much of it is white" in warning for warning in warnings)


def test_small_and_single_pixel_pictures() -> None:
    assert "50×300" in measure_quality(np.full((50, 300, 3), 9, np.uint8)).warnings[0]
    assert measure_quality(np.full((1, 1, 3), 255, np.uint8)).exposure == pytest.approx(1)
