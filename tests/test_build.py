"""What is built: shapes, seeds, heads, and what is refused."""

import numpy as np
import pytest

from lesionlab.errors import ModelError
from lesionlab.experiment import Network

keras = pytest.importorskip("keras")

from lesionlab.models.build import (  # noqa: E402
    build_model,
    random_state_of,
    restore_random_state,
    weights_of,
)
from lesionlab.models.layer_table import layer_table  # noqa: E402

SMALL = Network(network="small-cnn", weights="random")
IMAGES = np.random.default_rng(0).integers(0, 256, (3, 32, 48, 3), np.uint8)


@pytest.fixture(scope="module")
def model():
    return build_model(SMALL, 4, (32, 48), seed=1)


def test_probabilities_have_their_shape_and_sum_to_one(model):
    probabilities = model.predict_on_batch(IMAGES)
    assert probabilities.shape == (3, 4)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert np.ptp(probabilities, axis=0).max() > 1e-4, "different pictures, different answers"


def test_uint8_and_float_pixels_give_the_same(model):
    np.testing.assert_allclose(
        model.predict_on_batch(IMAGES), model.predict_on_batch(IMAGES.astype(np.float32)), rtol=1e-5
    )


def test_seed_decides_the_numbers_whatever_was_built_before(model):
    build_model(SMALL, 7, (16, 16), seed=9)
    keras.utils.set_random_seed(123)
    again, other = (
        weights_of(build_model(SMALL, 4, (32, 48), 1)),
        build_model(SMALL, 4, (32, 48), 2),
    )
    for key, weight in weights_of(model).items():
        np.testing.assert_array_equal(weight, again[key])
    assert not np.array_equal(
        again["block1_convolution/kernel"], weights_of(other)["block1_convolution/kernel"]
    )


def test_he_normal_spread_by_hand(model):
    """He et al. (2015), equation 10: the spread of a kernel is the root of 2 / fan-in."""
    kernel = weights_of(model)["block4_convolution/kernel"]
    assert kernel.std() == pytest.approx(np.sqrt(2 / (3 * 3 * 96)), rel=0.03)


def test_logits_become_probabilities_by_hand(model):
    logits = keras.Model(model.input, model.get_layer("logits").output).predict_on_batch(IMAGES)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    expected = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict_on_batch(IMAGES), expected, rtol=1e-4)


def test_head_has_what_was_asked_for():
    network = SMALL.model_copy(update={"pooling": "max", "hidden": (6, 5), "dropout": 0.5})
    names = [layer.name for layer in build_model(network, 3, (16, 16), 0).layers]
    assert names[-6:] == ["pooling", "hidden_1", "hidden_2", "dropout", "logits", "probabilities"]


def test_batchnorm_follows_quickly():
    network = Network(network="mobilenetv2", alpha=0.35, weights="random")
    momenta = {
        layer.momentum
        for layer in build_model(network, 2, (32, 32), 0).layers
        if isinstance(layer, keras.layers.BatchNormalization)
    }
    assert momenta == {0.9}


def test_dropout_goes_on_where_it_stood():
    network = SMALL.model_copy(update={"dropout": 0.5})
    model = build_model(network, 2, (16, 16), 0)
    dropout, ones = model.get_layer("dropout"), np.ones((1, 64), np.float32)
    dropout(ones, training=True)
    state = random_state_of(model)
    undisturbed = np.asarray(dropout(ones, training=True))
    again = build_model(network, 2, (16, 16), 0)
    restore_random_state(again, state)
    repeated = np.asarray(again.get_layer("dropout")(ones, training=True))
    np.testing.assert_array_equal(repeated, undisturbed)
    assert not np.array_equal(np.asarray(dropout(ones, training=True)), undisturbed)


def test_too_small_too_large_and_one_class_are_refused():
    with pytest.raises(ModelError, match="from 32 to 1024"):
        build_model(Network(weights="random"), 2, (16, 64), 0)
    with pytest.raises(ModelError, match="at least two"):
        build_model(SMALL, 1, (16, 16), 0)
    huge = Network(network="resnet50", weights="random", hidden=(4096,) * 12)
    with pytest.raises(ModelError, match="200,000,000 parameters"):
        build_model(huge, 2, (32, 32), 0)


def test_layer_table_by_hand(model):
    rows = {row["name"]: row for row in layer_table(model)}
    first = rows["block1_convolution"]
    assert first["parameters"] == 3 * 3 * 3 * 24
    assert first["output_shape"] == [32, 48, 24]
    assert (first["part"], first["index"], first["inputs"]) == ("backbone", 0, ["scaling"])
    assert rows["block5_relu"]["output_shape"] == [2, 3, 192]
    assert rows["logits"]["parameters"] == (192 + 1) * 4
    assert (rows["logits"]["part"], rows["logits"]["index"]) == ("head", None)
    assert (rows["image"]["part"], rows["image"]["inputs"]) == ("input", [])


def test_every_layer_of_every_network_is_explained():
    for network in ("mobilenetv2", "resnet50"):
        model = build_model(Network(network=network, weights="random", dropout=0.1), 2, (32, 32), 0)
        rows = layer_table(model)
        assert all(row["plain"] for row in rows)
        known = {row["name"] for row in rows}
        assert all(set(row["inputs"]) <= known for row in rows)
    added = next(row for row in rows if row["kind"] == "Add")
    assert len(added["inputs"]) == 2
