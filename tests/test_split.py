"""Splits: close to the plan, never a group in two parts, and clear about what they could do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pace import at_most

from lesionlab.data.dataset import COLUMNS, Dataset, for_classes
from lesionlab.data.groups import group_names, group_rows
from lesionlab.data.split import Split, SplitPlan, leaks, read_split, split_dataset, write_split
from lesionlab.errors import DataError


def make(labels: list[str], **columns: list[object]) -> Dataset:
    table = pd.DataFrame({name: [None] * len(labels) for name in COLUMNS}, dtype=object)
    table["diagnosis"] = table["label"] = labels
    table["image_id"] = [f"i{k}" for k in range(len(labels))]
    table["path"] = table["image_id"] + ".png"
    return Dataset("some", Path("/nowhere"), table.assign(**columns))


def numbers(dataset: Dataset, split: Split, label: str) -> dict[str, int]:
    mine = split.parts[(dataset.table["label"] == label).to_numpy()]
    return dict(zip(*np.unique(mine, return_counts=True), strict=True))


def test_proportions_by_hand() -> None:
    dataset = make(["nv"] * 100 + ["mel"] * 20)
    split = split_dataset(dataset, SplitPlan())
    assert split.grouped_by == "image"
    assert numbers(dataset, split, "nv") == {"train": 65, "validation": 20, "test": 15}
    assert numbers(dataset, split, "mel") == {"train": 13, "validation": 4, "test": 3}
    assert len(split.rows("test")) == 18


def test_without_a_test_part() -> None:
    dataset = make(["nv"] * 10)
    split = split_dataset(dataset, SplitPlan(train=0.8, validation=0.2, test=0))
    assert numbers(dataset, split, "nv") == {"train": 8, "validation": 2}


def test_one_seed_one_split() -> None:
    dataset = make(["nv"] * 50)
    one = split_dataset(dataset, SplitPlan(seed=1)).parts
    assert (one == split_dataset(dataset, SplitPlan(seed=1)).parts).all()
    assert (one != split_dataset(dataset, SplitPlan(seed=2)).parts).any()


@pytest.mark.parametrize("seed", range(5))
def test_lesions_stay_together(seed: int, rng: np.random.Generator) -> None:
    lesions = rng.integers(0, 60, 200)
    dataset = make([["nv", "mel"][k % 2] for k in lesions], lesion_id=[f"L{k}" for k in lesions])
    split = split_dataset(dataset, SplitPlan(seed=seed))
    assert split.grouped_by == "lesion"
    parts = pd.Series(split.parts).groupby(lesions).nunique()
    assert parts.max() == 1
    assert set(group_names(dataset.table, "lesion", group_rows(dataset.table, "lesion"))) == {
        f"L{k}" for k in lesions
    }


def test_a_patient_keeps_lesions_together() -> None:
    # Patient P has the lesions A and B; a second picture of B does not know its patient.
    patients = ["P", "P", None] + [f"Q{k}" for k in range(9)]
    lesions = ["A", "B", "B"] + [f"C{k}" for k in range(9)]
    dataset = make(["nv"] * 12, patient_id=patients, lesion_id=lesions)
    for seed in range(20):
        split = split_dataset(dataset, SplitPlan(seed=seed))
        assert split.grouped_by == "patient"
        assert len(set(split.parts[:3])) == 1
        assert "known for 11 of 12" in split.sentence
    assert list(
        group_names(dataset.table, "patient", group_rows(dataset.table, "patient"))[:3]
    ) == ["P", "P", "P"]


def test_one_picture_under_two_names_stays_together() -> None:
    hashes = ["same", "same"] + [f"h{k}" for k in range(10)]
    lesions = [f"L{k}" for k in range(12)]
    dataset = make(["nv"] * 12, lesion_id=lesions, sha256=hashes)
    for seed in range(20):
        parts = split_dataset(dataset, SplitPlan(seed=seed)).parts
        assert parts[0] == parts[1]


def test_leaks_are_counted() -> None:
    dataset = make(["nv"] * 4, lesion_id=["A", "A", "B", "B"])
    codes = np.array([0, 2, 0, 0], dtype=np.int8)
    wrong = Split(codes, "lesion", "")
    assert leaks(dataset, wrong) == 1
    assert leaks(dataset, wrong, "image") == 0


def test_a_split_by_image_gives_lesions_away() -> None:
    dataset = make(["nv"] * 60, lesion_id=[f"L{k // 2}" for k in range(60)])
    split = split_dataset(dataset, SplitPlan(group_by="image"))
    assert split.grouped_by == "image"
    assert leaks(dataset, split) == 0
    assert leaks(dataset, split, "lesion") > 5


def test_too_few_groups() -> None:
    dataset = make(["nv"] * 9 + ["df"] * 5, lesion_id=[f"L{k}" for k in range(9)] + ["D"] * 5)
    with pytest.raises(DataError, match=r"at least 3 lesions.*DF has 1 lesion \(5 pictures\)"):
        split_dataset(dataset, SplitPlan())
    assert split_dataset(dataset, SplitPlan(group_by="image")).grouped_by == "image"
    with pytest.raises(DataError, match=r"DF has 2 images\."):
        split_dataset(make(["nv"] * 9 + ["df"] * 2), SplitPlan())


def test_a_grouping_that_is_not_known() -> None:
    with pytest.raises(DataError, match="knows the patient"):
        split_dataset(make(["nv"] * 9), SplitPlan(group_by="patient"))


def test_three_groups_go_to_three_parts() -> None:
    dataset = make(["nv"] * 7, lesion_id=["A"] * 5 + ["B", "C"])
    for seed in range(10):
        split = split_dataset(dataset, SplitPlan(seed=seed))
        assert numbers(dataset, split, "nv") == {"train": 5, "validation": 1, "test": 1}


def test_written_and_read(tmp_path: Path) -> None:
    dataset = make(["nv"] * 6, lesion_id=["A", "A", "B", "C", "D", "NA"])
    split = split_dataset(dataset, SplitPlan())
    write_split(tmp_path / "split.csv", dataset, split)
    table = read_split(tmp_path / "split.csv")
    assert list(table.columns) == ["image_id", "path", "label", "group", "part", "bytes"]
    assert list(table["part"]) == list(split.parts)
    assert list(table["group"]) == ["A", "A", "B", "C", "D", "NA"]
    assert list(table["path"])[5] == "i5.png"
    with pytest.raises(DataError, match="Expected a split"):
        read_split(tmp_path / "none.csv")


def test_ham10000(real_data: Path) -> None:
    raw = pd.read_csv(real_data / "HAM10000_metadata.csv")
    table = raw.rename(columns={"dx": "diagnosis"}).assign(path=raw["image_id"], patient_id=None)
    dataset = for_classes(Dataset("ham", Path("/nowhere"), table), "ham7")
    with at_most(1):
        split = split_dataset(dataset, SplitPlan())
    assert (len(dataset), dataset.table["lesion_id"].nunique()) == (10015, 7470)
    assert pd.Series(split.parts).groupby(dataset.table["lesion_id"]).nunique().max() == 1
    shares = pd.crosstab(dataset.table["label"], split.parts, normalize="index")
    assert (shares - [0.15, 0.65, 0.20]).abs().to_numpy().max() < 0.01
