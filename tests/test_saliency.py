"""Heat maps: equal to the class activation map, and their gradients to measured ones."""

import numpy as np
import pytest

from lesionlab.experiment import Network

keras = pytest.importorskip("keras")

from lesionlab.explain.saliency import class_gradients, predict_with_heat_map  # noqa: E402
from lesionlab.models.build import build_model  # noqa: E402

IMAGES = np.random.default_rng(0).integers(0, 256, (2, 64, 32, 3), np.uint8)
SMALL = Network(network="small-cnn", weights="random")


def test_with_average_pooling_it_is_the_class_activation_map():
    model = build_model(SMALL, 3, (64, 32), seed=0)
    probabilities, heat = predict_with_heat_map(model, IMAGES)
    assert heat.shape == (2, 4, 2, 3)
    np.testing.assert_allclose(probabilities, model.predict_on_batch(IMAGES), rtol=1e-4)
    maps = keras.Model(model.input, model.get_layer("block5_relu").output).predict_on_batch(IMAGES)
    kernel = keras.ops.convert_to_numpy(model.get_layer("logits").kernel)
    activation = np.maximum(maps @ kernel, 0)
    expected = activation / np.maximum(activation.max(axis=(1, 2), keepdims=True), 1e-9)
    np.testing.assert_allclose(heat, expected, atol=1e-3)


def test_it_finds_the_only_place_that_speaks_for_a_class():
    """A network made by hand: class 1 looks for bright pixels, and one corner is bright."""
    model = build_model(SMALL, 2, (64, 64), seed=0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            # Hands the mean colour of each pixel through, in the first map alone.
            kernel = np.zeros(layer.kernel.shape, np.float32)
            kernel[1, 1, :, 0] = 1 / 3 if kernel.shape[2] == 3 else 0
            kernel[1, 1, 0, 0] = 1 / 3 if kernel.shape[2] == 3 else 1
            layer.kernel.assign(kernel)
    head = np.zeros((192, 2), np.float32)
    head[0] = (-1, 1)
    model.get_layer("logits").kernel.assign(head)
    image = np.zeros((1, 64, 64, 3), np.uint8)
    image[0, :16, 48:] = 255
    probabilities, heat = predict_with_heat_map(model, image)
    assert probabilities[0].argmax() == 1
    expected = np.zeros((4, 4))
    expected[0, 3] = 1
    np.testing.assert_allclose(heat[0, :, :, 1], expected, atol=1e-5)
    assert not heat[0, :, :, 0].any(), "nothing speaks for the other class"


@pytest.mark.parametrize("pooling", ["avg", "max"])
def test_gradients_equal_measured_ones_through_hidden_layers(pooling):
    network = SMALL.model_copy(update={"pooling": pooling, "hidden": (6, 5)})
    model = build_model(network, 3, (32, 32), seed=1)
    rng = np.random.default_rng(0)
    features = rng.uniform(0, 1, (1, 2, 2, 192)).astype(np.float32)
    head = keras.Model(model.get_layer("pooling").input, model.get_layer("logits").output)
    gradients = class_gradients(model, features)
    assert gradients.shape == (1, 192, 3)
    step = 1e-2
    for channel in (0, 50, 191):
        measured = 0
        for row, column in np.ndindex(2, 2):
            higher, lower = features.copy(), features.copy()
            higher[0, row, column, channel] += step
            lower[0, row, column, channel] -= step
            difference = head.predict_on_batch(higher)[0] - head.predict_on_batch(lower)[0]
            # Max pooling answers at the strongest place alone, average pooling at every place.
            measured = measured + difference / (2 * step)
        np.testing.assert_allclose(gradients[0, channel], measured, rtol=0.02, atol=1e-3)
