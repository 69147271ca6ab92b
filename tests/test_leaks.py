"""What a split by picture would give away, counted by hand and by the plain way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lesionlab.data.dataset import COLUMNS, Dataset, for_classes, with_numbered_ids
from lesionlab.data.leaks import leak_report, may_share
from lesionlab.data.split import SplitPlan, split_dataset


def make(labels: list[str], **columns: list[object]) -> Dataset:
    table = pd.DataFrame({name: [None] * len(labels) for name in COLUMNS}, dtype=object)
    table["diagnosis"] = table["label"] = labels
    table["image_id"] = [f"i{k}" for k in range(len(labels))]
    return Dataset("some", Path("/nowhere"), table.assign(**columns))


def test_one_lesion_of_all_pictures_by_hand() -> None:
    # All 20 pictures show one lesion: it is on both sides, and every test picture has a sister.
    found = leak_report(make(["nv"] * 20, lesion_id=["A"] * 20), SplitPlan())
    assert (found.thing, found.asked) == ("lesion", "test")
    assert (found.num_both, found.num_shared) == (1, 1)
    assert found.num_asked == found.num_sisters == 3
    assert found.share == 1
    assert found.num_patients is None
    assert len(found.pairs) == 1


def test_nothing_is_given_away_where_nothing_is_shared() -> None:
    found = leak_report(make(["nv"] * 20, lesion_id=[f"L{k}" for k in range(20)]), SplitPlan())
    assert (found.num_both, found.num_shared, found.num_sisters) == (0, 0, 0)
    assert found.pairs.shape == (0, 2)


def test_equal_to_the_plain_way() -> None:
    rng = np.random.default_rng(0)
    lesions = [f"L{k}" for k in rng.integers(0, 120, 300)]
    labels = [("nv", "mel", "bcc")[int(lesion[1:]) % 3] for lesion in lesions]
    patients = [f"P{int(lesion[1:]) // 2}" for lesion in lesions]
    dataset = make(labels, lesion_id=lesions, patient_id=patients)
    plan = SplitPlan(seed=3)
    found = leak_report(dataset, plan)
    parts = split_dataset(dataset, SplitPlan(seed=3, group_by="image")).parts
    table = dataset.table.assign(part=parts)
    train, test = table[table["part"] == "train"], table[table["part"] == "test"]
    both = set(train["lesion_id"]) & set(test["lesion_id"])
    assert found.num_both == len(both) > 10
    assert found.num_patients == len(set(train["patient_id"]) & set(test["patient_id"]))
    assert found.num_sisters == int(test["lesion_id"].isin(both).sum())
    for first, second in found.pairs.tolist():
        assert (parts[first], parts[second]) == ("train", "test")
        assert lesions[first] == lesions[second]
    assert len(found.pairs) == 6
    assert {labels[second] for _, second in found.pairs.tolist()} == {"nv", "mel", "bcc"}


def test_without_lesions_repeated_pictures_count() -> None:
    found = leak_report(make(["nv"] * 40, sha256=[f"h{k // 20}" for k in range(40)]), SplitPlan())
    assert found.thing == "repeated picture"
    assert found.num_both == 2


def test_without_a_test_part_the_validation_part_is_asked() -> None:
    plan = SplitPlan(train=0.8, validation=0.2, test=0)
    found = leak_report(make(["nv"] * 20, lesion_id=["A"] * 20), plan)
    assert (found.asked, found.num_asked) == ("validation", 4)


def test_numbers_for_ids_give_the_same(real_data: Path) -> None:
    raw = pd.read_csv(real_data / "HAM10000_metadata.csv").rename(columns={"dx": "diagnosis"})
    whole = Dataset("ham", Path("/nowhere"), raw.assign(path=raw["image_id"], patient_id=None))
    dataset = for_classes(whole, "ham7")
    light = for_classes(with_numbered_ids(whole), "ham7")
    plan = SplitPlan()
    assert (split_dataset(dataset, plan).codes == split_dataset(light, plan).codes).all()
    one, other = leak_report(dataset, plan), leak_report(light, plan)
    assert (one.num_both, one.num_sisters) == (other.num_both, other.num_sisters)
    assert (one.pairs == other.pairs).all()
    # By hand: the lesions of the split by picture that have a picture in training and in the test.
    parts = split_dataset(dataset, SplitPlan(group_by="image")).parts
    lesions = raw["lesion_id"]
    assert one.num_both == len(set(lesions[parts == "train"]) & set(lesions[parts == "test"]))


@pytest.mark.parametrize(
    ("name", "citation", "drawn", "share"),
    [
        ("ham10000", "", False, True),
        ("my-pictures", "Tschandl P. HAM10000.", False, True),
        ("isic2019", "BCN_20000. Tschandl P. HAM10000. Codella N.", False, True),
        ("isic2020", "Rotemberg V.", False, False),
        ("a-folder", "", False, False),
        ("drawings", "Tschandl P. HAM10000", True, False),
    ],
)
def test_a_set_that_cites_the_same_source_may_share_pictures(
    name: str, citation: str, drawn: bool, share: bool
) -> None:
    learned = {"name": "ham10000", "citation": "Tschandl P. HAM10000."}
    assert may_share(name, citation, drawn, learned) is share
    assert not may_share("y", citation, drawn, {"name": "x", "citation": ""})
    assert not may_share("y", citation, drawn, {})


def test_a_citation_that_was_cut_off_is_known_again() -> None:
    long = "Tschandl and others,  HAM10000;\n" * 900
    cut = "Tschandl and others, HAM10000; " * 600 + "…"
    assert may_share("other", long, False, {"name": "own", "citation": cut})
    assert not may_share("other", "Somebody else", False, {"name": "own", "citation": cut})
