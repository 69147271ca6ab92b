"""Teachers' answers, worked out by hand, and kept for the next attempt."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lesionlab import experiment as experiments
from lesionlab.data.dataset import Dataset
from lesionlab.data.split import Split
from lesionlab.errors import JobError, TrainingError, TurnOver
from lesionlab.models.description import Description, TrainingData
from lesionlab.task import QuietTask

pytest.importorskip("keras")

from lesionlab.training import distillation
from lesionlab.training.checkpoint import Checkpoints
from lesionlab.training.distillation import teachers_answers
from lesionlab.training.examples import Examples
from lesionlab.training.feed import Feed
from lesionlab.training.material import Material


class LooksAtACorner:
    """A model of two classes that reads the second one off the first pixel."""

    output_shape = (None, 2)

    def predict_on_batch(self, pixels):
        second = pixels[:, 0, 0, 0] / 100
        return np.stack([1 - second, second], axis=1)


class KnowsEight:
    """A model of eight classes that always says the same."""

    output_shape = (None, 8)

    def predict_on_batch(self, pixels):
        # ak bcc bkl df mel nv scc vasc: malignant are ak, bcc, mel and scc, 0.6 together.
        return np.tile([0.1, 0.1, 0.1, 0.1, 0.3, 0.1, 0.1, 0.1], (len(pixels), 1))


MODELS = {"corner": ("binary", LooksAtACorner()), "eight": ("isic8", KnowsEight())}


def describe(name, class_set, **changes):
    experiment = experiments.with_settings(
        experiments.recipe("small-cnn"), [f"data.class_set={class_set}"]
    )
    values = {
        "name": name,
        "experiment": experiment,
        "classes": experiment.data.classes,
        "drawn": False,
        "data": TrainingData(name="photographs"),
        "start_weights": "",
        "num_parameters": 1,
    }
    return Description(**{**values, **changes})


@pytest.fixture
def material(monkeypatch):
    """Three pictures to learn from, one for validation; four corners of different brightness."""
    pixels = np.zeros((4, 2, 2, 3), np.uint8)
    pixels[0, :, :, 0] = [[10, 20], [30, 40]]
    pixels[1] = 50
    pixels[2] = 90
    labels = np.array([0, 1, 1, 0])
    names = list("abcd")
    table = pd.DataFrame({"image_id": names, "path": names, "sha256": names, "label": "x"})
    split = Split(np.array([0, 0, 0, 1], np.int8), "image", "")
    found = Material(Dataset("photographs", Path(), table), split, pixels, labels)
    monkeypatch.setattr(distillation, "find_model", Path)
    monkeypatch.setattr(
        distillation,
        "read_description",
        lambda folder: describe(folder.name, MODELS[str(folder)][0]),
    )
    monkeypatch.setattr(distillation, "load_bundle", lambda folder: MODELS[str(folder)][1])
    monkeypatch.setattr(distillation, "cached_pixels", lambda *_, **options: pixels)
    return found


def student(*teachers, temperature=1, class_set="binary"):
    return experiments.parse(
        {
            "data": {"class_set": class_set},
            "training": {"distillation": {"teachers": teachers, "temperature": temperature}},
        }
    )


def test_without_teachers_nobody_is_asked(tmp_path, material):
    assert teachers_answers(student(), material, QuietTask(tmp_path), Checkpoints(tmp_path)) is None


def test_answers_by_hand(tmp_path, material):
    ask = student("corner", "eight")
    found = teachers_answers(ask, material, QuietTask(tmp_path), Checkpoints(tmp_path))
    # The first picture mirrored shows 10, 20, 30 and 40 in its corner: 0.25 malignant on average.
    # The other teacher says 0.6 in all.
    np.testing.assert_allclose(found[:, 1], [0.425, 0.55, 0.75], rtol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
    assert found.dtype == np.float32


def test_a_temperature_makes_answers_softer(tmp_path, material):
    ask = student("corner", temperature=2)
    found = teachers_answers(ask, material, QuietTask(tmp_path), Checkpoints(tmp_path))
    np.testing.assert_allclose(found[2], [1 / 4, 3 / 4], rtol=1e-5)  # roots of 0.1 and 0.9


def test_what_a_teacher_said_is_kept(tmp_path, material, monkeypatch):
    ask, checkpoints = student("corner", "eight"), Checkpoints(tmp_path)
    busy = QuietTask(tmp_path)
    busy.should_yield = lambda: True
    with pytest.raises(TurnOver):
        teachers_answers(ask, material, busy, checkpoints)
    # The first teacher may even be gone now: only the second one is asked.
    asked = []
    monkeypatch.setitem(MODELS, "corner", None)
    monkeypatch.setattr(
        distillation, "load_bundle", lambda folder: asked.append(str(folder)) or MODELS["eight"][1]
    )
    found = teachers_answers(ask, material, QuietTask(tmp_path), checkpoints)
    assert asked == ["eight"]
    np.testing.assert_allclose(found[:, 1], [0.425, 0.55, 0.75], rtol=1e-5)
    assert teachers_answers(ask, material, QuietTask(tmp_path), checkpoints) is not None
    assert asked == ["eight"]


def test_a_teacher_that_does_not_fit_is_refused_before_any_is_asked(
    tmp_path, material, monkeypatch
):
    monkeypatch.setattr(distillation, "load_bundle", None)
    ask = student("eight", "corner", class_set="isic8")
    with pytest.raises(TrainingError, match=r"can answer ak, .* corner knows benign, malignant"):
        teachers_answers(ask, material, QuietTask(tmp_path), Checkpoints(tmp_path))
    monkeypatch.setattr(
        distillation, "read_description", lambda folder: describe("d", "binary", drawn=True)
    )
    with pytest.raises(TrainingError, match="corner has only seen drawings"):
        teachers_answers(student("corner"), material, QuietTask(tmp_path), Checkpoints(tmp_path))
    monkeypatch.undo()
    with pytest.raises(JobError, match="no-such-model"):
        teachers_answers(
            student("no-such-model"), material, QuietTask(tmp_path), Checkpoints(tmp_path)
        )


def test_targets_are_labels_and_behind_them_the_answers(material):
    answers = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]], np.float32)
    feed = Feed(None, lambda rows, *_: rows, lambda _: np.empty((0, 0)), None, "")
    num_steps, batch = Examples(student("corner"), material, answers).epoch(0, feed)
    rows, targets = batch(0)
    assert num_steps == 1
    expected = {0: [1, 0, 0.9, 0.1], 1: [0, 1, 0.2, 0.8], 2: [0, 1, 0.3, 0.7]}
    for row, target in zip(rows, targets, strict=True):
        np.testing.assert_allclose(target, expected[row])
