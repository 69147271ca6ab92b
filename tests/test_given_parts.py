"""The parts as a data set gives them: taken, completed, and told where they leak."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lesionlab.data.dataset import COLUMNS, Dataset, for_classes, with_numbered_ids
from lesionlab.data.split import SplitPlan, split_dataset
from lesionlab.data.table import compact
from lesionlab.errors import DataError

GIVEN = SplitPlan(given=True)


def make(labels: list[str], given: list[str | None], **columns: list[object]) -> Dataset:
    table = pd.DataFrame({name: [None] * len(labels) for name in COLUMNS}, dtype=object)
    table["diagnosis"] = labels
    table["image_id"] = [f"i{k}" for k in range(len(labels))]
    table = compact(table.assign(given_part=given, **columns))
    return for_classes(Dataset("some", Path("/nowhere"), table), "isic8")


def test_parts_are_taken_as_they_are() -> None:
    given = ["test", "train", "validation", "train", "test"]
    split = split_dataset(make(["nv"] * 5, list(given)), GIVEN)
    assert list(split.parts) == given
    assert split.in_two == {}
    assert split.sentence == "The parts are as the data set gives them."


def test_validation_is_set_aside_by_whole_lesions() -> None:
    lesions = [f"L{k // 2}" for k in range(40)]
    dataset = make(["nv"] * 40, ["train"] * 30 + ["test"] * 10, lesion_id=lesions)
    split = split_dataset(dataset, GIVEN)
    parts = pd.Series(split.parts)
    assert set(parts[30:]) == {"test"}
    assert parts.groupby(lesions).nunique().max() == 1
    # 0.20 / (0.65 + 0.20) of 30 pictures are 7.06: three or four lesions of two.
    assert (parts == "validation").sum() in (6, 8)
    assert "no validation part" in split.sentence
    assert list(split.parts) == list(split_dataset(dataset, GIVEN).parts)


def test_groups_in_two_published_parts_are_told_and_do_not_stop() -> None:
    dataset = make(
        ["nv"] * 6,
        ["train", "test", "train", "validation", "train", "test"],
        lesion_id=["A", "A", "B", "C", "D", "E"],
        sha256=["x", "y", "z", "z", "v", "w"],
    )
    split = split_dataset(dataset, GIVEN)
    assert split.in_two == {"lesion": 1, "repeated picture": 1}
    assert "published with 1 lesion and 1 repeated picture in two parts" in split.sentence


def test_what_is_in_the_test_already_is_not_set_aside() -> None:
    # Lesion A is in training and test: none of its training pictures may go to validation.
    lesions = ["A", "A", *[f"L{k}" for k in range(20)], "T"]
    given = ["train", "test", *["train"] * 20, "test"]
    for seed in range(10):
        dataset = make(["nv"] * 23, list(given), lesion_id=lesions)
        split = split_dataset(dataset, SplitPlan(given=True, seed=seed))
        assert split.parts[0] == "train"
        assert len(split.rows("validation")) > 0


def test_pictures_without_a_part_follow_their_lesion() -> None:
    dataset = make(
        ["nv"] * 5,
        ["train", "test", "validation", None, None],
        lesion_id=["A", "B", "C", "B", None],
    )
    split = split_dataset(dataset, GIVEN)
    assert list(split.parts) == ["train", "test", "validation", "test", "train"]
    assert "2 pictures came without a part" in split.sentence


def test_a_class_that_a_part_lacks() -> None:
    dataset = make(["nv", "mel", "nv", "nv"], ["train", "train", "validation", "test"])
    assert "The test part has no picture of MEL." in split_dataset(dataset, GIVEN).sentence
    dataset = make(["nv", "mel", "nv", "nv"], ["train", "test", "validation", "test"])
    with pytest.raises(DataError, match="none of MEL"):
        split_dataset(dataset, GIVEN)


def test_the_only_lesion_of_a_class_stays_in_training() -> None:
    dataset = make(["nv"] * 9 + ["df"], ["train"] * 9 + ["train"])
    split = split_dataset(dataset, GIVEN)
    assert split.parts[9] == "train"
    assert "validation" in split.parts


def test_a_set_without_published_parts() -> None:
    for given in ([None] * 3, ["test"] * 3):
        with pytest.raises(DataError, match="training part of its own"):
            split_dataset(make(["nv"] * 3, list(given)), GIVEN)


def test_numbers_for_ids_give_the_same() -> None:
    given = ["train"] * 12 + ["test"] * 4
    whole = make(["nv", "mel"] * 8, list(given), lesion_id=[f"L{k // 3}" for k in range(16)])
    light = for_classes(with_numbered_ids(whole), "isic8")
    one, other = split_dataset(whole, GIVEN), split_dataset(light, GIVEN)
    assert (one.codes == other.codes).all()
    assert one.in_two == other.in_two
