"""The training loop: stopped anywhere it ends where an undisturbed one ends."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lesionlab.data.dataset import Dataset
from lesionlab.data.split import Split
from lesionlab.errors import Cancelled, TrainingError, TurnOver
from lesionlab.evaluation.calibration import cross_entropy
from lesionlab.experiment import parse
from lesionlab.models.build import build_model, weights_of
from lesionlab.task import QuietTask
from lesionlab.training import feed, loop
from lesionlab.training.checkpoint import GENERATIONS, Checkpoints
from lesionlab.training.feed import predict_rows
from lesionlab.training.material import Material
from lesionlab.training.train import train

SIZE = 32
NUM_TRAIN, NUM_VALIDATION = 40, 16


class FileTask(QuietTask):
    """Writes the curve to a file as a worker does, and stops after so many questions."""

    def __init__(self, folder, cancel_after=None, yields=False):
        super().__init__(folder)
        folder.mkdir(exist_ok=True)
        self.questions = 0
        self.cancel_after = cancel_after
        self.yields = yields

    def cancelled(self):
        self.questions += 1
        return self.cancel_after is not None and self.questions > self.cancel_after

    def should_yield(self):
        return self.yields

    def metrics(self, line):
        with (self.folder / "metrics.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")

    def curve(self, kind):
        lines = (self.folder / "metrics.jsonl").read_text().splitlines()
        return [line for line in map(json.loads, lines) if line["kind"] == kind]


def make_experiment(augmented=True, batchnorm="train", **training):
    values = {
        "data": {"class_set": "isic8"},
        "preprocessing": {"size": [SIZE, SIZE]},
        "model": {
            "network": "small-cnn",
            "weights": "random",
            "dropout": 0.3,
            "batchnorm": batchnorm,
        },
        "training": {
            "batch_size": 16,
            "deterministic": True,
            "class_weights": "balanced",
            "phases": [{"epochs": 2, "learning_rate": 3e-3, "schedule": "cosine"}],
            **training,
        },
    }
    if augmented:
        values["augmentation"] = {"rotation": 30, "horizontal_flip": True, "zoom": 0.1}
    return parse(values)


@pytest.fixture(scope="module")
def material():
    """Three of the eight classes, told apart by the colour of a band."""
    rng = np.random.default_rng(0)
    num = NUM_TRAIN + NUM_VALIDATION
    labels = np.array([1, 4, 5])[np.arange(num) % 3]
    pixels = rng.integers(0, 120, (num, SIZE, SIZE, 3)).astype(np.uint8)
    pixels[:, 10:20, :, 0] += (25 * labels).astype(np.uint8)[:, None, None]
    names = [f"{k}" for k in range(num)]
    table = pd.DataFrame({"image_id": names, "path": names, "sha256": names, "label": "nv"})
    split = Split((np.arange(num) >= NUM_TRAIN).astype(np.int8), "image", "")
    return Material(Dataset("bands", Path(), table), split, pixels, labels)


def run(experiment, material, task, **options):
    return train(experiment, material.dataset, task, material, **options)


@pytest.fixture(scope="module")
def undisturbed(material, tmp_path_factory):
    """Two phases, trained in one go."""
    task = FileTask(tmp_path_factory.mktemp("undisturbed"))
    return run(TWO_PHASES, material, task), task


TWO_PHASES = make_experiment(
    phases=[
        {"epochs": 2, "learning_rate": 3e-3, "schedule": "cosine"},
        {"epochs": 1, "frozen": 4, "head_factor": 5, "optimizer": "sgd", "learning_rate": 0.01},
    ]
)


def assert_same_end(trained, task, undisturbed):
    expected, expected_task = undisturbed
    for kind in ("iteration", "epoch"):
        found, wanted = task.curve(kind), expected_task.curve(kind)
        assert [line.get("step") for line in found] == [line.get("step") for line in wanted]
        for key in ("loss", "accuracy", "learning_rate"):
            np.testing.assert_allclose(
                [line[key] for line in found], [line[key] for line in wanted], atol=1e-4
            )
    assert [line["text"] for line in task.curve("note")] == [
        line["text"] for line in expected_task.curve("note")
    ]
    wanted_weights = weights_of(expected.model)
    for key, weight in weights_of(trained.model).items():
        np.testing.assert_allclose(weight, wanted_weights[key], atol=1e-4, err_msg=key)


def test_the_curve_has_a_line_a_step_and_a_line_an_epoch(undisturbed):
    trained, task = undisturbed
    steps = task.curve("iteration")
    assert [line["step"] for line in steps] == list(range(1, 10))
    assert steps[0]["epoch"] == pytest.approx(1 / 3, abs=1e-5)
    epochs = task.curve("epoch")
    assert [(line["epoch"], line["phase"]) for line in epochs] == [(1, 0), (2, 0), (3, 1)]
    # The line of an epoch is the mean of its batches, not Keras's running average.
    assert epochs[1]["loss"] == pytest.approx(np.mean([line["loss"] for line in steps[3:6]]))
    assert trained.position.history == epochs
    assert task.fraction == 1


def test_a_network_learns_and_ends_with_its_best_weights(undisturbed, material):
    trained, task = undisturbed
    losses = [line["validation_loss"] for line in task.curve("epoch")]
    rows = material.rows("validation")
    found = predict_rows(trained.model, material.pixels, rows, task)
    assert cross_entropy(material.labels[rows], found) == pytest.approx(min(losses), abs=1e-5)
    assert trained.position.best_epoch == 1 + int(np.argmin(losses))
    assert task.curve("epoch")[1]["loss"] < 0.8 * task.curve("iteration")[0]["loss"]


# Each question is one step or one look into validation: in the first epoch, between two epochs,
# in validation, in the second phase.
@pytest.mark.parametrize("cancel_after", [0, 2, 3, 6, 9])
def test_cancelled_and_resumed_it_ends_the_same(tmp_path, material, undisturbed, cancel_after):
    with pytest.raises(Cancelled):
        run(TWO_PHASES, material, FileTask(tmp_path, cancel_after))
    task = FileTask(tmp_path)
    assert_same_end(run(TWO_PHASES, material, task), task, undisturbed)


CALMER = make_experiment(
    ema_decay=0.9,
    mixup=0.4,
    cutmix=1,
    label_smoothing=0.1,
    logit_adjustment=0.5,
    keep="last",
    phases=[
        {"epochs": 2, "learning_rate": 3e-3, "warmup_epochs": 1},
        {"epochs": 1, "frozen": "all"},
    ],
)


@pytest.fixture(scope="module")
def calmer(material, tmp_path_factory):
    task = FileTask(tmp_path_factory.mktemp("calmer"))
    return run(CALMER, material, task), task


def test_averaged_weights_are_validated_and_kept(calmer, material):
    trained, task = calmer
    rows = material.rows("validation")
    found = predict_rows(trained.model, material.pixels, rows, task)
    best = task.curve("epoch")[-1]
    assert trained.position.best_epoch == 3
    loss = cross_entropy(material.labels[rows], found)
    assert loss == pytest.approx(best["validation_loss"], abs=1e-5)
    # The weights of the last step itself, which the checkpoint has, are others.
    last = Checkpoints(task.folder / "checkpoints").load().arrays
    assert any(
        np.abs(last[f"model/{key}"] - last[f"average/{key}"]).max() > 1e-5
        for key in ("logits/kernel", "logits/bias")
    )
    # In the second phase only the head learns: nothing else needs an average.
    assert {key for key in last if key.startswith("average/")} == {
        "average/logits/kernel",
        "average/logits/bias",
    }


@pytest.mark.parametrize("cancel_after", [2, 3, 8])
def test_averaged_weights_survive_a_stop(tmp_path, material, calmer, cancel_after):
    with pytest.raises(Cancelled):
        run(CALMER, material, FileTask(tmp_path, cancel_after), checkpoint_seconds=0)
    task = FileTask(tmp_path)
    assert_same_end(run(CALMER, material, task), task, calmer)


def test_killed_with_a_torn_checkpoint_it_ends_the_same(tmp_path, material, undisturbed):
    with pytest.raises(Cancelled):
        run(TWO_PHASES, material, FileTask(tmp_path, 6), checkpoint_seconds=0)
    paths = [tmp_path / "checkpoints" / name for name in GENERATIONS]
    newest = max(paths, key=lambda path: path.stat().st_mtime_ns)
    newest.write_bytes(newest.read_bytes()[:1000])
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"kind": "iterat')
    task = FileTask(tmp_path)
    assert_same_end(run(TWO_PHASES, material, task), task, undisturbed)


def test_turns_end_at_checkpoints_and_nothing_is_lost(tmp_path, material, undisturbed):
    turns = 0
    while True:
        task = FileTask(tmp_path, yields=True)
        try:
            # A checkpoint after every step: a turn is one step long.
            trained = run(TWO_PHASES, material, task, checkpoint_seconds=0)
        except TurnOver:
            turns += 1
            assert turns < 20
            # Two turns of one step show it; then on in one go.
            if turns == 2:
                trained = run(TWO_PHASES, material, task := FileTask(tmp_path))
                break
        else:
            break
    assert turns == 2
    assert_same_end(trained, task, undisturbed)


def test_a_finished_training_only_takes_its_best_weights(tmp_path, material, monkeypatch):
    experiment = make_experiment(augmented=False)
    first = run(experiment, material, FileTask(tmp_path))
    monkeypatch.setattr(loop, "make_feed", None)
    again = run(experiment, material, FileTask(tmp_path))
    for key, weight in weights_of(first.model).items():
        np.testing.assert_array_equal(weight, weights_of(again.model)[key])
    assert again.position == first.position


def test_other_data_is_refused(tmp_path, material):
    experiment = make_experiment(augmented=False)
    with pytest.raises(Cancelled):
        run(experiment, material, FileTask(tmp_path, 2))
    table = material.dataset.table.assign(sha256="another")
    other = Material(
        Dataset("bands", Path(), table), material.split, material.pixels, material.labels
    )
    with pytest.raises(TrainingError, match="data set has changed"):
        run(experiment, other, FileTask(tmp_path))


def test_head_on_cached_features_gives_the_losses_of_the_plain_way(tmp_path, material, monkeypatch):
    experiment = make_experiment(
        augmented=False,
        batchnorm="frozen",
        label_smoothing=0.1,
        ema_decay=0.9,
        phases=[{"epochs": 3, "frozen": "all", "head_factor": 10}],
    )
    quick = FileTask(tmp_path / "quick")
    run(experiment, material, quick)
    monkeypatch.setattr(feed, "why_not_once", lambda model, experiment: "a test wants it")
    plain = FileTask(tmp_path / "plain")
    run(experiment, material, plain)
    assert "only the head is trained" in quick.curve("note")[2]["text"]
    assert "a test wants it" in plain.curve("note")[2]["text"]
    for kind, key in [("iteration", "loss"), ("epoch", "validation_loss")]:
        np.testing.assert_allclose(
            [line[key] for line in quick.curve(kind)],
            [line[key] for line in plain.curve(kind)],
            atol=1e-4,
        )


def test_mixed_pictures_need_the_whole_network(material):
    experiment = make_experiment(augmented=False, batchnorm="frozen", cutmix=1)
    model = build_model(experiment.model, 8, (SIZE, SIZE), experiment.seed)
    model.trainable = False
    assert feed.why_not_once(model, experiment) == "pictures are mixed anew in every epoch"


def test_what_is_frozen_stays(tmp_path, material):
    experiment = make_experiment(phases=[{"epochs": 1, "frozen": "all"}])
    trained = run(experiment, material, FileTask(tmp_path))
    start = weights_of(build_model(experiment.model, 8, (SIZE, SIZE), experiment.seed))
    for key, weight in weights_of(trained.model).items():
        assert np.array_equal(weight, start[key]) == (not key.startswith("logits/")), key


def test_patience_ends_a_phase(tmp_path, material, monkeypatch):
    losses = iter([1.0, 0.9, 0.95, 0.95, 0.5])
    monkeypatch.setattr(loop, "cross_entropy", lambda labels, probabilities: next(losses))
    experiment = make_experiment(augmented=False, patience=2, phases=[{"epochs": 9}])
    trained = run(experiment, material, FileTask(tmp_path))
    assert trained.position.epoch == 4
    assert trained.position.best_epoch == 2


def test_a_loss_that_is_no_number_stops_the_run(tmp_path, material, monkeypatch):
    def endless(labels, num_classes, kind):
        return np.full(num_classes, np.inf, np.float32)

    monkeypatch.setattr(loop, "class_weights", endless)
    with pytest.raises(TrainingError, match="learning rate is too high"):
        run(make_experiment(augmented=False), material, FileTask(tmp_path))
