"""Each kind of layer, forwards as Keras does it and backwards as a gradient tape does."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")
tensorflow = pytest.importorskip("tensorflow")

from keras import layers  # noqa: E402

from lesionlab.explain import layer_steps  # noqa: E402

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="these steps are TensorFlow's"
)
SHAPE = (7, 8, 6)
LAYERS = {
    "valid, in steps": lambda: layers.Conv2D(5, 3, strides=2, padding="valid"),
    "same, no bias": lambda: layers.Conv2D(5, (3, 1), padding="same", use_bias=False),
    "in groups": lambda: layers.Conv2D(4, 3, groups=2),
    "with holes": lambda: layers.Conv2D(4, 2, dilation_rate=2),
    "with a ReLU inside": lambda: layers.Conv2D(4, 2, activation="relu"),
    "depthwise": lambda: layers.DepthwiseConv2D(3, strides=2, padding="same"),
    "depthwise, uneven steps": lambda: layers.DepthwiseConv2D(3, strides=(1, 1), use_bias=False),
    "batch normalisation": lambda: layers.BatchNormalization(),
    "batch normalisation, bare": lambda: layers.BatchNormalization(scale=False, center=False),
    "ReLU": lambda: layers.ReLU(),
    "ReLU up to 6": lambda: layers.ReLU(6.0),
    "ReLU up to 1": lambda: layers.ReLU(1.0),
    "leaking ReLU": lambda: layers.ReLU(negative_slope=0.2),
    "activation": lambda: layers.Activation("relu"),
    "sigmoid": lambda: layers.Activation("sigmoid"),
    "rim": lambda: layers.ZeroPadding2D(((1, 2), (0, 3))),
    "max pooling": lambda: layers.MaxPooling2D(3, strides=2, padding="same"),
    "average": lambda: layers.GlobalAveragePooling2D(),
    "largest": lambda: layers.GlobalMaxPooling2D(),
    "dropout": lambda: layers.Dropout(0.5),
    "scaling": lambda: layers.Rescaling(0.5, offset=-1.0),
    "sum": lambda: layers.Add(),
    "product": lambda: layers.Multiply(),
    "side by side": lambda: layers.Concatenate(),
}
DENSE = {
    "linear": lambda: layers.Dense(3),
    "hidden": lambda: layers.Dense(3, activation="relu", use_bias=False),
    "tanh": lambda: layers.Dense(3, activation="tanh"),
}


def built(layer: keras.Layer, shape: tuple[int, ...]) -> tuple[keras.Layer, list[np.ndarray]]:
    """The layer in a graph, with numbers of its own, and what it shall take."""
    rng = np.random.default_rng(0)
    many = isinstance(layer, layers.Add | layers.Multiply | layers.Concatenate)
    given = [keras.Input(shape) for _ in range(2 if many else 1)]
    layer(given if many else given[0])
    for variable in layer.weights:
        if variable.name != "seed_generator_state":
            variable.assign(rng.uniform(0.2, 1.5, variable.shape))
    for variable in layer.trainable_weights:
        variable.assign(rng.normal(0, 1, variable.shape))
    return layer, [5 * rng.normal(0, 1, (1, *shape)).astype(np.float32) for _ in given]


def by_tape(layer: keras.Layer, inputs: list[np.ndarray], gradients: np.ndarray):
    tiled = [tensorflow.constant(np.repeat(one, len(gradients), axis=0)) for one in inputs]
    with tensorflow.GradientTape() as tape:
        tape.watch(tiled)
        output = layer(tiled if len(tiled) > 1 else tiled[0], training=False)
    return output, tape.gradient(output, tiled, output_gradients=tensorflow.constant(gradients))


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("name", [*LAYERS, *DENSE])
def test_as_keras_and_its_tape_would(name: str, number: int) -> None:
    make, shape = (LAYERS[name], SHAPE) if name in LAYERS else (DENSE[name], (6,))
    layer, inputs = built(make(), shape)
    sides = keras.ops.shape(layer(inputs if len(inputs) > 1 else inputs[0], training=False))[1:]
    gradients = np.random.default_rng(1).normal(0, 1, (number, *sides)).astype(np.float32)
    expected, parts = by_tape(layer, inputs, gradients)
    tensors = [tensorflow.constant(one) for one in inputs]
    output = layer_steps.forward(layer, tensors)
    np.testing.assert_allclose(output[0], expected[0], rtol=1e-4, atol=1e-5)
    found = layer_steps.backward(layer, tensors, output, tensorflow.constant(gradients))
    assert len(found) == len(inputs)
    for one, part in zip(found, parts, strict=True):
        assert one.shape == (number, *shape)
        np.testing.assert_allclose(one, part, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["valid, in steps", "depthwise", "in groups"])
def test_other_kernels_take_the_place_of_the_layers_own(name: str) -> None:
    layer, inputs = built(LAYERS[name](), SHAPE)
    own = np.array(layer.kernel)
    other = np.random.default_rng(2).normal(0, 1, own.shape).astype(np.float32)
    tensors = [tensorflow.constant(one) for one in inputs]
    output = layer_steps.forward(layer, tensors, other)
    gradients = tensorflow.ones_like(output)
    (found,) = layer_steps.backward(layer, tensors, output, gradients, other)
    np.testing.assert_array_equal(np.array(layer.kernel), own)
    layer.kernel.assign(other)
    expected, (part,) = by_tape(layer, inputs, gradients.numpy())
    np.testing.assert_allclose(output, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found, part, rtol=1e-4, atol=1e-4)


def test_a_convolution_back_by_hand() -> None:
    """One map, kernel 2 then 3 along a row: what place 1 gave comes from places 1 and 2."""
    layer = layers.Conv2D(1, (1, 2), use_bias=False)
    layer(keras.Input((1, 4, 1)))
    layer.kernel.assign(np.array([2, 3], np.float32).reshape(1, 2, 1, 1))
    x = tensorflow.reshape(tensorflow.constant([1.0, 10, 100, 1000]), (1, 1, 4, 1))
    output = layer_steps.forward(layer, [x])
    assert np.ravel(output).tolist() == [32, 320, 3200]
    gradient = tensorflow.reshape(tensorflow.constant([0.0, 1, 0]), (1, 1, 3, 1))
    (found,) = layer_steps.backward(layer, [x], output, gradient)
    assert np.ravel(found).tolist() == [0, 2, 3, 0]
