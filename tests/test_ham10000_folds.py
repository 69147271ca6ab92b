"""How HAM10000 is dealt out to choose and judge the shipped model, on a table made here."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))

from ham10000_folds import few_of_each, lay_out, parts_of


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


def test_a_fold_is_a_folder_that_can_be_opened(table: pd.DataFrame, tmp_path: Path) -> None:
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
