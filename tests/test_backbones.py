"""The networks have fixed names, the right scaling and the sizes that are written down."""

import numpy as np
import pytest

from lesionlab.experiment import Network

keras = pytest.importorskip("keras")

from lesionlab.models.build import backbone_layer_names, build_model, weights_of  # noqa: E402
from lesionlab.models.networks import NETWORKS, num_parameters  # noqa: E402

KINDS = [
    Network(network="small-cnn", weights="random"),
    *(
        Network(network="mobilenetv2", alpha=alpha, weights="random")
        for alpha in NETWORKS["mobilenetv2"].parameters
    ),
    Network(network="resnet50", weights="random", hidden=(5,)),
]


@pytest.mark.parametrize("network", KINDS, ids=lambda n: f"{n.network}-{n.alpha}")
def test_written_parameters_are_those_of_the_network(network):
    model = build_model(network, 3, (32, 32), seed=0)
    assert model.count_params() == num_parameters(network, 3)
    assert model.get_layer("pooling").input.shape[-1] == NETWORKS[network.network].features


def test_mobilenet_scales_to_minus_one_and_one():
    model = build_model(KINDS[1], 2, (32, 32), seed=0)
    scale = keras.Model(model.input, model.get_layer("scaling").output)
    image = np.zeros((1, 32, 32, 3), np.uint8)
    image[0, 0, 0] = (0, 255, 51)
    np.testing.assert_allclose(scale.predict_on_batch(image)[0, 0, 0], [-1, 1, -0.6], atol=1e-6)


def test_resnet_in_red_green_blue_answers_as_keras_own_in_blue_green_red(tmp_path, monkeypatch):
    """Weights as Keras publishes them, read from the weights folder, give what Keras gives."""
    reference = keras.applications.ResNet50(
        include_top=False, weights=None, input_shape=(32, 32, 3), pooling="avg"
    )
    reference.save_weights(tmp_path / "any.weights.h5")
    headless = keras.Model(reference.input, reference.layers[-2].output)
    published = tmp_path / "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"
    import h5py
    from keras.src.legacy.saving import legacy_h5_format

    with h5py.File(published, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, headless)
    monkeypatch.setenv("LESIONLAB_WEIGHTS", str(tmp_path))
    model = build_model(Network(network="resnet50"), 2, (32, 32), seed=0)
    images = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    scaled = keras.applications.resnet50.preprocess_input(images.astype(np.float32))
    pooled = keras.Model(model.input, model.get_layer("pooling").output)
    np.testing.assert_allclose(
        pooled.predict_on_batch(images), reference.predict_on_batch(scaled), rtol=2e-3, atol=1e-4
    )


def test_two_builds_have_the_same_names():
    for network in (KINDS[0], KINDS[1], KINDS[-1]):
        first, second = (build_model(network, 2, (32, 32), seed=0) for _ in range(2))
        assert [layer.name for layer in first.layers] == [layer.name for layer in second.layers]
        weights = weights_of(first)
        assert list(weights) == list(weights_of(second))
        assert len(weights) == len(first.weights), "a key stands for two weights"


def test_layers_are_flat_and_counted_from_the_first_convolution():
    model = build_model(KINDS[1], 2, (32, 32), seed=0)
    assert not any(isinstance(layer, keras.Model) for layer in model.layers)
    names = backbone_layer_names(model)
    assert names[:2] == ["Conv1", "bn_Conv1"]
    assert names[-1] == "out_relu"
    assert len(names) == len(model.layers) - len(("image", "scaling")) - 3
