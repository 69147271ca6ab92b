"""From a folder of pictures to an answer, by the command line alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lesionlab.cli import program
from lesionlab.cli.train import checked_data
from lesionlab.data.dataset import for_classes
from lesionlab.data.split import split_dataset
from lesionlab.data.store import open_dataset
from lesionlab.errors import DataError
from lesionlab.experiment import recipe, with_settings
from lesionlab.jobs import runs
from lesionlab.jobs.runners import local

SETTINGS = (
    "training.epochs=2",
    "training.batch_size=8",
    "preprocessing.size=[32, 32]",
    "data.class_set=binary",
)


# Keras 3.15 asks TensorFlow's variables for NumPy arrays in the old way when it saves a model.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_train_evaluate_predict_and_take_the_model_elsewhere(
    home: Path, tmp_path: Path, rng: np.random.Generator, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: object, status: int = 0) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            program.main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert int(ended.value.code or 0) == status, err
        return out if status == 0 else err

    for code, colour in {"nv": 200, "mel": 60}.items():
        (tmp_path / "data" / code).mkdir(parents=True)
        for number in range(20):
            pixels = np.clip(rng.normal(colour, 20, (32, 32, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "data" / code / f"{number}.png")
    settings = [part for setting in SETTINGS for part in ("--set", setting)]

    lines = run("train", "small-cnn", "--data", tmp_path / "data", *settings).splitlines()
    for child in local._children:
        child.wait()
    run_id = lines[0]
    assert lines[1] == "n: 6"
    assert [line.split(":")[0] for line in lines[2:]] == [
        "accuracy",
        "balanced accuracy",
        "macro auc",
    ]
    shown = json.loads(run("runs", "show", run_id, "--json"))
    assert (shown["status"], len(shown["epochs"])) == ("done", 2)
    assert len(runs.open_run(run_id).metrics()[0]) == 8

    own = json.loads(run("evaluate", run_id, "--json"))
    assert own["n"] == 6
    assert own["classes"] == ["benign", "malignant"]
    assert np.array(own["confusion"]).sum() == 6

    pictures = [tmp_path / "data" / "mel" / "0.png", tmp_path / "data" / "nv" / "0.png"]
    answers = json.loads(run("predict", run_id, *pictures, "--json"))
    assert [answer["file"] for answer in answers] == [str(path) for path in pictures]
    for answer in answers:
        assert set(answer["probabilities"]) == {"benign", "malignant"}
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert answer["malignant"] == pytest.approx(answer["probabilities"]["malignant"])
        assert {"sharpness", "exposure"} <= set(answer["quality"])
    (tmp_path / "broken.png").write_bytes(b"no picture")
    assert "broken.png: Expected" in run("predict", run_id, tmp_path / "broken.png", status=2)
    mixed = (pictures[0], tmp_path / "broken.png", pictures[1], tmp_path / "gone.png")
    told = run("predict", run_id, *mixed, status=2)
    assert "2 of 4 files cannot be used" in told
    assert "gone.png" in told
    assert told.count("\n") == 1

    bundle = tmp_path / "model.lesionlab"
    run("runs", "export", run_id, "--to", "bundle", bundle)
    reference = run("models", "import", bundle).strip()
    assert reference in [
        model["reference"] for model in json.loads(run("models", "list", "--json"))
    ]
    for model in (bundle, reference):
        again = json.loads(run("predict", model, pictures[0], "--json"))
        assert again[0]["probabilities"] == pytest.approx(answers[0]["probabilities"], abs=1e-5)
    run("runs", "export", run_id, "--to", "keras", tmp_path / "model.keras")
    assert (tmp_path / "model.keras").stat().st_size > 10_000
    run("runs", "delete", run_id)
    assert runs.list_runs() == []


def test_data_are_checked_as_they_will_be_dealt(home: Path, tmp_path: Path) -> None:
    """The pictures under a cap are drawn by the seed of the split, as in training."""
    rows = ["file,label,lesion_id"]
    for code in ("nv", "mel"):
        for number in range(12):
            name = f"{code}{number}.png"
            Image.fromarray(np.full((8, 8, 3), number, np.uint8)).save(tmp_path / name)
            rows.append(f"{name},{code},{code}{number // 2}")
    (tmp_path / "labels.csv").write_text("\n".join(rows) + "\n")
    both = []
    for seed in range(12):
        settings = ["data.class_set=binary", "data.per_class=3", f"split.seed={seed}"]
        experiment = with_settings(recipe("small-cnn"), [*settings, "training.epochs=1"])
        data = open_dataset(str(tmp_path))
        taken = for_classes(data, "binary", 3, seed)
        try:
            split_dataset(taken, experiment.split)
            dealt = True
        except DataError:
            dealt = False
        try:
            checked_data(experiment, str(tmp_path))
            checked = True
        except DataError:
            checked = False
        both.append((dealt, checked))
    assert all(dealt == checked for dealt, checked in both)
    assert len(set(both)) == 2, "some seeds can be dealt and some cannot"
