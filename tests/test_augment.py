"""What augmentation does to pixels, compared with NumPy's own turns and flips."""

import numpy as np
import pytest

from lesionlab.experiment import Augmentation

keras = pytest.importorskip("keras")

from lesionlab.models.augment import (  # noqa: E402
    COLUMNS,
    Augment,
    draw_parameters,
    is_identity,
    make_augmenter,
)

SQUARE = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 3), np.uint8)
WIDE = np.random.default_rng(1).integers(0, 256, (1, 6, 10, 3), np.uint8)


def apply(images: np.ndarray, augmentation: Augmentation, **values: float) -> np.ndarray:
    row = dict.fromkeys(COLUMNS, 0.0) | {"zoom": 1.0} | values
    parameters = np.array([[row[name] for name in COLUMNS]] * len(images), np.float32)
    return keras.ops.convert_to_numpy(Augment(augmentation)(images, parameters))


def test_flips_equal_numpy():
    both = Augmentation(horizontal_flip=True, vertical_flip=True)
    np.testing.assert_allclose(apply(WIDE, both, flip_x=1), WIDE[:, :, ::-1], atol=1e-3)
    np.testing.assert_allclose(apply(WIDE, both, flip_y=1), WIDE[:, ::-1], atol=1e-3)
    np.testing.assert_allclose(apply(WIDE, both), WIDE, atol=1e-3)


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_quarter_turns_equal_rot90(quarter):
    turned = apply(SQUARE, Augmentation(rotation=180), rotation=90 * quarter)
    np.testing.assert_allclose(turned, np.rot90(SQUARE, quarter, axes=(1, 2)), atol=0.02)


def test_shift_moves_down_and_right_and_fills_with_the_nearest_pixel():
    shifted = apply(WIDE, Augmentation(shift=0.5), shift_y=2, shift_x=3)
    np.testing.assert_allclose(shifted[:, 2:, 3:], WIDE[:, :-2, :-3], atol=1e-3)
    np.testing.assert_allclose(shifted[:, 0, 3:], WIDE[:, 0, :-3], atol=1e-3)


def test_zoom_of_two_doubles_distances_from_the_centre():
    ramp = np.broadcast_to(np.arange(9, dtype=np.float32)[None, None, :, None], (1, 9, 9, 3))
    zoomed = apply(ramp, Augmentation(zoom=0.5), zoom=2)
    np.testing.assert_allclose(zoomed[0, 4, :, 0], 4 + (np.arange(9) - 4) / 2, atol=1e-4)


def test_shear_moves_rows_along_and_leaves_the_middle_row():
    ramp = np.broadcast_to(np.arange(9, dtype=np.float32)[None, None, :, None], (1, 9, 9, 3))
    sheared = apply(ramp, Augmentation(shear=45), shear=45)
    np.testing.assert_allclose(sheared[0, 4, :, 0], np.arange(9), atol=1e-4)
    np.testing.assert_allclose(sheared[0, 5, 1:, 0], np.arange(8), atol=1e-4)


def test_brightness_and_contrast_by_hand():
    image = np.array([[[[100.0] * 3, [50.0] * 3]]])
    bright = apply(image, Augmentation(brightness=0.5), brightness=0.5)
    np.testing.assert_allclose(bright[0, 0, :, 0], [150, 75])
    flat = apply(image, Augmentation(contrast=0.5), contrast=-0.5)
    np.testing.assert_allclose(flat[0, 0, :, 0], [87.5, 62.5])


def test_no_saturation_is_grey_and_a_whole_turn_of_hue_is_nothing():
    grey = apply(WIDE, Augmentation(saturation=1), saturation=-1)
    luminance = WIDE @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(grey, np.repeat(luminance[..., None], 3, axis=-1), atol=0.5)
    np.testing.assert_allclose(apply(WIDE, Augmentation(hue=0.5), hue=1), WIDE, atol=0.5)
    assert np.abs(apply(WIDE, Augmentation(hue=0.5), hue=0.5) - WIDE).mean() > 10


def test_cutout_covers_its_square_with_the_mean_colour():
    holed = apply(SQUARE, Augmentation(cutout=0.5), hole_y=4, hole_x=2, hole_side=4)
    np.testing.assert_allclose(
        holed[0, 2:6, 0:4], np.broadcast_to(SQUARE[0].mean((0, 1)), (4, 4, 3)), rtol=1e-4
    )
    np.testing.assert_array_equal(holed[0, :, 4:], SQUARE[0, :, 4:])


def test_parameters_have_shape_range_and_stay_when_another_setting_changes():
    everything = Augmentation(rotation=30, shift=0.1, horizontal_flip=True, cutout=0.25)
    drawn = draw_parameters(everything, 500, (40, 60), np.random.default_rng(0))
    column = {name: drawn[:, k] for k, name in enumerate(COLUMNS)}
    assert drawn.shape == (500, 14)
    assert drawn.dtype == np.float32
    assert 25 < np.abs(column["rotation"]).max() <= 30
    assert 3.5 < np.abs(column["shift_y"]).max() <= 4
    assert 5.5 < np.abs(column["shift_x"]).max() <= 6
    assert 0.4 < column["flip_x"].mean() < 0.6
    assert not column["flip_y"].any()
    assert set(np.unique(column["hole_side"])) == {0, 10}
    turned = everything.model_copy(update={"zoom": 0.2})
    other = draw_parameters(turned, 500, (40, 60), np.random.default_rng(0))
    np.testing.assert_array_equal(other[:, 0], drawn[:, 0])


def test_identity():
    assert is_identity(Augmentation(fill="reflect"))
    assert not is_identity(Augmentation(hue=0.1))
    nothing = Augmentation()
    parameters = draw_parameters(nothing, 1, (6, 10), np.random.default_rng(0))
    unchanged = keras.ops.convert_to_numpy(Augment(nothing)(WIDE, parameters))
    np.testing.assert_array_equal(unchanged, WIDE)


def test_compiled_augmenter_equals_the_layer():
    augmentation = Augmentation(rotation=90, zoom=0.2, hue=0.1, cutout=0.3, fill="reflect")
    parameters = draw_parameters(augmentation, 1, (6, 10), np.random.default_rng(5))
    eager = keras.ops.convert_to_numpy(Augment(augmentation)(WIDE, parameters))
    compiled = make_augmenter(augmentation, (6, 10)).predict_on_batch([WIDE, parameters])
    np.testing.assert_allclose(compiled, eager, atol=1e-2)
    assert compiled.shape == WIDE.shape
