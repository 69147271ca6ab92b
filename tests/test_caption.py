"""Strips above and below: known heights, and pictures that have none."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lesionlab.data.synthetic.drawing import draw_view
from lesionlab.images.caption import remove_caption, strip_height


def captioned(
    strip: tuple[int, int, int], ink: tuple[int, int, int], height: int = 30, scale: int = 1
) -> np.ndarray:
    """A drawn lesion of 150×200 with a strip of writing below, times `scale`."""
    lesion = draw_view("bkl", 3, 1, 0, (150 * scale, 200 * scale)).image
    bar = Image.new("RGB", (200 * scale, height * scale), strip)
    pen = ImageDraw.Draw(bar)
    pen.text((4 * scale, 6 * scale), "Case 17  left arm  x20", fill=ink, font_size=14 * scale)
    return np.concatenate([lesion, np.asarray(bar)])


@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize(
    ("strip", "ink"),
    [((255, 255, 255), (0, 0, 0)), ((0, 0, 0), (255, 255, 255)), ((30, 60, 140), (250, 240, 60))],
)
def test_a_strip_with_writing_below(
    strip: tuple[int, int, int], ink: tuple[int, int, int], scale: int
) -> None:
    image = captioned(strip, ink, scale=scale)
    assert strip_height(image[::-1]) == 30 * scale
    assert (remove_caption(image) == image[: 150 * scale]).all()


def test_strips_on_both_sides() -> None:
    image = captioned((255, 255, 255), (0, 0, 0))
    both = np.concatenate([np.full((12, 200, 3), 200, np.uint8), image])
    assert (remove_caption(both) == image[:150]).all()


def test_after_a_jpeg() -> None:
    buffer = io.BytesIO()
    Image.fromarray(captioned((255, 255, 255), (0, 0, 0))).save(buffer, "JPEG", quality=75)
    kept = remove_caption(np.asarray(Image.open(buffer)))
    assert abs(len(kept) - 150) <= 1


def test_skin_has_no_strip() -> None:
    for number in range(16):
        image = draw_view("mel", 5, number, 0, (150, 200)).image
        assert remove_caption(image).shape == image.shape


def test_a_soft_edge_is_no_strip() -> None:
    # Skin that gets darker towards the bottom has no line across the picture.
    light = np.clip(np.linspace(3, 0, 150), 0, 1)[:, None, None]
    image = (np.full((150, 200, 3), (200, 150, 130)) * light).astype(np.uint8)
    assert remove_caption(image).shape == image.shape


@pytest.mark.parametrize("value", [0, 128, 255])
@pytest.mark.parametrize("shape", [(1, 1), (16, 16), (20, 300), (150, 200)])
def test_one_colour_and_tiny_pictures_stay(value: int, shape: tuple[int, int]) -> None:
    image = np.full((*shape, 3), value, np.uint8)
    assert remove_caption(image).shape == image.shape


def test_what_is_larger_than_a_strip_stays() -> None:
    image = captioned((255, 255, 255), (0, 0, 0), height=80)  # 80 of 230 rows
    assert remove_caption(image).shape == image.shape
