"""A rebuilt model answers as the one that was saved; what does not fit is refused."""

import hashlib
import json

import numpy as np
import pytest

from lesionlab import experiment as experiments
from lesionlab.errors import BundleError, ModelError, WeightsError
from lesionlab.models.bundle import write_bundle
from lesionlab.models.description import Description, TrainingData

keras = pytest.importorskip("keras")

from lesionlab.models import rebuild  # noqa: E402
from lesionlab.models.build import build_model, weights_of  # noqa: E402
from lesionlab.models.export import export_keras  # noqa: E402
from lesionlab.models.rebuild import load_bundle  # noqa: E402

EXPERIMENT = experiments.with_settings(
    experiments.recipe("small-cnn"), ["preprocessing.size=[16,24]", "data.class_set=ham7"]
)
OURS = Description(
    name="ours",
    experiment=EXPERIMENT,
    classes=EXPERIMENT.data.classes,
    drawn=True,
    data=TrainingData(name="synthetic"),
    start_weights="Random numbers.",
    num_parameters=387_000,
)
IMAGES = np.random.default_rng(0).integers(0, 256, (2, 16, 24, 3), np.uint8)


@pytest.fixture(scope="module")
def model():
    """A model whose statistics and weights all differ from a fresh one's."""
    model = build_model(EXPERIMENT.model, 7, (16, 24), seed=5)
    rng = np.random.default_rng(1)
    model.set_weights([w + rng.uniform(0, 0.2, w.shape) for w in model.get_weights()])
    return model


@pytest.fixture
def folder(model, tmp_path):
    write_bundle(tmp_path / "bundle", OURS, weights_of(model))
    return tmp_path / "bundle"


def test_rebuilt_model_gives_the_same_probabilities(model, folder):
    rebuilt = load_bundle(folder)
    np.testing.assert_array_equal(rebuilt.predict_on_batch(IMAGES), model.predict_on_batch(IMAGES))


def test_weights_of_another_shape_name_or_number_are_refused(model, folder):
    weights = weights_of(model)
    for wrong, words in (
        ({**weights, "logits/bias": np.zeros(8, np.float32)}, "logits/bias has shape"),
        ({**weights, "evil/kernel": np.zeros(1, np.float32)}, "no place for evil/kernel"),
        ({"logits/bias": weights["logits/bias"]}, "lacks"),
    ):
        write_bundle(folder, OURS, wrong)
        with pytest.raises(BundleError, match=words):
            load_bundle(folder)


def test_size_is_checked_before_anything_is_built(folder, monkeypatch):
    values = json.loads((folder / "model.json").read_text())
    values["experiment"]["model"]["hidden"] = [4096] * 20
    (folder / "model.json").write_text(json.dumps(values))
    manifest = json.loads((folder / "manifest.json").read_text())
    digest = hashlib.sha256((folder / "model.json").read_bytes()).hexdigest()
    manifest["files"]["model.json"]["sha256"] = digest
    (folder / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr(rebuild, "build_model", lambda *a, **k: pytest.fail("it was built"))
    with pytest.raises(BundleError, match="200,000,000"):
        load_bundle(folder)


def test_changed_weights_file_is_refused_before_it_is_read(folder):
    path = folder / "weights.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(BundleError, match="has changed"):
        load_bundle(folder)


def test_going_on_from_a_bundle_takes_the_head_only_for_the_same_classes(model, folder):
    network = EXPERIMENT.model.model_copy(update={"weights": str(folder)})
    saved = weights_of(model)
    same = weights_of(build_model(network, 7, (32, 32), 0, classes=OURS.classes))
    assert all(np.array_equal(saved[key], same[key]) for key in saved)
    other = weights_of(build_model(network, 2, (32, 32), 0, classes=("benign", "malignant")))
    np.testing.assert_array_equal(other["block5_batchnorm/gamma"], saved["block5_batchnorm/gamma"])
    assert other["logits/kernel"].shape == (192, 2)
    fresh = weights_of(build_model(network, 7, (16, 24), 0, classes=OURS.classes[::-1]))
    assert not np.array_equal(fresh["logits/kernel"], saved["logits/kernel"])


def test_going_on_with_another_network_is_refused(folder):
    network = experiments.Network(network="mobilenetv2", weights=str(folder))
    with pytest.raises(WeightsError, match="must be small-cnn"):
        build_model(network, 7, (32, 32), 0)


def test_keras_alone_loads_the_export(model, folder, tmp_path):
    export_keras(folder, tmp_path / "out" / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "out" / "model.keras")
    np.testing.assert_allclose(
        loaded.predict_on_batch(IMAGES), model.predict_on_batch(IMAGES), rtol=1e-5
    )
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["model.keras"]
    with pytest.raises(ModelError, match=r"ending in \.keras"):
        export_keras(folder, tmp_path / "model.pkl")


def test_the_export_gives_calibrated_probabilities(model, tmp_path):
    softened = OURS.model_copy(update={"temperature": 2.0})
    write_bundle(tmp_path / "bundle", softened, weights_of(model))
    export_keras(tmp_path / "bundle", tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    # At temperature 2 the odds are square roots of what they were.
    roots = np.sqrt(model.predict_on_batch(IMAGES))
    expected = roots / roots.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(loaded.predict_on_batch(IMAGES), expected, rtol=1e-4)
