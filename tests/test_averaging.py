"""Averaged weights, worked out by hand."""

import numpy as np
import pytest

from lesionlab.errors import TrainingError

keras = pytest.importorskip("keras")

from lesionlab.training.averaging import WeightAverage  # noqa: E402


def make_model():
    """One weight that learns, one that is frozen, and BatchNorm's averages beside it."""
    image = keras.Input((1,), name="image")
    x = keras.layers.Dense(1, use_bias=False, name="frozen", trainable=False)(image)
    x = keras.layers.BatchNormalization(center=False, scale=False, name="norm")(x)
    return keras.Model(image, keras.layers.Dense(1, use_bias=False, name="logits")(x))


def put(model, weight, mean):
    model.get_layer("logits").kernel.assign([[weight]])
    model.get_layer("norm").moving_mean.assign([mean])


def test_two_steps_by_hand():
    model = make_model()
    put(model, 1.0, 10.0)
    average = WeightAverage(model, decay=0.15)
    put(model, 2.0, 20.0)
    average.update(0)  # (1 + 0) / (10 + 0) = 0.1: 0.1 * 1 + 0.9 * 2 = 1.9
    assert average.state()["logits/kernel"] == pytest.approx(1.9)
    put(model, 4.0, 0.0)
    average.update(1)  # 2 / 11 is more than 0.15: 0.15 * 1.9 + 0.85 * 4 = 3.685
    state = average.state()
    assert state["logits/kernel"] == pytest.approx(3.685)
    assert state["norm/moving_mean"] == pytest.approx(0.15 * 19)
    assert not any(key.startswith("frozen") for key in state)

    with average.in_place():
        assert float(model.get_layer("logits").kernel[0, 0]) == pytest.approx(3.685)
    assert float(model.get_layer("logits").kernel[0, 0]) == 4.0
    assert float(model.get_layer("norm").moving_mean[0]) == 0.0
    # The model's own numbers come back whatever happens in between.
    with pytest.raises(KeyError), average.in_place():
        raise KeyError
    assert float(model.get_layer("logits").kernel[0, 0]) == 4.0


def test_an_average_that_was_kept_goes_on():
    model = make_model()
    put(model, 1.0, 0.0)
    first = WeightAverage(model, decay=0.5)
    put(model, 3.0, 0.0)
    first.update(100)
    again = WeightAverage(make_model(), 0.5, first.state())
    for key, value in first.state().items():
        np.testing.assert_array_equal(again.state()[key], value)
    with pytest.raises(TrainingError, match=r"differ in 1 places, first logits/kernel"):
        WeightAverage(model, 0.5, {k: a for k, a in first.state().items() if "logits" not in k})
