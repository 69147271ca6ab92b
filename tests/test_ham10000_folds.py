"""How HAM10000 is dealt out to choose and judge the shipped model, on a table made here."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from filelock import FileLock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

import ham10000
import ham10000_bundle
from ham10000_choices import CHANGES, LEFT_OUT, REPEATED, SHIPPED, TEACHERS, choice
from ham10000_folds import (
    ARCHIVE,
    few_of_each,
    lay_out,
    parts_of,
    run_folder,
    unpack,
)
from ham10000_scores import fold_scores

from lesionlab.data.sources.known import HAM10000_SOURCES
from lesionlab.evaluation.calibration import apply_temperature
from lesionlab.experiment import Experiment, Network, parse
from lesionlab.files import read_json, write_json
from lesionlab.models.bundle import write_bundle
from lesionlab.models.description import Description, TrainingData
from lesionlab.settings import ASSETS


@pytest.fixture
def table() -> pd.DataFrame:
    """Forty lesions with two pictures each; lesion 0 was taken in both clinics."""
    lesions = np.repeat(np.arange(40), 2)
    clinic = np.where(lesions < 10, "rosendahl", "vienna_dias")
    clinic[1] = "vienna_dias"
    return pd.DataFrame(
        {
            "file": [f"images/{k}.jpg" for k in range(80)],
            "original_id": [f"ISIC_{k}" for k in range(80)],
            "lesion_id": [f"HAM_{k:07d}" for k in lesions],
            "label_isic2019": np.where(lesions % 4 == 0, "mel", "nv"),
            "label": np.where(lesions % 4 == 0, "mel", "nv"),
            "age": 50,
            "sex": "male",
            "localization": "back",
            "dataset": clinic,
            "dx_type": "histo",
        }
    )


@pytest.mark.parametrize("fold", [0, 1, 2])
def test_no_lesion_is_on_both_sides(table: pd.DataFrame, fold: int) -> None:
    parts = parts_of(table, fold)
    assert (parts == "validation").sum() == 12  # 15 % of 40 lesions, two pictures each
    learned, judged = (set(table["lesion_id"][parts == name]) for name in ("train", "validation"))
    assert not learned & judged
    assert not parts.equals(parts_of(table, (fold + 1) % 3))


def test_a_lesion_of_two_clinics_is_not_learned_from(table: pd.DataFrame) -> None:
    parts = parts_of(table, "rosendahl")
    assert (parts == "validation").sum() == 19
    assert parts.isna().sum() == 1 and pd.isna(parts[1])
    assert set(table["dataset"][parts == "train"]) == {"vienna_dias"}


def test_few_of_each_class_in_whole_lesions(table: pd.DataFrame) -> None:
    parts = few_of_each(table, 6, seed=1)
    learned = table[parts == "train"]
    assert learned["label"].value_counts().to_dict() == {"mel": 6, "nv": 6}
    assert (learned["lesion_id"].value_counts() == 2).all()
    assert few_of_each(table, 5, seed=1).eq("train").sum() == 8, "no lesion is cut in two"


@pytest.mark.parametrize("links", [True, False])
def test_a_fold_is_a_folder_that_can_be_opened(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    def refused(*_: Any) -> None:
        raise OSError("Invalid cross-device link")

    if not links:
        monkeypatch.setattr("os.link", refused)
    source = tmp_path / "source"
    (source / "images").mkdir(parents=True)
    for file in table["file"]:
        (source / file).write_bytes(b"picture")
    table.to_csv(source / "labels.csv", index=False)
    folder = lay_out(source, tmp_path, 0)
    written = pd.read_csv(folder / "labels.csv")
    assert written["split"].value_counts().to_dict() == {"train": 68, "validation": 12}
    assert all((folder / file).is_file() for file in written["file"])
    assert lay_out(source, tmp_path, 0) == folder
    table.assign(label_isic2019="bcc").to_csv(source / "labels.csv", index=False)
    with pytest.raises(SystemExit, match="laid out from others"):
        lay_out(source, tmp_path, 0)


def test_other_labels_in_the_archive_are_unpacked_anew(tmp_path: Path) -> None:
    place = tmp_path / "place"
    for labels in ("file,label\n", "file,label\na.jpg,mel\n"):
        with zipfile.ZipFile(tmp_path / ARCHIVE, "w") as archive:
            archive.writestr("ham10000_200x150/labels.csv", labels)
        for _ in range(2):
            found = unpack(tmp_path, place)
            assert (found / "labels.csv").read_text() == labels


def test_every_choice_is_an_experiment_of_its_own() -> None:
    words = [
        choice(name).model_dump_json(exclude={"title"}) for name in CHANGES if name not in TEACHERS
    ]
    assert len(set(words)) == len(words)
    assert {SHIPPED, LEFT_OUT, *REPEATED} <= set(CHANGES)
    # A run is called by its folder.
    for name in CHANGES:
        parse({"name": run_folder(Path(), name, 0).name})
    assert all(choice(name).evaluation.test_time == "flips" for name in CHANGES)


def test_teachers_are_trained_first_and_told_by_name(
    table: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[tuple[str, Experiment]] = []

    def noted(folder: Path, experiment: Experiment, *_: Any) -> dict[str, float]:
        trained.append((folder.name, experiment))
        return {}

    monkeypatch.setattr(ham10000, "_trained", noted)
    monkeypatch.setattr(ham10000, "lay_out", lambda unpacked, place, fold: tmp_path)
    # The teacher goes on from another training, and so does its pupil.
    ham10000._one(tmp_path, tmp_path, "wide, small first, then large, distilled", 1)
    assert [name for name, _ in trained] == [
        *("wide-longer-1", "wide-longer-strong-zoom-1", "wide-small-first-1"),
        "wide-small-first-then-large-distilled-1",
    ]
    before = [experiment.model.weights for _, experiment in trained]
    bundles = [str(tmp_path / "runs" / name / "model") for name, _ in trained]
    assert before == ["imagenet", bundles[0], "imagenet", bundles[2]]
    trained.clear()
    ham10000._one(tmp_path, tmp_path, "taught", 1)
    names = [run_folder(tmp_path, teacher, 1).name for teacher in TEACHERS["taught"]]
    assert [name for name, _ in trained] == [*names, "taught-1"]
    assert all(not experiment.training.distillation.teachers for _, experiment in trained[:-1])
    experiment = trained[-1][1]
    expected = tuple(str(tmp_path / "runs" / name / "model") for name in names)
    assert experiment.training.distillation.teachers == expected
    told = ham10000_bundle.told(parse(experiment.model_dump(mode="json", exclude_none=True)))
    assert told.training.distillation.teachers == tuple(names)
    assert str(tmp_path) not in told.model_dump_json()


def test_what_another_process_has_begun_comes_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("basis", "large", "wide")
    (tmp_path / "labels.csv").write_text("file,label\n")
    for name in names[1:]:
        write_scores(tmp_path, name, 0, {"run": f"{name}-0"})
    begun = run_folder(tmp_path, "basis", 0)
    begun.mkdir(parents=True)
    elsewhere = FileLock(begun / "lock")
    elsewhere.acquire()
    asked: list[str] = []
    real = ham10000._trained

    def noted(folder: Path, *args: Any) -> dict[str, Any]:
        asked.append(folder.name)
        if len(asked) == len(names):
            # The other process is done.
            write_scores(tmp_path, "basis", 0, {"run": "basis-0"})
            elsewhere.release()
        found: dict[str, Any] = real(folder, *args)
        return found

    monkeypatch.setattr(ham10000, "_trained", noted)
    monkeypatch.setattr(ham10000, "lay_out", lambda unpacked, place, fold: tmp_path)
    ham10000._all(tmp_path, tmp_path, [(name, 0) for name in names])
    assert asked == ["basis-0", "large-0", "wide-0"] * 2
    assert capsys.readouterr().out.split()[1:] == ["basis-0", "large-0", "wide-0"]


def test_the_card_tells_of_pictures_from_elsewhere(tmp_path: Path) -> None:
    scores = {
        "num": 2259,
        "num_melanomas": 342,
        "accuracy": 0.512,
        "accuracy_interval": [0.48, 0.55],
        "macro_auc": 0.854,
        "macro_auc_interval": [0.83, 0.87],
        "balanced_accuracy": 0.538,
        "balanced_accuracy_interval": [0.5, 0.58],
        "melanoma_sensitivity": 0.459,
        "melanoma_sensitivity_interval": [0.404, 0.516],
    }
    for source in HAM10000_SOURCES:
        write_scores(tmp_path, LEFT_OUT, source, scores)
    rows = ham10000_bundle.elsewhere(tmp_path)
    assert [row["source"] for row in rows] == list(HAM10000_SOURCES)
    write_scores(tmp_path, LEFT_OUT, 0, scores | {"num": 1505})
    home = ham10000_bundle.at_home(tmp_path)
    section = ham10000_bundle.sources_section([home, *rows])
    aucs = "0.85 (0.83 to 0.87) | 0.54 (0.50 to 0.58)"
    line = f"{aucs} | 0.51 (0.48 to 0.55) | 342 | 46 (40 to 52) |"
    assert f"| none | 1,505 | {line}" in section
    assert f"| rosendahl | 2,259 | {line}" in section
    assert "trained once without each of these sources" in section


def test_the_shipped_card_says_what_the_script_says_today() -> None:
    bundle = ASSETS / "models" / ham10000_bundle.NAME
    report = read_json(bundle / "evaluation.json")
    assert isinstance(report, dict)
    card = (bundle / "card.md").read_text("utf-8")
    rows = [report["at_home"], *report["elsewhere"]]
    of_script = (ham10000_bundle.PARTS, ham10000_bundle.CARCINOMA, ham10000_bundle.SKIN)
    for words in (*of_script, ham10000_bundle.sources_section(rows)):
        assert words in card


def test_the_documentation_names_stages_that_there_are() -> None:
    words = (ASSETS.parent / "docs" / "shipped-models.md").read_text("utf-8")
    named = set(re.findall(r"--only (\w+)", words))
    assert named and named <= set(ham10000.STAGES)


def test_what_the_card_needs_is_trained_before_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int | str]] = []

    def noted(unpacked: Path, place: Path, name: str, fold: int | str, wait: bool = True) -> Any:
        asked.append((name, fold))
        return {"run": name}

    def written(place: Path, trained: Path, data: Path) -> Path:
        without = {(LEFT_OUT, name) for name in HAM10000_SOURCES}
        assert {(SHIPPED, 0), (LEFT_OUT, 0), *without} == set(asked)
        assert trained == run_folder(place, SHIPPED, 0)
        return place / "bundle"

    monkeypatch.setenv("LESIONLAB_HOME", str(tmp_path))
    monkeypatch.setattr(ham10000, "unpack", lambda data, place: data)
    monkeypatch.setattr(ham10000, "lay_out", lambda unpacked, place, fold: tmp_path)
    monkeypatch.setattr(ham10000, "_one", noted)
    monkeypatch.setattr(ham10000, "ship", written)
    bundle = ham10000.run(tmp_path, "ship")
    assert bundle is not None and bundle.name == "bundle"


def test_another_training_of_the_same_name_is_not_taken_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "labels.csv").write_text("file,label\n")

    def stopped(task: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ham10000, "run_train", stopped)
    folder = tmp_path / "run"
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            ham10000._trained(folder, choice("wide"), tmp_path)
        # As an earlier version wrote it, which did not know a field that is not set.
        begun = read_json(folder / "begun.json")
        del begun["experiment"]["training"]["cutmix"]
        write_json(folder / "begun.json", begun)
    with pytest.raises(SystemExit, match="holds another one"):
        ham10000._trained(folder, choice("large"), tmp_path)
    (tmp_path / "labels.csv").write_text("file,label\na.jpg,mel\n")
    with pytest.raises(SystemExit, match="holds another one"):
        ham10000._trained(folder, choice("wide"), tmp_path)


def test_scores_of_a_fold_have_intervals(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    experiment = choice("wide")
    codes = experiment.data.classes
    truths = rng.integers(0, len(codes), 400)
    shares = rng.dirichlet(np.ones(len(codes)), 400)
    shares[np.arange(400), truths] += 0.05
    shares /= shares.sum(axis=1, keepdims=True)
    write_bundle(tmp_path / "model", described(experiment), {})
    names = [f"{number}.jpg" for number in range(400)]
    table = pd.DataFrame({"path": names, "truth": np.array(codes)[truths]})
    table[[f"p_{code}" for code in codes]] = shares
    table.to_parquet(tmp_path / "predictions.parquet")
    lesions = pd.Series([f"HAM_{number}" for number in range(400)], index=names)
    scores = fold_scores(tmp_path, lesions)
    assert scores["num"] == 400
    for name in ("macro_auc", "balanced_accuracy", "accuracy", "melanoma_sensitivity"):
        low, high = scores[f"{name}_interval"]
        assert low < scores[name] < high


def test_scores_of_a_fold_are_those_worked_out_by_hand(tmp_path: Path) -> None:
    experiment = choice("wide")
    codes = list(experiment.data.classes)
    # Twenty nevi with a probability for melanoma of 0.00, 0.02 ... 0.38, and four melanomas. Of
    # the nevi 17 may have no more than the threshold: it is 0.32, above which lie two melanomas.
    shares = [*(0.02 * k for k in range(20)), 0.1, 0.32, 0.33, 0.9]
    truths = ["nv"] * 20 + ["mel"] * 4
    raw = np.zeros((24, len(codes)))
    raw[:, codes.index("mel")], raw[:, codes.index("nv")] = shares, 1 - np.array(shares)
    # What is stored has the temperature in it, which the scores are counted without.
    stored = apply_temperature(raw, 2.0)
    write_bundle(
        tmp_path / "model", described(experiment).model_copy(update={"temperature": 2.0}), {}
    )
    names = [f"{number}.jpg" for number in range(24)]
    table = pd.DataFrame({"path": names, "truth": truths})
    table[[f"p_{code}" for code in codes]] = stored
    table.to_parquet(tmp_path / "predictions.parquet")
    scores = fold_scores(tmp_path, pd.Series(names, index=names))
    assert (scores["num"], scores["num_melanomas"]) == (24, 4)
    assert scores["melanoma_sensitivity"] == 0.5
    # Right are all nevi and the one melanoma with 0.9.
    assert scores["accuracy"] == 21 / 24
    assert scores["balanced_accuracy"] == (1 + 0.25) / 2
    # The melanomas lie above 5, 16.5, 17 and 20 of the 20 nevi.
    assert scores["macro_auc"] == pytest.approx((5.5 + 16.5 + 17 + 20) / 80)


def described(experiment: Experiment, start: str = "") -> Description:
    return Description(
        name="run",
        experiment=experiment,
        classes=experiment.data.classes,
        drawn=False,
        data=TrainingData(name="ham10000"),
        start_weights=start,
        num_parameters=1,
    )


def write_scores(place: Path, name: str, fold: int | str, scores: dict[str, Any]) -> None:
    folder = run_folder(place, name, fold)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "scores.json", scores)


def test_a_training_that_went_on_tells_its_whole_course(tmp_path: Path) -> None:
    def bundle(name: str, weights: str, epochs: int, what: str = "wide, longer") -> Path:
        folder = tmp_path / name / "model"
        experiment = choice(what).model_copy(
            update={"model": Network(network="mobilenetv2", weights=weights)}
        )
        start = f"MobileNetV2 starts from {Path(weights).name}."
        curves = {"epoch": range(1, epochs + 1), "phase": 0, "loss": 0.5}
        write_bundle(folder, described(experiment, start), {}, pd.DataFrame(curves))
        return folder

    first = bundle("first", "imagenet", 3)
    second = bundle("second", str(first), 2, "wide, longer, strong zoom")
    told, history = ham10000_bundle.whole_course(second)
    assert list(history["epoch"]) == [1, 2, 3, 4, 5]
    assert list(history["phase"]) == [0, 0, 0, 1, 1]
    assert told.start_weights == (
        "MobileNetV2 starts from imagenet. It learned for 3 epochs with zoom 0.15, learning rate "
        "0.001. Then it learned for 2 epochs with zoom 0.4, learning rate 0.0005."
    )
    experiment = ham10000_bundle.told(told.experiment)
    assert experiment.model.weights == "imagenet"
    assert str(tmp_path) not in experiment.model_dump_json()
    small = bundle("small", "imagenet", 3, "wide, small first")
    large = bundle("large", str(small), 2, "wide, small first, then large")
    assert ham10000_bundle.whole_course(large)[0].start_weights == (
        "MobileNetV2 starts from imagenet. It learned for 3 epochs with size 96×128, zoom 0.15, "
        "learning rate 0.001. Then it learned for 2 epochs with size 144×192, zoom 0.4, learning "
        "rate 0.0005."
    )
    third = bundle("third", str(large), 1, "wide, longer")
    thrice, curves = ham10000_bundle.whole_course(third)
    assert thrice.start_weights.count("earned for") == 3
    assert ham10000_bundle.told(thrice.experiment).model.weights == "imagenet"
    assert list(curves["phase"]) == [0, 0, 0, 1, 1, 2]
    plain, curves = ham10000_bundle.whole_course(first)
    assert plain.start_weights == "MobileNetV2 starts from imagenet."
    assert len(curves) == 3


def test_the_card_tells_what_the_teachers_are(tmp_path: Path) -> None:
    teachers = [run_folder(tmp_path, name, 0) / "model" for name in TEACHERS["taught"]]
    for name, folder in zip(TEACHERS["taught"], teachers, strict=True):
        write_bundle(folder, described(choice(name)), {})
    write_bundle(tmp_path / "pupil", described(choice("taught", teachers)), {})
    (section,) = ham10000_bundle.teachers_section(tmp_path / "pupil")
    assert "the same pictures as it did" in section and str(tmp_path) not in section
    assert "- enlarged-0: mobilenetv2 of width 1, input 192×256, 24 epochs" in section
    assert "- enlarged-changed-little-0: mobilenetv2 of width 1, input 192×256, 20 epo" in section
    assert ham10000_bundle.teachers_section(teachers[0]) == []
