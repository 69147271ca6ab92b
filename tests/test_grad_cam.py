"""Heat maps of any layer, their check with random weights, and the numbers behind the answer."""

import numpy as np
import pytest

from lesionlab.errors import ModelError
from lesionlab.experiment import Network

keras = pytest.importorskip("keras")

from lesionlab.explain.grad_cam import checked_grad_cam, grad_cam, last_grad_cam  # noqa: E402
from lesionlab.explain.saliency import predict_with_heat_map  # noqa: E402
from lesionlab.explain.tails import drawn_kernels, last_kernels  # noqa: E402
from lesionlab.explain.the_end import the_end  # noqa: E402
from lesionlab.explain.walking import reached_from  # noqa: E402
from lesionlab.models.build import build_model  # noqa: E402

IMAGES = np.random.default_rng(0).integers(0, 256, (1, 64, 32, 3), np.uint8)
SMALL = Network(network="small-cnn", weights="random")


def tiny() -> keras.Model:
    """Two maps (red, and red over two), a short cut that adds the red map once more, two classes.

    Class 0 has 3 × the first pooled map, class 1 has -1 × the first + 2 × the second.
    """
    image = keras.Input((4, 4, 3), name="image")
    first = keras.layers.Conv2D(2, 1, use_bias=False, name="first")
    second = keras.layers.Conv2D(2, 1, use_bias=False, name="second")
    x = first(image)
    x = keras.layers.Add(name="sum")([second(x), x])
    x = keras.layers.GlobalAveragePooling2D(name="pooling")(x)
    logits = keras.layers.Dense(2, name="logits")
    answer = keras.layers.Activation("softmax", name="probabilities")(logits(x))
    model = keras.Model(image, answer)
    kernel = np.zeros((1, 1, 3, 2), np.float32)
    kernel[0, 0, 0] = (1, 0.5)
    first.kernel.assign(kernel)
    second.kernel.assign(np.eye(2, dtype=np.float32)[None, None])
    logits.kernel.assign([[3.0, -1.0], [0.0, 2.0]])
    logits.bias.assign([0.25, -0.5])
    return model


def red(value: float = 8) -> np.ndarray:
    image = np.zeros((1, 4, 4, 3), np.float32)
    image[0, 0, 1, 0] = value
    return image


def test_the_answer_adds_up_as_by_hand():
    """Red 8 at one of 16 places: first maps 8 and 4, doubled by the short cut, mean 1 and 0.5."""
    end = the_end(tiny(), red())
    np.testing.assert_allclose(end.pooled, (1, 0.5))
    np.testing.assert_allclose(end.features, end.pooled)
    np.testing.assert_allclose(end.logits, (3 + 0.25, -1 + 1 - 0.5))
    expected = np.exp(end.logits) / np.exp(end.logits).sum()
    np.testing.assert_allclose(end.probabilities, expected, rtol=1e-5)


def test_a_heat_map_worked_out_by_hand():
    """The gradient of class 0 at the sum is 3/16 for the first map alone; its maps are 16 and 8.

    At the first layer it passes both ways, so it doubles; the maps there are half as large.
    """
    model = tiny()
    expected = np.zeros((4, 4))
    expected[0, 1] = 3 / 16 * 16
    np.testing.assert_allclose(grad_cam(model, red(), "sum", 0), expected, rtol=1e-5)
    np.testing.assert_allclose(grad_cam(model, red(), "first", 0), expected, rtol=1e-5)
    # Inside the longer way alone: the short cut past it is no part of its gradient.
    np.testing.assert_allclose(grad_cam(model, red(), "second", 0), expected / 2, rtol=1e-5)
    # For class 1: -1/16 × 16 + 2/16 × 8 = 0, so nothing speaks for it.
    np.testing.assert_allclose(grad_cam(model, red(), "sum", 1), np.zeros((4, 4)), atol=1e-6)


@pytest.mark.parametrize("pooling", ["avg", "max"])
@pytest.mark.parametrize("hidden", [(), (6,)])
def test_at_the_last_layer_no_gradient_is_needed(hidden, pooling):
    """The same numbers, and those of the heat map that comes with a prediction, stretched."""
    network = SMALL.model_copy(update={"hidden": hidden, "pooling": pooling})
    model = build_model(network, 3, (64, 32), seed=0)
    _, heat = predict_with_heat_map(model, IMAGES)
    for number in range(3):
        found = grad_cam(model, IMAGES, "block5_relu", number)
        short = last_grad_cam(model, IMAGES, number)
        np.testing.assert_allclose(short, found, rtol=1e-3, atol=1e-6)
        largest = max(float(found.max()), 1e-12)
        np.testing.assert_allclose(found / largest, heat[0, ..., number], atol=1e-3)


def test_layers_without_places_or_names_are_refused():
    model = tiny()
    with pytest.raises(ModelError, match="no places"):
        grad_cam(model, red(), "logits", 0)
    with pytest.raises(ModelError, match="no layer 'nobody'"):
        checked_grad_cam(model, red(), "nobody", 0, [0])


def test_what_a_layer_goes_into_and_which_kernels_are_last():
    model = tiny()
    behind = {"sum", "pooling", "logits", "probabilities"}
    assert reached_from(model, "second") == {"second", *behind}
    assert reached_from(model, "first") == {"first", "second", *behind}
    assert last_kernels(model, 2) == ["second", "logits"]


@pytest.mark.parametrize("layer", ["block2_relu", "block4_convolution", "block5_relu"])
def test_redrawn_maps_differ_and_leave_the_network_as_it_was(layer):
    """Before, at and behind the place where the redrawn part begins."""
    model = build_model(SMALL, 3, (64, 32), seed=0)
    before = model.get_weights()
    hottest = max(range(3), key=lambda k: float(grad_cam(model, IMAGES, layer, k).max()))
    learned = grad_cam(model, IMAGES, layer, hottest)
    again, maps = checked_grad_cam(model, IMAGES, layer, hottest, seeds=[0, 1, 2, 3, 0])
    np.testing.assert_allclose(again, learned, rtol=1e-4, atol=1e-5 * learned.max())
    assert maps.shape == (5, *learned.shape)
    np.testing.assert_array_equal(maps[0], maps[4])
    # A redrawn network may find nothing at all that speaks for a class, but not four of them.
    assert np.ptp(maps[:4].max(axis=(1, 2))) > 1e-6
    assert (np.abs(maps[:4] - learned).max(axis=(1, 2)) > 1e-6).all()
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_redrawn_head_gives_the_map_of_its_own_numbers():
    """Only the logits are redrawn: the map is the maps weighed by what the seed gave."""
    model = tiny()
    _, (heat,) = checked_grad_cam(model, red(), "sum", 0, seeds=[7], number=1)
    kernel = drawn_kernels(model, 1, 7)["logits"]
    assert np.abs(kernel - [[3, -1], [0, 2]]).max() > 0.1
    expected = max(0.0, float(16 * kernel[0, 0] + 8 * kernel[1, 0]) / 16)
    assert heat[0, 1] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("number", [1, 3, 6])
def test_a_redrawn_network_is_one_with_these_kernels_in_its_layers(number):
    """The map of seed 3 is that of a network into which the numbers of seed 3 were written."""
    model = build_model(SMALL, 3, (64, 32), seed=0)
    other = build_model(SMALL, 3, (64, 32), seed=0)
    for name, kernel in drawn_kernels(model, number, 3).items():
        other.get_layer(name).kernel.assign(kernel)
    for layer in ("block1_pool", "block4_relu", "block5_batchnorm"):
        for number_of_class in range(3):
            _, maps = checked_grad_cam(model, IMAGES, layer, number_of_class, [0, 3], number)
            expected = grad_cam(other, IMAGES, layer, number_of_class)
            np.testing.assert_allclose(maps[1], expected, rtol=1e-3, atol=1e-5 * expected.max())


@pytest.mark.parametrize("network", ["small-cnn", "mobilenetv2", "resnet50"])
def test_the_map_is_that_of_keras_and_a_tape(network):
    """Equations 1 and 2 with the gradient that TensorFlow's own tape finds, at several depths."""
    tensorflow = pytest.importorskip("tensorflow")
    model = build_model(Network(network=network, weights="random", alpha=0.35), 3, (32, 32), 0)
    image = IMAGES[:, :32]
    spatial = [layer for layer in model.layers[2:] if len(layer.output.shape) == 4]
    chosen = spatial[:: len(spatial) // 8]
    whole = keras.Model(
        model.input, [model.get_layer("logits").output, *(layer.output for layer in chosen)]
    )
    with tensorflow.GradientTape() as tape:
        given = tensorflow.constant(image, tensorflow.float32)
        tape.watch(given)
        logits, *maps = whole(given, training=False)
        score = logits[0, 1]
    gradients = tape.gradient(score, maps)
    for layer, values, gradient in zip(chosen, maps, gradients, strict=True):
        weights = gradient.numpy().mean(axis=(1, 2))
        expected = np.maximum(np.einsum("nhwc,nc->nhw", values.numpy(), weights), 0)[0]
        found = grad_cam(model, image, layer.name, 1)
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * expected.max())
