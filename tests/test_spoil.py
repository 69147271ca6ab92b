"""Marks, light and blur on a real picture: nothing more and nothing less than was asked for."""

import numpy as np
import pytest
from pydantic import ValidationError

from lesionlab.images.spoil import INK, Spoil, Stroke, before_turning, rotate, spoil

SKIN = np.full((90, 120, 3), (200, 160, 140), np.uint8)
NOISE = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)


def changed(settings: Spoil, seed: int = 0, image: np.ndarray = SKIN) -> np.ndarray:
    """Where a picture is not as it was, bool `(h, w)`."""
    return (spoil(image, settings, seed) != image).any(axis=2)


def test_nothing_asked_for_is_nothing_done():
    np.testing.assert_array_equal(spoil(NOISE, Spoil(), 3), NOISE)


@pytest.mark.parametrize(
    "settings", [Spoil(hairs=10), Spoil(ruler=True), Spoil(ink=4), Spoil(bubbles=6)]
)
def test_a_seed_decides_the_places_and_the_picture_itself_stays(settings):
    before = SKIN.copy()
    first = spoil(SKIN, settings, 1)
    assert first.dtype == np.uint8
    assert first.shape == SKIN.shape
    np.testing.assert_array_equal(first, spoil(SKIN, settings, 1))
    assert (first != spoil(SKIN, settings, 2)).any()
    np.testing.assert_array_equal(SKIN, before)
    assert 0 < changed(settings, 1).mean() < 0.6


def test_hairs_are_dark_and_more_of_them_leave_the_first_where_they_are():
    few, many = spoil(SKIN, Spoil(hairs=5)), spoil(SKIN, Spoil(hairs=25))
    assert (many <= few).all()
    assert (few <= SKIN).all()
    assert changed(Spoil(hairs=25)).mean() > 2 * changed(Spoil(hairs=5)).mean()


def test_a_ruler_lies_along_one_edge():
    for seed in range(6):
        marks = changed(Spoil(ruler=True), seed)
        # Its longest ticks are a tenth of the shorter side: 9 pixels.
        strips = marks[:10], marks[-10:], marks[:, :10], marks[:, -10:]
        assert max(strip.sum() for strip in strips) == marks.sum() > 100


def test_ink_has_its_colour_and_spares_the_middle():
    inked = spoil(SKIN, Spoil(ink=6))
    assert not changed(Spoil(ink=6))[30:60, 45:75].any()
    darkest = inked.reshape(-1, 3)[inked.sum(axis=2).argmin()]
    # 195 of 255 covered: 200 + 195/255 × (72 - 200) = 102, 71, 131.
    expected = [s + 195 / 255 * (c - s) for s, c in zip((200, 160, 140), INK, strict=True)]
    assert np.abs(darkest - np.array(expected)).max() <= 1


def test_bubbles_are_darker_and_brighter_than_skin():
    bubbled = spoil(SKIN, Spoil(bubbles=8)).astype(int) - SKIN
    assert bubbled.min() < -40
    assert bubbled.max() > 30


def test_quarter_turns_are_exact_and_others_keep_size_and_middle():
    np.testing.assert_array_equal(spoil(NOISE, Spoil(rotation=90)), np.rot90(NOISE))
    np.testing.assert_array_equal(spoil(SKIN[:, :100], Spoil(rotation=180)), SKIN[:, :100])
    dot = np.zeros((61, 81, 3), np.uint8)
    dot[30, 60:65] = 255
    turned = rotate(dot, 90)
    assert turned.shape == dot.shape
    # What was 20 to 24 to the right of the middle is now above it.
    assert turned[30 - 24 : 30 - 19, 40, 0].min() > 200
    flat = spoil(SKIN, Spoil(rotation=33))
    np.testing.assert_array_equal(flat, SKIN)


def test_warm_light_raises_red_and_lowers_blue():
    assert spoil(SKIN, Spoil(warmth=0.5))[0, 0].tolist() == [230, 160, 119]
    assert spoil(SKIN, Spoil(warmth=-1))[0, 0].tolist() == [140, 160, 182]
    assert spoil(SKIN, Spoil(warmth=1))[0, 0].tolist() == [255, 160, 98]


def test_blur_spreads_and_keeps_what_is_even():
    np.testing.assert_array_equal(spoil(SKIN, Spoil(blur=3)), SKIN)
    dot = np.zeros((100, 100, 3), np.uint8)
    dot[45:56, 45:56] = 255
    spread = [spoil(dot, Spoil(blur=part))[50, :, 0].astype(float) for part in (0, 1, 3)]
    deviations = [np.sqrt(np.average((np.arange(100) - 50) ** 2, weights=line)) for line in spread]
    # Variances add up: a bar of 11 pixels has (11² - 1) / 12 = 10, the blur 1² and 3² pixels.
    np.testing.assert_allclose(deviations, np.sqrt([10, 11, 19]), rtol=0.05)


@pytest.mark.parametrize("wrong", [{"hairs": -1}, {"blur": 99}, {"glitter": 1}])
def test_what_does_not_exist_is_refused(wrong):
    with pytest.raises(ValidationError):
        Spoil(**wrong)


def test_a_line_by_hand_lies_where_it_was_drawn():
    across = Stroke(tool="pen", points=((0.25, 0.5), (0.75, 0.5)))
    marks = changed(Spoil(strokes=(across,)))
    # From 30 to 90 of 120 columns at row 45 of 90, 0.025 × 90 = 2.25 pixels wide, rounded ends.
    assert marks[45, 30:90].all()
    rows, columns = np.nonzero(marks)
    assert rows.min() >= 43 and rows.max() <= 46
    assert columns.min() >= 28 and columns.max() <= 91
    np.testing.assert_array_equal(marks, changed(Spoil(strokes=(across,)), seed=5))
    # A hair is darker and thinner; a single place is a dot.
    hair = Spoil(strokes=(Stroke(tool="hair", points=((0.5, 0.5),)),))
    assert 0 < changed(hair).sum() < 9
    assert spoil(SKIN, hair).min() < 130


@pytest.mark.parametrize("degrees", [-35, 20, 90, 180])
def test_a_line_drawn_on_a_turned_picture_turns_back_with_it(degrees):
    image = np.full((80, 80, 3), 200, np.uint8)
    drawn = np.array([[0.5, 0.3], [0.6, 0.3]])  # as the reader sees the turned picture
    points = before_turning(drawn, degrees, (80, 80))
    stroke = Stroke(tool="pen", points=tuple(map(tuple, points.tolist())))
    seen = changed(Spoil(rotation=degrees, strokes=(stroke,)), image=image)
    rows, columns = np.nonzero(seen)
    assert (rows.mean(), columns.mean()) == (pytest.approx(24, abs=1), pytest.approx(44, abs=1))


def test_places_of_an_oblong_picture_turn_in_pixels():
    # A quarter turn of 100×200 pixels: 50 right of the middle comes from 50 below it.
    found = before_turning(np.array([[0.75, 0.5]]), 90, (100, 200))
    np.testing.assert_allclose(found, [[0.5, 1.0]], atol=1e-12)


def test_endless_lines_are_refused():
    with pytest.raises(ValidationError):
        Stroke(tool="pen", points=((0.5, 0.5),) * 201)
    with pytest.raises(ValidationError):
        Stroke(tool="pen", points=((0.5, 3.0),))
