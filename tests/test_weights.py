"""Where weights come from, and what is said when they cannot be had."""

import time

import numpy as np
import pytest

from lesionlab.errors import JobError, ModelError, WeightsError
from lesionlab.experiment import Network

keras = pytest.importorskip("keras")

from lesionlab.models import imagenet  # noqa: E402
from lesionlab.models.batchnorm import is_folded, start_statistics_anew  # noqa: E402
from lesionlab.models.build import build_model, weights_of  # noqa: E402
from lesionlab.models.freezing import apply_freezing  # noqa: E402
from lesionlab.models.weights import (  # noqa: E402
    assign,
    find_imagenet,
    find_start,
)

MOBILENET = Network(network="mobilenetv2", alpha=0.35)
NAME = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """A machine without weights, whose network does not answer."""
    monkeypatch.setenv("LESIONLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LESIONLAB_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(imagenet, "_unreachable", lambda address: "no route")
    return tmp_path


def save_published(model, path):
    """Write a backbone's weights in the old layout that Keras publishes."""
    import h5py
    from keras.src.legacy.saving import legacy_h5_format

    backbone = keras.Model(model.input, model.get_layer("pooling").input)
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, backbone)


def test_file_of_the_picture_size_wins_then_224_then_other_names(alone):
    for name in (NAME, NAME.replace("224", "160"), "mobilenet_v2_0.35_224_no_top.mine.h5"):
        (alone / name).touch()
    assert find_imagenet(MOBILENET, (160, 160)).name == NAME.replace("224", "160")
    assert find_imagenet(MOBILENET, (100, 80)).name == NAME
    (alone / NAME).unlink()
    (alone / NAME.replace("224", "160")).unlink()
    assert find_imagenet(MOBILENET).name == "mobilenet_v2_0.35_224_no_top.mine.h5"
    assert find_imagenet(MOBILENET.model_copy(update={"alpha": 1.0})) is None


def test_weights_are_read_into_the_backbone_and_not_the_head(alone):
    random = MOBILENET.model_copy(update={"weights": "random"})
    save_published(build_model(random, 2, (32, 32), seed=5), alone / NAME)
    model = weights_of(build_model(MOBILENET, 2, (32, 32), seed=6))
    five, six = (weights_of(build_model(random, 2, (32, 32), seed=seed)) for seed in (5, 6))
    np.testing.assert_array_equal(model["Conv1/kernel"], five["Conv1/kernel"])
    np.testing.assert_array_equal(model["logits/kernel"], six["logits/kernel"])
    assert find_start(MOBILENET).kind == "imagenet"


def test_missing_weights_say_the_ways_out(alone):
    with pytest.raises(WeightsError) as caught:
        find_start(MOBILENET)
    for words in (NAME, "no route", '"random"', "LESIONLAB_WEIGHTS", "model of ours"):
        assert words in caught.value.sentence


def test_unreachable_network_is_found_out_quickly():
    begin = time.perf_counter()
    assert imagenet._unreachable("http://127.0.0.1:9/weights.h5")
    assert time.perf_counter() - begin < imagenet.PROBE_SECONDS + 1


def test_random_numbers_stand_in_and_say_so(alone):
    network = MOBILENET.model_copy(update={"fallback": "random"})
    start = find_start(network)
    assert start.kind == "random"
    assert "cannot be had" in start.sentence
    with pytest.raises(JobError):
        find_start(network.model_copy(update={"weights": "no-such-model"}))


@pytest.mark.parametrize("content", [b"", b"not HDF5 at all"])
def test_damaged_file_is_named(alone, content):
    (alone / NAME).write_bytes(content)
    with pytest.raises(WeightsError, match=r"0\.35_224_no_top.h5 is damaged"):
        build_model(MOBILENET, 2, (32, 32), seed=0)


def test_file_of_another_width_is_refused(alone):
    other = Network(network="mobilenetv2", alpha=0.5, weights="random")
    save_published(build_model(other, 2, (32, 32), seed=0), alone / NAME)
    with pytest.raises(WeightsError, match="of another network"):
        build_model(MOBILENET, 2, (32, 32), seed=0)


def test_small_network_has_no_imagenet_weights():
    # The experiment refuses this already; a network may also be made without one.
    with pytest.raises(WeightsError, match="no ImageNet weights"):
        find_imagenet(Network(network="small-cnn"))


def test_assign_checks_everything_before_it_changes_anything():
    model = build_model(Network(network="small-cnn", weights="random"), 2, (16, 16), seed=0)
    before = weights_of(model)
    good = {key: weight + 1 for key, weight in before.items()}
    for wrong, words in (
        ({**good, "logits/bias": np.zeros(3, np.float32)}, "shape"),
        ({**good, "logits/bias": np.array([0, np.nan], np.float32)}, "not finite"),
        ({**good, "stranger/kernel": np.zeros(1)}, "no place for stranger/kernel"),
        ({k: w for k, w in good.items() if k != "logits/bias"}, "lacks logits/bias"),
    ):
        with pytest.raises(ModelError, match=words):
            assign(model, wrong)
    assert all(np.array_equal(before[key], weight) for key, weight in weights_of(model).items())


def test_folded_batchnorm_is_unfolded_without_changing_the_answers():
    network = Network(network="mobilenetv2", alpha=0.35, weights="random")
    model = build_model(network, 2, (32, 32), seed=0)
    assert not is_folded(model), "random numbers have learned nothing that could be lost"
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.beta.assign(rng.normal(0.5, 0.5, layer.beta.shape))
    assert is_folded(model)
    images = rng.integers(0, 256, (32, 32, 32, 3), np.uint8)
    before = model.predict_on_batch(images)
    start_statistics_anew(model, images)
    assert not is_folded(model)
    np.testing.assert_allclose(model.predict_on_batch(images), before, rtol=1e-3, atol=1e-5)
    # In training mode, on the same pictures, BatchNorm now does nearly what it did before.
    from lesionlab.experiment import Phase

    apply_freezing(model, Phase(), network)
    training = np.asarray(model(images, training=True))
    np.testing.assert_allclose(training, before, rtol=0.02, atol=1e-3)
