"""The job that trains, from pictures on disk to a bundle, and evaluation of what it made."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lesionlab.data.split import read_split
from lesionlab.data.store import open_dataset
from lesionlab.errors import Cancelled, DataError, ModelError, WeightsError
from lesionlab.evaluation.evaluate import evaluate_model
from lesionlab.evaluation.infer import predict_probabilities
from lesionlab.evaluation.job import run_evaluate
from lesionlab.experiment import parse
from lesionlab.images.decode import read_image
from lesionlab.images.preprocess import preprocess
from lesionlab.models import weights
from lesionlab.models.bundle import read_description, read_history, verify_bundle
from lesionlab.models.description import MOST_LETTERS_OF_SOURCES, TrainingData
from lesionlab.models.rebuild import load_bundle
from lesionlab.task import QuietTask
from lesionlab.training.job import _at_most, run_train

NUM = 24
EXPERIMENT = {
    "name": "bands",
    "data": {"class_set": "ham7"},
    "preprocessing": {"size": [32, 32]},
    "model": {"network": "small-cnn", "weights": "random"},
    "training": {"batch_size": 16, "phases": [{"epochs": 2, "learning_rate": 3e-3}]},
}
CODES = ("mel", "nv", "akiec")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Class folders with noisy pictures, each class with a colour of its own."""
    folder = tmp_path_factory.mktemp("pictures") / "bands"
    rng = np.random.default_rng(0)
    for number, code in enumerate(CODES):
        (folder / code).mkdir(parents=True)
        for k in range(NUM):
            image = rng.integers(0, 100, (40, 52, 3)).astype(np.uint8)
            image[10:30, :, number] += 120
            Image.fromarray(image).save(folder / code / f"{k}.png")
    return folder


@pytest.fixture(scope="module")
def trained(pictures, tmp_path_factory):
    """A run's folder as the job leaves it."""
    patch = pytest.MonkeyPatch()
    folder = tmp_path_factory.mktemp("run")
    patch.setenv("LESIONLAB_HOME", str(tmp_path_factory.mktemp("home")))
    run_train(QuietTask(folder, {"experiment": EXPERIMENT, "data": str(pictures)}))
    patch.undo()
    return folder


def test_a_long_citation_fails_no_training():
    long = "Who gave pictures; " * 2000
    assert _at_most(long, 2000) != long
    assert len(_at_most(long, 2000)) <= 2000
    assert _at_most("As  it\nstands", 2000) == "As  it\nstands"
    TrainingData(name="x", citation=_at_most(long, MOST_LETTERS_OF_SOURCES))


def test_a_folder_of_the_same_name_is_not_the_models_own(trained, pictures, tmp_path, home):
    other = tmp_path / "elsewhere" / pictures.name
    for path in sorted(pictures.rglob("*.png")):
        target = other / path.relative_to(pictures)
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(255 - np.asarray(Image.open(path))).save(target)
    found = evaluate_model(str(trained / "model"), str(other), task=QuietTask(tmp_path / "job"))
    assert (found["part"], found["n"]) == ("all", len(CODES) * NUM)
    assert "nothing tells which of these are among them" in found["note"]
    exported = tmp_path / "exported"
    shutil.copytree(trained / "model", exported)
    found = evaluate_model(str(exported), str(other), task=QuietTask(tmp_path / "again"))
    assert (found["part"], found["n"]) == ("all", len(CODES) * NUM)
    own = evaluate_model(str(trained / "model"), str(pictures), task=QuietTask(tmp_path / "own"))
    assert own["part"] == "test" and own["n"] < found["n"]


def test_the_own_pictures_are_known_again_where_they_were_moved(trained, pictures, tmp_path, home):
    moved = tmp_path / "copy" / pictures.name
    shutil.copytree(pictures, moved, copy_function=shutil.copyfile)  # with times of their own
    exported = tmp_path / "exported"
    shutil.copytree(trained / "model", exported)
    expected = json.loads((trained / "evaluation.json").read_text())["n"]
    for bundle in (trained / "model", exported):
        found = evaluate_model(str(bundle), str(moved), task=QuietTask(tmp_path / bundle.name))
        assert (found["part"], found["n"]) == ("test", expected)
    # What came later belongs to no part, and the run knows the others still.
    Image.new("RGB", (40, 52)).save(moved / "nv" / "new.png")
    grown = evaluate_model(str(trained / "model"), str(moved), task=QuietTask(tmp_path / "grown"))
    assert (grown["part"], grown["n"]) == ("test", expected)


def test_the_bundle_gives_the_probabilities_that_were_evaluated(trained, pictures):
    bundle = trained / "model"
    verify_bundle(bundle)
    description = read_description(bundle)
    predictions = pd.read_parquet(trained / "predictions.parquet")
    settings = description.experiment.preprocessing
    images = [preprocess(read_image(pictures / path), settings) for path in predictions["path"]]
    raw = predict_probabilities(load_bundle(bundle), np.stack(images))
    tempered = raw ** (1 / description.temperature)
    tempered /= tempered.sum(axis=1, keepdims=True)
    columns = [f"p_{code}" for code in description.classes]
    np.testing.assert_allclose(predictions[columns].to_numpy(), tempered, atol=1e-4)
    assert set(predictions["part"]) == {"test"}


def test_evaluation_counts_the_test_part_alone(trained):
    evaluation = json.loads((trained / "evaluation.json").read_text())
    split = read_split(trained / "split.csv")
    predictions = pd.read_parquet(trained / "predictions.parquet")
    test_ids = split.loc[split["part"] == "test", "image_id"]
    assert sorted(predictions["image_id"]) == sorted(test_ids)
    assert evaluation["n"] == len(test_ids) == len(predictions)
    right = (predictions["truth"] == predictions["predicted"]).mean()
    assert evaluation["accuracy"] == pytest.approx(right)
    assert evaluation["part"] == "test"
    assert evaluation["data"] == "bands"
    # bcc, bkl, df and vasc do not occur: null, not a crash and not a zero.
    assert evaluation["per_class"]["df"]["auc"] is None
    assert evaluation["per_class"]["mel"]["auc"] is not None
    assert set(evaluation["thresholds"]) == {"malignant", "mel"}
    assert 0 <= evaluation["ece"] <= 1


def test_the_description_says_what_was_done(trained, pictures):
    description = read_description(trained / "model")
    split = read_split(trained / "split.csv")
    assert description.data.num_train == (split["part"] == "train").sum()
    assert not description.drawn
    assert "random numbers" in description.start_weights
    evaluation = json.loads((trained / "evaluation.json").read_text())
    assert description.scores["balanced_accuracy"] == evaluation["balanced_accuracy"]
    assert len(read_history(trained / "model")) == 2
    card = (trained / "model" / "card.md").read_text()
    assert "not a medical device" in card
    assert "drawings" not in card
    # Names of real pictures do not travel.
    assert not (trained / "model" / "predictions.parquet").exists()


def test_run_again_it_is_done_and_the_same(trained, pictures, home):
    before = pd.read_parquet(trained / "predictions.parquet")
    weights_before = (trained / "model" / "weights.safetensors").read_bytes()
    run_train(QuietTask(trained, {"experiment": EXPERIMENT, "data": str(pictures)}))
    pd.testing.assert_frame_equal(before, pd.read_parquet(trained / "predictions.parquet"))
    assert (trained / "model" / "weights.safetensors").read_bytes() == weights_before


def test_the_runs_own_evaluation_is_taken(trained, tmp_path):
    task = QuietTask(tmp_path, {"model": str(trained / "model"), "data": None})
    run_evaluate(task)
    assert (tmp_path / "evaluation.json").read_text() == (trained / "evaluation.json").read_text()
    assert (tmp_path / "predictions.parquet").exists()


def test_on_its_own_data_only_what_it_has_not_seen_counts(trained, pictures, tmp_path):
    task = QuietTask(tmp_path)
    found = evaluate_model(str(trained / "model"), str(pictures), task=task)
    expected = json.loads((trained / "evaluation.json").read_text())
    assert found["confusion"] == expected["confusion"]
    assert found["macro_auc"] == pytest.approx(expected["macro_auc"])
    # The bundle alone deals the pictures out again.
    moved = tmp_path / "elsewhere"
    (trained / "model").rename(moved)
    try:
        again = evaluate_model(str(moved), str(pictures), task=task)
    finally:
        moved.rename(trained / "model")
    assert again["confusion"] == expected["confusion"]


def test_data_with_coarser_labels_is_answered_in_those(trained, pictures, tmp_path):
    coarse = tmp_path / "coarse"
    for code, name in zip(CODES, ("malignant", "benign", "malignant"), strict=True):
        for path in (pictures / code).iterdir():
            (coarse / name).mkdir(parents=True, exist_ok=True)
            (coarse / name / f"{code}-{path.name}").write_bytes(path.read_bytes())
    found = evaluate_model(str(trained / "model"), str(coarse), task=QuietTask(tmp_path))
    assert found["classes"] == ["benign", "malignant"]
    assert found["n"] == 3 * NUM
    assert found["part"] == "all"
    row = found["per_class"]["malignant"]
    assert row["n"] == 2 * NUM
    assert found["thresholds"]["malignant"]["n"] == 2 * NUM
    table = pd.read_parquet(tmp_path / "predictions.parquet")
    np.testing.assert_allclose(table[["p_benign", "p_malignant"]].sum(axis=1), 1, atol=1e-5)


def test_data_with_no_class_of_the_model_is_refused(trained, tmp_path):
    folder = tmp_path / "others" / "unk"
    folder.mkdir(parents=True)
    Image.new("RGB", (40, 40)).save(folder / "a.png")
    with pytest.raises(DataError, match="unk"):
        evaluate_model(str(trained / "model"), str(folder.parent), task=QuietTask(tmp_path))


def test_a_bundle_without_evaluation_wants_data(trained, tmp_path, monkeypatch):
    from lesionlab.evaluation import evaluate

    monkeypatch.setattr(evaluate, "read_json", lambda path: None)
    with pytest.raises(ModelError, match="--data"):
        evaluate_model(str(trained / "model"), task=QuietTask(tmp_path))


def test_without_a_test_part_the_validation_part_is_used_and_it_says_so(pictures, tmp_path):
    experiment = {
        **EXPERIMENT,
        "split": {"train": 0.7, "validation": 0.3, "test": 0},
        "training": {"phases": [{"epochs": 1}]},
    }
    run_train(QuietTask(tmp_path, {"experiment": experiment, "data": str(pictures)}))
    evaluation = json.loads((tmp_path / "evaluation.json").read_text())
    assert evaluation["part"] == "validation"
    assert "no test part" in evaluation["note"]
    assert "no test part" in (tmp_path / "card.md").read_text()


def test_going_on_from_a_model_that_knows_the_pictures_is_told(trained, pictures, tmp_path):
    words = {
        **EXPERIMENT,
        "split": {"seed": 7},
        "model": {"network": "small-cnn", "weights": str(trained / "model")},
        "training": {"batch_size": 16, "phases": [{"epochs": 1}]},
    }
    task = QuietTask(tmp_path / "run", {"experiment": words, "data": str(pictures)})
    task.folder.mkdir()
    run_train(task)
    report = json.loads((task.folder / "evaluation.json").read_text())
    assert report["part"] == "test"
    assert "has learned from bands, perhaps from some of these pictures" in report["note"]
    start = read_description(task.folder / "model").start_weights
    assert "which has learned from photographs: bands" in start
    assert "note" not in json.loads((trained / "evaluation.json").read_text())


def test_a_cancelled_job_stays_with_the_data_it_began_with(pictures, tmp_path, monkeypatch):
    class Impatient(QuietTask):
        def cancelled(self):
            return bool(self.lines)

    spec = {"experiment": EXPERIMENT, "data": str(pictures)}
    with pytest.raises(Cancelled):
        run_train(Impatient(tmp_path, spec))
    assert not (tmp_path / "model").exists()
    run_train(QuietTask(tmp_path, {**spec, "data": "synthetic"}))
    assert read_description(tmp_path / "model").data.name == open_dataset(str(pictures)).name


def test_random_numbers_stand_in_for_imagenet_weights_only_where_that_is_allowed(
    pictures, tmp_path, monkeypatch
):
    def unreachable(network, size):
        raise WeightsError("ImageNet weights are needed.", "They cannot be had.", "Take random.")

    monkeypatch.setattr(weights, "find_imagenet", unreachable)
    network = {"network": "mobilenetv2", "alpha": 0.35, "batchnorm": "frozen"}
    values = {
        **EXPERIMENT,
        "model": {**network, "fallback": "random"},
        "training": {"phases": [{"epochs": 1, "frozen": "all"}]},
    }
    assert parse(values).model.weights == "imagenet"
    task = QuietTask(tmp_path, {"experiment": values, "data": str(pictures)})
    run_train(task)
    assert "random numbers" in read_description(tmp_path / "model").start_weights
    assert "cannot be had" in task.lines[0]["text"]
    values["model"] = network
    (tmp_path / "other").mkdir()
    with pytest.raises(WeightsError, match="Take random"):
        run_train(QuietTask(tmp_path / "other", task.spec))
