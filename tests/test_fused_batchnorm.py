"""BatchNorm in one pass against Keras's own."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from lesionlab.experiment import Network, Phase
from lesionlab.models.build import build_model, weights_of
from lesionlab.models.freezing import apply_freezing
from lesionlab.models.fused_batchnorm import FusedBatchNormalization, with_fused_batchnorm

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="only TensorFlow has the operation"
)
SIZE = (32, 48)


def logits_of(model: keras.Model) -> keras.Model:
    return keras.Model(model.input, model.get_layer("logits").output)


def one_step(model: keras.Model, pictures: np.ndarray, targets: np.ndarray) -> float:
    # Plain descent: what differs by rounding stays as small as it is.
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.01), loss)
    return float(model.train_on_batch(pictures, targets))


@pytest.mark.parametrize("frozen", [0, 4])
def test_a_step_is_that_of_keras(frozen: int, rng: np.random.Generator) -> None:
    network = Network.model_validate({"network": "small-cnn", "dropout": 0.0})
    pictures = rng.integers(0, 256, (8, *SIZE, 3)).astype(np.uint8)
    targets = np.eye(3, dtype=np.float32)[np.arange(8) % 3]
    plain, fused = (build_model(network, 3, SIZE, seed=1, load_weights=False) for _ in range(2))
    for model in (plain, fused):
        apply_freezing(model, Phase(frozen=frozen), network)
    before = weights_of(plain)
    losses = [
        one_step(view, pictures, targets)
        for view in (logits_of(plain), with_fused_batchnorm(logits_of(fused)))
    ]
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)
    wanted, found = weights_of(plain), weights_of(fused)
    assert list(wanted) == list(found)
    for key in wanted:
        np.testing.assert_allclose(found[key], wanted[key], atol=2e-5, err_msg=key)
    moved = {key.split("/")[1] for key in wanted if (wanted[key] != before[key]).any()}
    assert {"moving_mean", "moving_variance", "gamma", "beta", "kernel"} <= moved


@pytest.mark.parametrize("shape", [(8, 16, 24, 16), (8, 1, 2, 64)], ids=["wide maps", "small maps"])
def test_the_gradient_is_that_of_keras(shape: tuple[int, ...], rng: np.random.Generator) -> None:
    import tensorflow

    values = rng.normal(1, 0.5, shape).astype(np.float32)
    pull = rng.normal(size=shape).astype(np.float32)
    found = []
    for fused in (False, True):
        layer = keras.layers.BatchNormalization()
        layer.build(shape)
        called = FusedBatchNormalization(layer) if fused else layer
        given = tensorflow.constant(values)
        with tensorflow.GradientTape() as tape:
            tape.watch(given)
            loss = tensorflow.reduce_sum(called(given, training=True) * pull)
        found.append(tape.gradient(loss, [given, layer.gamma.value, layer.beta.value]))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4 * float(np.abs(one).max()))


def test_variables_keep_their_order() -> None:
    # An optimizer's memory is kept by position, and taken up again by it.
    network = Network.model_validate({"network": "mobilenetv2", "alpha": 0.35, "weights": "random"})
    model = build_model(network, 3, SIZE, seed=1, load_weights=False)
    apply_freezing(model, Phase(), network)
    view = with_fused_batchnorm(logits_of(model))
    assert [variable.path for variable in view.trainable_variables] == [
        variable.path for variable in logits_of(model).trainable_variables
    ]


def test_the_statistics_by_hand() -> None:
    # Mean 5, mean square distance 5; the stored ones (0 and 1) go a tenth of the way.
    layer = keras.layers.BatchNormalization(momentum=0.9, epsilon=0.01)
    values = np.array([2, 4, 6, 8], np.float32).reshape(1, 2, 2, 1)
    layer.build(values.shape)
    fused = FusedBatchNormalization(layer)
    result = keras.ops.convert_to_numpy(fused(values, training=True)).ravel()
    np.testing.assert_allclose(result, np.array([-3, -1, 1, 3]) / 5.01**0.5, rtol=1e-5)
    assert float(layer.moving_mean.value[0]) == pytest.approx(0.5)
    assert float(layer.moving_variance.value[0]) == pytest.approx(0.9 + 0.5)
    asked = keras.ops.convert_to_numpy(fused(values, training=False))
    np.testing.assert_allclose(asked, keras.ops.convert_to_numpy(layer(values, training=False)))


def test_only_what_learns_is_fused() -> None:
    described = Network.model_validate({"network": "small-cnn"})
    model = build_model(described, 3, SIZE, seed=1, load_weights=False)
    # The first block has four layers: convolution, BatchNorm, ReLU, pool.
    apply_freezing(model, Phase(frozen=4), described)
    view = with_fused_batchnorm(logits_of(model))
    fused = [layer.name for layer in view.layers if isinstance(layer, FusedBatchNormalization)]
    assert fused == [f"block{number}_batchnorm_fused" for number in range(2, 6)]
    assert "block1_batchnorm" in [layer.name for layer in view.layers]
    # The model that is kept, exported and asked has nothing but Keras's own layers.
    assert not any(isinstance(layer, FusedBatchNormalization) for layer in model.layers)
    assert model.output.shape == (None, 3)
