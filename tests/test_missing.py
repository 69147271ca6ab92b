"""Unknown ages, and what an experiment puts in their place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lesionlab import experiment as experiments
from lesionlab.data.dataset import Dataset
from lesionlab.data.missing import fill_missing, mean_age, missing_counts
from lesionlab.errors import ExperimentError


def people(ages: list[float | None], folder: Path) -> Dataset:
    count = len(ages)
    table = pd.DataFrame(
        {
            "image_id": [f"i{k}" for k in range(count)],
            "path": "x.png",
            "diagnosis": "nv",
            "age": pd.Series(ages, dtype="float32"),
            "sex": pd.Series(["male", None] * count, dtype="category")[:count],
        }
    )
    return Dataset("people", folder, table)


def test_mean_age_stands_for_an_unknown_one(tmp_path: Path) -> None:
    dataset = people([30.0, None, 60.0, None], tmp_path)
    assert mean_age(dataset.table) == 45
    filled = fill_missing(dataset, "mean")
    assert filled.table["age"].tolist() == [30, 45, 60, 45]
    assert np.isnan(dataset.table["age"].iat[1]), "the given table is shared and stays as it is"
    assert filled.table.drop(columns="age").equals(dataset.table.drop(columns="age"))


def test_kept_as_it_is(tmp_path: Path) -> None:
    dataset = people([30.0, None], tmp_path)
    assert fill_missing(dataset, "keep") is dataset
    complete = people([30.0, 40.0], tmp_path)
    assert fill_missing(complete, "mean") is complete
    nobody = people([None, None], tmp_path)
    assert mean_age(nobody.table) is None
    assert fill_missing(nobody, "mean") is nobody


def test_the_same_pictures_keep_their_pixels(tmp_path: Path) -> None:
    dataset = people([30.0, None], tmp_path)
    dataset.table["sha256"] = ["aa", "bb"]
    assert fill_missing(dataset, "mean").fingerprint == dataset.fingerprint


def test_counts_of_what_is_missing(tmp_path: Path) -> None:
    table = people([30.0, None, None], tmp_path).table
    counts = missing_counts(table, ("age", "sex", "site"))
    assert counts.to_dict() == {"age": 2, "sex": 1, "site": 3}


def test_an_experiment_says_what_becomes_of_unknown_ages() -> None:
    first = experiments.recipe("small-cnn")
    assert first.data.missing_age == "keep"
    second = experiments.with_settings(first, ["data.missing_age=mean"])
    assert second.data.missing_age == "mean"
    assert experiments.from_toml(experiments.to_toml(second)) == second
    with pytest.raises(ExperimentError, match="missing_age"):
        experiments.with_settings(first, ["data.missing_age=median"])


def test_training_material_has_the_ages_of_the_experiment(tmp_path: Path) -> None:
    from PIL import Image

    from lesionlab.task import QuietTask
    from lesionlab.training.material import prepare

    lines = ["file,label,age"]
    for code in ("nv", "mel"):
        for number in range(6):
            name = f"{code}{number}.png"
            Image.new("RGB", (20, 20), (number * 40, 90, 90)).save(tmp_path / name)
            # mel: 20, 20, ... and one unknown; nv: 40, 40, ...
            age = "" if name == "mel5.png" else {"mel": 20, "nv": 40}[code]
            lines.append(f"{name},{code},{age}")
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n")
    from lesionlab.data.store import read_folder

    dataset = read_folder(tmp_path, "ages")
    settings = ["data.missing_age=mean", "preprocessing.size=[16, 16]"]
    wanted = experiments.with_settings(experiments.recipe("small-cnn"), settings)
    found = prepare(wanted, dataset, QuietTask(tmp_path)).dataset.table
    unknown = found["image_id"].astype(str).str.contains("mel5").to_numpy()
    assert unknown.sum() == 1
    # (5 * 20 + 6 * 40) / 11
    assert found["age"].to_numpy()[unknown][0] == pytest.approx(340 / 11, abs=1e-4)
