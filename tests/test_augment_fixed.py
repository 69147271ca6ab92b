"""One change at a chosen value: answers worked out by hand, from NumPy's own turns and shifts."""

import numpy as np
import pytest

from lesionlab.errors import ExperimentError
from lesionlab.experiment import Augmentation

keras = pytest.importorskip("keras")

from lesionlab.models.augment import COLUMNS, Augment  # noqa: E402
from lesionlab.models.augment_cost import REPEATS, measure_cost, steps_of  # noqa: E402
from lesionlab.models.fixed_change import FIXED, fixed_change  # noqa: E402

SQUARE = np.random.default_rng(3).integers(0, 256, (8, 8, 3), np.uint8)
WIDE = np.random.default_rng(4).integers(0, 256, (6, 10, 3), np.uint8)


def changed(image: np.ndarray, change: str, *values: float, fill: str = "nearest") -> np.ndarray:
    settings, parameters = fixed_change(change, values, image.shape[:2], fill)
    images = np.repeat(image[None], len(values), axis=0)
    return keras.ops.convert_to_numpy(Augment(settings)(images, parameters))


def test_quarter_turns_are_numpys():
    found = changed(SQUARE, "rotation", -90, 0, 90, 180)
    for image, quarters in zip(found, (-1, 0, 1, 2), strict=True):
        np.testing.assert_allclose(image, np.rot90(SQUARE, quarters), atol=0.02)


def test_shifts_go_right_and_down_by_their_share():
    right = changed(WIDE, "shift_x", 0.3, -0.3)
    np.testing.assert_allclose(right[0, :, 3:], WIDE[:, :-3], atol=1e-3)
    np.testing.assert_allclose(right[1, :, :-3], WIDE[:, 3:], atol=1e-3)
    down = changed(WIDE, "shift_y", 0.5, fill="constant")
    np.testing.assert_allclose(down[0, 3:], WIDE[:-3], atol=1e-3)
    assert not down[0, :3].any()


def test_flips_and_colours_by_hand():
    np.testing.assert_allclose(
        changed(WIDE, "horizontal_flip", 0, 1), [WIDE, WIDE[:, ::-1]], atol=1e-3
    )
    np.testing.assert_allclose(changed(WIDE, "vertical_flip", 1)[0], WIDE[::-1], atol=1e-3)
    grey = np.full((4, 4, 3), 100, np.uint8)
    assert changed(grey, "brightness", -0.5, 0, 0.5)[:, 0, 0, 0].tolist() == [50, 100, 150]
    pale = changed(WIDE, "saturation", -1)[0]
    np.testing.assert_allclose(pale[..., 0], pale[..., 2], atol=0.5)


def test_the_hole_is_a_square_in_the_middle():
    holed = changed(SQUARE, "cutout", 0, 0.5)
    np.testing.assert_array_equal(holed[0], SQUARE)
    inside = np.zeros((8, 8), bool)
    inside[2:6, 2:6] = True
    np.testing.assert_allclose(holed[1][inside], np.tile(SQUARE.mean((0, 1)), (16, 1)), rtol=1e-4)
    np.testing.assert_array_equal(holed[1][~inside], SQUARE[~inside])


@pytest.mark.parametrize("change", FIXED)
def test_nothing_else_changes(change):
    setting, column = FIXED[change]
    settings, parameters = fixed_change(change, [0, 1 if "flip" in change else 0.25], (6, 10))
    assert settings == Augmentation(**{setting: True if "flip" in change else 0.25})
    neutral = np.zeros(14)
    neutral[COLUMNS.index("zoom")] = 1
    others = [k for k, name in enumerate(COLUMNS) if name != column and "hole" not in name]
    np.testing.assert_array_equal(parameters[:, others], np.tile(neutral[others], (2, 1)))
    zero = changed(WIDE, change, 0)
    np.testing.assert_allclose(zero[0], WIDE, atol=1e-3)


@pytest.mark.parametrize(
    ("change", "values", "words"),
    [
        ("blur", [1], "Expected a change out of rotation"),
        ("rotation", [-200], "rotation cannot be used"),
        ("hue", [float("nan")], "finite"),
        ("vertical_flip", [1, 0.5], "0 or 1"),
        ("cutout", [-0.1], "at least 0"),
    ],
)
def test_what_cannot_be_done_is_said(change, values, words):
    with pytest.raises(ExperimentError) as caught:
        fixed_change(change, values, (8, 8))
    assert words in caught.value.sentence
    assert "Received" in caught.value.sentence


def test_steps_are_those_that_are_on():
    everything = Augmentation(rotation=20, hue=0.1, cutout=0.2, fill="wrap")
    assert steps_of(everything) == {
        "shape": Augmentation(rotation=20, fill="wrap"),
        "colour": Augmentation(hue=0.1),
        "hole": Augmentation(cutout=0.2),
    }
    assert steps_of(Augmentation(fill="wrap")) == {}


def test_cost_is_the_time_of_a_batch_over_its_pictures():
    """A clock that moves two seconds a look: 2000 ms for four pictures are 500 ms each."""
    looks = iter(range(0, 10_000, 2))
    found = measure_cost(Augmentation(zoom=0.1, hue=0.1), (16, 16), 4, lambda: float(next(looks)))
    assert set(found) == {"all", "shape", "colour"}
    assert found["all"] == [500.0] * REPEATS
    assert set(measure_cost(Augmentation(zoom=0.1), (16, 16), 2)) == {"all"}
