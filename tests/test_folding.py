"""BatchNorm folded into convolutions gives the same answers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from lesionlab.experiment import Network
from lesionlab.models.build import build_model, weights_of
from lesionlab.models.folding import with_folded_batchnorm

SIZE = (32, 48)


def disturbed(
    network: dict[str, Any], pictures: np.ndarray, rng: np.random.Generator
) -> keras.Model:
    """A network whose BatchNorm knows the pictures, and has scales and offsets."""
    model = build_model(Network.model_validate(network), 3, SIZE, seed=1, load_weights=False)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 0.0
            layer.gamma.assign(rng.uniform(0.5, 1.5, layer.gamma.shape))
            layer.beta.assign(rng.uniform(-0.5, 0.5, layer.beta.shape))
    model(pictures, training=True)
    return model


@pytest.mark.parametrize(
    "network",
    [
        {"network": "small-cnn"},
        {"network": "mobilenetv2", "alpha": 0.35, "weights": "random"},
        {"network": "resnet50", "weights": "random"},
    ],
    ids=["small-cnn", "mobilenetv2", "resnet50"],
)
def test_the_answers_are_the_same(network: dict[str, Any], rng: np.random.Generator) -> None:
    # Of four colours, so that the answers differ.
    pictures = rng.integers(0, 64, (4, *SIZE, 3)) + np.arange(4).reshape(4, 1, 1, 1) * [60, 20, 5]
    pictures = pictures.astype(np.uint8)
    model = disturbed(network, pictures, rng)
    before = weights_of(model)
    folded = with_folded_batchnorm(model)
    wanted = model.predict_on_batch(pictures)
    assert np.ptp(wanted, axis=0).max() > 0.02
    # Fifty layers of random numbers make more of a rounding than those that have learned.
    np.testing.assert_allclose(folded.predict_on_batch(pictures), wanted, atol=5e-4)
    assert not any(isinstance(layer, layers.BatchNormalization) for layer in folded.layers)
    after = weights_of(model)
    assert all((after[key] == before[key]).all() for key in before)


def test_one_channel_by_hand() -> None:
    # 2 x + 3, less the mean 1, over the root of 3 + 1, times 4, plus 5: 4 x + 9.
    inputs = keras.Input((2, 2, 1))
    x = layers.Conv2D(1, 1, name="convolution")(inputs)
    outputs = layers.BatchNormalization(epsilon=1.0, name="batchnorm")(x)
    model = keras.Model(inputs, outputs)
    model.get_layer("convolution").set_weights([np.full((1, 1, 1, 1), 2.0), np.array([3.0])])
    model.get_layer("batchnorm").set_weights([np.array([v]) for v in (4.0, 5.0, 1.0, 3.0)])
    folded = with_folded_batchnorm(model)
    kernel, bias = folded.get_layer("convolution").get_weights()
    assert (kernel.item(), bias.item()) == (4, 9)
    assert [layer.name for layer in folded.layers][1:] == ["convolution"]


def test_what_others_read_is_not_folded() -> None:
    inputs = keras.Input((2, 2, 1))
    x = layers.Conv2D(1, 1, name="convolution")(inputs)
    outputs = layers.Add(name="sum")([x, layers.BatchNormalization(name="batchnorm")(x)])
    folded = with_folded_batchnorm(keras.Model(inputs, outputs))
    assert "batchnorm" in [layer.name for layer in folded.layers]
