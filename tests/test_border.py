"""Cropping a dermatoscope's rim: circles of which the answer is known, and what must stay."""

from __future__ import annotations

import numpy as np
import pytest

from lesionlab.data.synthetic.drawing import draw_view
from lesionlab.images.border import around, crop_border, find_circle, inside

SKIN = (214, 160, 140)


def scope(
    height: int, width: int, x: float, y: float, radius: float, soft: float = 1.0, rim: int = 4
) -> np.ndarray:
    """Skin in a round field, with a little noise; black outside, blurred over `soft` pixels."""
    rng = np.random.default_rng(0)
    columns, rows = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    light = np.clip((radius - np.hypot(columns - x, rows - y)) / soft + 0.5, 0, 1)
    image = light[..., None] * (np.array(SKIN) - rim) + rim
    return np.clip(image + rng.normal(0, 2, image.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("scale", [1, 3, 10])
def test_the_box_of_a_known_circle_to_one_pixel(scale: int) -> None:
    # At 150×200: centre 98 across and 76 down, radius 60.
    image = scope(150 * scale, 200 * scale, 98 * scale, 76 * scale, 60 * scale)
    circle = find_circle(image)
    assert circle is not None
    box = around(circle, *image.shape[:2])
    known = np.array([16, 38, 136, 158]) * scale
    # Large pictures are measured on a copy 256 wide: half a pixel there is 4 of 2000.
    assert np.abs(np.array(box) - known).max() <= max(1, 0.5 * scale * 200 / 256)
    cut = crop_border(image)
    assert cut.shape[:2] == (box[2] - box[0], box[3] - box[1])


def test_a_hair_across_the_field_does_not_halve_it() -> None:
    image = scope(150, 200, 98, 76, 60)
    image[:, 110:113] = 5
    found = around(find_circle(image) or (0, 0, 0), 150, 200)
    assert np.abs(np.array(found) - (16, 38, 136, 158)).max() <= 1


def test_a_field_cut_off_above_and_below() -> None:
    image = scope(150, 200, 100, 75, 90)
    assert (
        np.abs(
            np.array(around(find_circle(image) or (0, 0, 0), 150, 200)) - (0, 10, 150, 190)
        ).max()
        <= 1
    )


@pytest.mark.parametrize("soft", [1, 15])
def test_dark_corners_alone_are_no_border(soft: float) -> None:
    image = scope(150, 200, 101, 74, 108, soft)
    assert image[0, 0].max() < 20
    assert crop_border(image) is image


def test_inside_leaves_no_dark_corner() -> None:
    # Half the diagonal of 200×150 is 125, so 0.8 of both sides fit a circle of radius 100.
    assert inside((100, 75, 100), 150, 200) == (15, 20, 135, 180)
    # Off the middle, the box follows as far as the picture reaches.
    assert inside((110, 75, 100), 150, 200) == (15, 30, 135, 190)
    cut = crop_border(scope(450, 600, 300, 225, 300), "inside")
    assert cut.min() > 100
    assert cut.shape[1] / cut.shape[0] == pytest.approx(600 / 450, abs=0.01)
    # 0.8 of 450, less the blurred rim of 2 %.
    assert cut.shape[0] == pytest.approx(353, abs=3)


def test_a_dark_lesion_at_the_edge_is_no_border() -> None:
    image = np.full((150, 200, 3), SKIN, np.uint8)
    image[20:110, :70] = (30, 20, 18)  # reaches the left edge
    image[120:, 150:] = (25, 20, 18)  # one dark corner
    for keep in ("field", "inside"):
        assert crop_border(image, keep) is image  # type: ignore[arg-type]


def test_a_round_lesion_in_a_corner_is_no_border() -> None:
    columns, rows = np.arange(200), np.arange(150)[:, None]
    image = np.full((150, 200, 3), SKIN, np.uint8)
    image[np.hypot(columns - 200, rows - 150) < 60] = 10  # the edge of the picture cuts it
    assert crop_border(image, "inside") is image


def test_one_dark_corner_tells_no_circle() -> None:
    image = scope(150, 200, 70, 45, 138)
    assert image[-1, -1].max() < 20
    assert min(image[0, 0].max(), image[0, -1].max(), image[-1, 0].max()) > 100
    assert crop_border(image, "inside") is image


def test_a_ring_drawn_on_skin_is_no_border() -> None:
    columns, rows = np.arange(200), np.arange(150)[:, None]
    image = np.full((150, 200, 3), SKIN, np.uint8)
    image[np.abs(np.hypot(columns - 100, rows - 75) - 70) < 4] = 10
    assert crop_border(image) is image


def test_the_pupil_of_light_in_a_dark_picture_is_no_field() -> None:
    assert crop_border(scope(150, 200, 100, 75, 30)).shape == (150, 200, 3)


@pytest.mark.parametrize("value", [0, 30, 255])
@pytest.mark.parametrize("shape", [(1, 1), (16, 16), (16, 200), (150, 200), (400, 17)])
def test_one_colour_and_tiny_pictures_stay(value: int, shape: tuple[int, int]) -> None:
    image = np.full((*shape, 3), value, np.uint8)
    assert crop_border(image, "inside") is image


def test_drawn_vignettes_only_darken_corners() -> None:
    found = 0
    for number in range(24):
        drawing = draw_view("nv", 1, number, 0, (150, 200))
        if drawing.facts["vignette"]:
            found += 1
            assert crop_border(drawing.image).shape == drawing.image.shape
        else:
            assert crop_border(drawing.image, "inside").shape == drawing.image.shape
    assert found > 2


def test_small_and_large_copies_give_the_same_box() -> None:
    small, large = scope(150, 200, 96, 80, 70), scope(450, 600, 288, 240, 210)
    one, two = find_circle(small), find_circle(large)
    assert one is not None
    assert two is not None
    np.testing.assert_allclose(np.array(one) * 3, two, atol=1.5)
