"""A model of eight classes on data of seven and two, and asked for mirror images too."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image
from sklearn.metrics import roc_auc_score

from lesionlab.cli.program import lesionlab as command
from lesionlab.data.store import open_dataset
from lesionlab.evaluation.calibration import apply_temperature
from lesionlab.evaluation.evaluate import evaluate_model
from lesionlab.evaluation.infer import predict_probabilities
from lesionlab.experiment import parse
from lesionlab.images.decode import read_image
from lesionlab.images.preprocess import preprocess
from lesionlab.models.build import build_model, weights_of
from lesionlab.models.bundle import read_description, write_bundle
from lesionlab.models.description import Description, TrainingData
from lesionlab.models.rebuild import load_bundle
from lesionlab.service.loaded import load
from lesionlab.service.predicting import predict_picture
from lesionlab.task import QuietTask

SEVEN = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
EACH = 2


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network of random weights that says it was set to be asked for mirror images."""
    experiment = parse(
        {
            "name": "ways",
            "preprocessing": {"size": [16, 24]},
            "model": {"network": "small-cnn", "weights": "random"},
            "evaluation": {"test_time": "flips"},
        }
    )
    model = build_model(experiment.model, 8, (16, 24), seed=1)
    # Louder than at birth, so that pictures and their mirror images are answered differently.
    weights = weights_of(model)
    weights["logits/kernel"] *= 10
    description = Description(
        name="ways",
        experiment=experiment,
        classes=experiment.data.classes,
        drawn=False,
        data=TrainingData(name="elsewhere", num_train=9),
        start_weights="random numbers",
        temperature=2.0,
        thresholds={"malignant": 0.4, "mel": 0.125},
        num_parameters=model.count_params(),
    )
    folder = tmp_path_factory.mktemp("models") / "ways"
    write_bundle(folder, description, weights)
    return folder


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two noisy pictures of each of seven classes in a folder with labels.csv."""
    folder = tmp_path_factory.mktemp("pictures") / "seven"
    folder.mkdir()
    rng = np.random.default_rng(0)
    lines = ["file,label"]
    for code in SEVEN:
        for number in range(EACH):
            name = f"{code}{number}.png"
            pixels = rng.integers(0, 256, (4, 6, 3)).astype(np.uint8)
            Image.fromarray(pixels).resize((48, 32)).save(folder / name)
            lines.append(f"{name},{code}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    return folder


def by_hand(bundle: Path, pictures: Path, way: str) -> np.ndarray:
    """Probabilities of the eight classes, in the order of labels.csv."""
    plan = read_description(bundle).experiment.preprocessing
    names = pd.read_csv(pictures / "labels.csv")["file"]
    pixels = np.stack([preprocess(read_image(pictures / name), plan) for name in names])
    raw = predict_probabilities(load_bundle(bundle), pixels, test_time=way)
    return apply_temperature(raw, 2.0)


def saved(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "predictions.parquet")


def test_seven_classes_are_answered_by_adding_up(
    bundle: Path, pictures: Path, tmp_path: Path
) -> None:
    found = evaluate_model(str(bundle), str(pictures), task=QuietTask(tmp_path))
    assert (tuple(found["classes"]), found["n"]) == (SEVEN, EACH * len(SEVEN))
    expected = by_hand(bundle, pictures, "flips")
    table = saved(tmp_path)
    classes = read_description(bundle).classes
    akiec = expected[:, classes.index("ak")] + expected[:, classes.index("scc")]
    np.testing.assert_allclose(table["p_akiec"], akiec, atol=1e-5)
    np.testing.assert_allclose(table["p_mel"], expected[:, classes.index("mel")], atol=1e-5)
    assert found["test_time"] == "flips" and "note" not in found


def test_melanoma_is_scored_at_its_threshold_with_intervals(
    bundle: Path, pictures: Path, tmp_path: Path
) -> None:
    found = evaluate_model(str(bundle), str(pictures), task=QuietTask(tmp_path))
    table = saved(tmp_path)
    cases = table["truth"] == "mel"
    share = (table.loc[cases, "p_mel"] >= 0.125).mean()
    row = found["thresholds"]["mel"]
    assert (row["sensitivity"], row["n"], row["num_others"]) == (share, EACH, 12)
    assert row["auc"] == pytest.approx(roc_auc_score(cases, table["p_mel"]))
    cancer = table["truth"].isin(["mel", "bcc", "akiec"])
    score = table[["p_mel", "p_bcc", "p_akiec"]].sum(axis=1)
    both = found["thresholds"]["malignant"]
    assert both["auc"] == pytest.approx(roc_auc_score(cancer, score))
    assert both["num_found"] == (score[cancer] >= 0.4).sum()
    low, high = row["sensitivity_interval"]
    assert 0 <= low <= share <= high <= 1 and high - low > 0.3, "two cases prove little"
    assert found["balanced_accuracy_interval"][0] <= found["balanced_accuracy"]
    assert found["ece"] is not None and found["macro_auc_interval"]


def test_another_way_gives_other_numbers_and_is_noted(
    bundle: Path, pictures: Path, tmp_path: Path
) -> None:
    task = QuietTask(tmp_path)
    found = evaluate_model(str(bundle), str(pictures), task=task, test_time="none")
    assert found["test_time"] == "none"
    assert "thresholds were set for the mean over each picture and its mirror" in found["note"]
    expected = by_hand(bundle, pictures, "none")
    np.testing.assert_allclose(saved(tmp_path)["p_nv"], expected[:, 5], atol=1e-5)
    assert np.abs(expected - by_hand(bundle, pictures, "flips")).max() > 1e-3


def test_one_picture_gets_the_answer_that_was_evaluated(bundle: Path, pictures: Path) -> None:
    loaded = load(bundle, "ways")
    expected = by_hand(bundle, pictures, "flips")[0]
    data = (pictures / f"{SEVEN[0]}0.png").read_bytes()
    for heat_map in (False, True):
        answer = predict_picture(loaded, data, heat_map=heat_map)
        np.testing.assert_allclose(list(answer["probabilities"].values()), expected, atol=1e-5)
        assert answer["predicted"] == loaded.description.classes[int(expected.argmax())]
        assert (answer["heat_map"] is not None) == heat_map
    plain = predict_picture(loaded, data, heat_map=False, test_time="none")
    np.testing.assert_allclose(
        list(plain["probabilities"].values()), by_hand(bundle, pictures, "none")[0], atol=1e-5
    )


def test_the_commands_take_another_way(bundle: Path, pictures: Path) -> None:
    picture = str(pictures / f"{SEVEN[0]}0.png")
    (own,) = json.loads(run("predict", str(bundle), picture, "--json"))
    (other,) = json.loads(run("predict", str(bundle), picture, "--test-time", "none", "--json"))
    assert "note" not in own and "were set for" in other["note"]
    assert own["probabilities"] != other["probabilities"]
    given = ("--data", str(pictures), "--test-time", "dihedral", "--json")
    assert json.loads(run("evaluate", str(bundle), *given))["test_time"] == "dihedral"


def test_the_numbers_are_told_with_their_intervals(bundle: Path, pictures: Path) -> None:
    found = evaluate_command(bundle, pictures, "--json")
    row = json.loads(found)["thresholds"]["mel"]
    told = evaluate_command(bundle, pictures, "--test-time", "none")
    assert "calibration error: 0." in told and "were set for the mean" in told
    own = evaluate_command(bundle, pictures)
    low, high = row["sensitivity_interval"]
    expected = f"sensitivity {row['sensitivity']:.4f} ({low:.4f} to {high:.4f})"
    assert f"melanoma from 0.125 on: {expected}" in own
    assert evaluate_command(bundle, pictures, "--tta") == own, "it is set to mirror images"
    plain = evaluate_command(bundle, pictures, "--tta", "--test-time", "none")
    assert plain == told, "the longer word decides"


def evaluate_command(bundle: Path, pictures: Path, *more: str) -> str:
    return run("evaluate", str(bundle), "--data", str(pictures), *more)


def test_other_data_of_the_same_name_is_judged_whole(
    bundle: Path, tmp_path: Path, rng: np.random.Generator
) -> None:
    folder = tmp_path / "elsewhere"
    for code in ("mel", "nv"):
        (folder / code).mkdir(parents=True)
        for number in range(10):
            pixels = rng.integers(0, 256, (16, 24, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / code / f"{number}.png")
    known = read_description(bundle)
    assert open_dataset(str(folder)).name == known.data.name, "it has learned from 9 such pictures"
    found = evaluate_model(str(bundle), str(folder), task=QuietTask(tmp_path))
    assert (found["part"], found["n"]) == ("all", 20)
    assert "nothing tells which of these are among them" in found["note"]
    # Of 20 pictures, 65 % are 14 with 7 of each class: then these are taken for those it knows.
    own = known.model_copy(update={"data": known.data.model_copy(update={"num_train": 14})})
    write_bundle(tmp_path / "ways", own, weights_of(load_bundle(bundle)))
    found = evaluate_model(str(tmp_path / "ways"), str(folder), task=QuietTask(tmp_path))
    assert found["part"] == "test" and found["n"] < 20


def run(*arguments: str) -> str:
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout
