"""Hair removal: hairs that were drawn on skin that is known without them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lesionlab.data.synthetic import artefacts, drawing
from lesionlab.images.hair import bridge, hair_mask, lines, remove_hair, thin_and_dark

SKIN = (205, 150, 130)


def skin(height: int = 300, width: int = 400, noise: float = 2.0) -> np.ndarray:
    rng = np.random.default_rng(0)
    return (np.array(SKIN) + rng.normal(0, noise, (height, width, 1))).astype(np.uint8)


def with_lines(image: np.ndarray, *hairs: list[tuple[float, float]], width: int = 4) -> np.ndarray:
    picture = Image.fromarray(image)
    pen = ImageDraw.Draw(picture)
    for points in hairs:
        pen.line(points, (45, 30, 25), width)
    return np.asarray(picture)


def test_pixels_are_filled_from_both_sides_by_hand() -> None:
    image = np.array([[[10, 0, 100]], [[0, 0, 0]], [[0, 0, 0]], [[40, 0, 70]]], np.uint8)
    image = image.repeat(9, axis=1)
    mask = np.zeros((4, 9), bool)
    mask[1:3] = True
    # A third and two thirds of the way from 10 to 40, and from 100 to 70.
    filled = bridge(image, mask)
    assert filled[1, 4].tolist() == [20, 0, 90]
    assert filled[2, 4].tolist() == [30, 0, 80]
    assert (filled[[0, 3]] == image[[0, 3]]).all()


def test_at_the_edge_the_one_side_has_to_do() -> None:
    image = np.zeros((6, 30, 3), np.uint8)
    image[2:] = 80
    mask = np.zeros((6, 30), bool)
    mask[:2] = True
    assert (bridge(image, mask)[:2, 6:-6] == 80).all()
    everything = np.ones((6, 30), bool)
    assert bridge(image, everything) is image


def test_a_closing_fills_what_is_narrower_than_the_line() -> None:
    grey = np.full((40, 60), 200, np.uint8)
    grey[:, 10:16] = 50  # 6 wide
    grey[:, 30:42] = 50  # 12 wide
    found = thin_and_dark(grey, widest=9)
    assert (found[:, 10:16] == 150).all()
    assert (found[:, 16:] == 0).all()


def test_lines_go_through_the_middle_without_gaps() -> None:
    across, diagonal, down = (lines(4, 5)[k] for k in (0, 1, 2))
    assert across == ((0, -2), (0, -1), (0, 0), (0, 1), (0, 2))
    assert down == ((-2, 0), (-1, 0), (0, 0), (1, 0), (2, 0))
    assert diagonal == ((-1, -1), (0, 0), (1, 1))
    for line in lines(16, 25):
        steps = np.abs(np.diff(np.array(line), axis=0)).max(axis=1)
        assert (steps == 1).all()


@pytest.mark.parametrize("scale", [0.5, 1, 2.5])
def test_hairs_on_plain_skin_are_gone_and_the_rest_is_untouched(scale: float) -> None:
    clean = skin(round(300 * scale), round(400 * scale))
    hairs: list[list[tuple[float, float]]] = [
        [(20, 10), (150, 120), (200, 290)],
        [(390, 40), (180, 90), (10, 140)],
        [(300, 0), (302, 299)],
    ]
    scaled = [[(x * scale, y * scale) for x, y in hair] for hair in hairs]
    hairy = with_lines(clean, *scaled, width=max(2, round(4 * scale)))
    drawn = (hairy != clean).any(axis=2)
    restored = remove_hair(hairy)
    error = np.abs(restored.astype(int) - clean).max(axis=2)
    assert np.abs(hairy.astype(int) - clean)[drawn].mean() > 100
    # All but the ends of hairs, to within the noise of the skin (deviation 2).
    assert (error[drawn] <= 12).mean() > 0.97
    mask = hair_mask(hairy)
    assert (restored[~mask] == hairy[~mask]).all()
    assert mask.sum() < 2.5 * drawn.sum()


def test_dark_spots_and_short_strokes_are_no_hairs() -> None:
    image = with_lines(skin(), [(50, 50), (50, 62)], [(200, 100), (211, 105)])
    picture = Image.fromarray(image)
    pen = ImageDraw.Draw(picture)
    for x, y, radius in ((100, 100, 4), (250, 150, 15), (320, 220, 40)):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), (60, 35, 30))
    assert not hair_mask(np.asarray(picture)).any()


def test_vessels_are_no_hairs() -> None:
    # Blood takes green and blue from the light, and leaves red.
    image = skin()
    image[:, 100:104, 1:] = (70, 60)
    assert not hair_mask(image).any()


def test_a_network_of_lines_stays() -> None:
    image = skin(noise=0)
    for k in range(0, 400, 12):
        image[:, k : k + 4] = (130, 90, 70)
    for k in range(0, 300, 12):
        image[k : k + 4] = (130, 90, 70)
    assert hair_mask(image).mean() < 0.02


@pytest.mark.parametrize("value", [0, 90, 255])
@pytest.mark.parametrize("shape", [(1, 1), (16, 16), (16, 600), (64, 64), (150, 200)])
def test_one_colour_and_tiny_pictures_stay(value: int, shape: tuple[int, int]) -> None:
    image = np.full((*shape, 3), value, np.uint8)
    assert remove_hair(image) is image


@pytest.fixture
def no_hairs(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A way to draw a view without its hairs; all else is the same to the last pixel."""
    add_hairs = artefacts.add_hairs

    def draw(*arguments: Any) -> np.ndarray:
        with monkeypatch.context() as patch:
            # Random numbers are drawn as ever, and the hairs go onto a copy.
            patch.setattr(
                artefacts, "add_hairs", lambda planes, *rest: add_hairs(planes.copy(), *rest)
            )
            return drawing.draw_view(*arguments).image

    return draw


@pytest.mark.parametrize("size", [(150, 200), (450, 600)])
def test_drawn_lesions_with_and_without_their_hairs(size: tuple[int, int], no_hairs: Any) -> None:
    before, after, untouched = [], [], []
    for number in range(20):
        view = ("nv", 7, number, 0, size)
        image = drawing.draw_view(*view)
        if not image.facts["hair"]:
            untouched.append(hair_mask(image.image).mean())
            continue
        clean = no_hairs(*view).astype(int)
        hairs = np.abs(image.image - clean).max(axis=2) > 25
        before.append(np.abs(image.image - clean)[hairs])
        after.append(np.abs(remove_hair(image.image) - clean)[hairs])
    assert len(before) > 5
    was, now = np.concatenate(before).mean(), np.concatenate(after).mean()
    assert now < 0.25 * was
    assert np.mean(untouched) < 0.001
