"""Finding rows of a table: every filter against answers worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lesionlab.app.data import finding
from lesionlab.app.data.finding import NOT_KNOWN, UNUSED, Filters
from lesionlab.data.dataset import Dataset
from lesionlab.data.split import Split

CODES = ["nv", "nv", "nv", "mel", "mel", "bcc"]


def made(as_categories: bool = False) -> Dataset:
    table = pd.DataFrame(
        {
            "image_id": ["a1", "b2", "c3", "d4", "e5", "f.6"],
            "path": [f"{k}.jpg" for k in range(6)],
            "diagnosis": CODES,
            "lesion_id": ["L1", "L1", None, "L2", "L3", "L4"],
            "patient_id": [None] * 6,
            "age": [30.0, None, 45.5, 60.0, 10.0, 85.0],
            "sex": ["male", "female", None, "male", "female", "male"],
            "site": ["back"] * 6,
            "source": [None] * 6,
            "confirmed_by": ["histo", "histo", "follow_up", "histo", "histo", "histo"],
        }
    )
    if as_categories:
        table["sex"] = pd.Categorical(table["sex"], ["other", "male", "female"])
        table["diagnosis"] = pd.Categorical(CODES, ["scc", "nv", "mel", "bcc"])
        table["image_id"] = table["image_id"].astype("category")
    return Dataset("made", Path(), table)


@pytest.fixture(params=[False, True], ids=["text", "categories"])
def found(request: pytest.FixtureRequest) -> Dataset:
    return made(request.param)


def test_columns_become_numbers(found: Dataset) -> None:
    sex = finding.coded(found, "sex")
    assert sex is not None
    assert sex.values == ("female", "male")
    assert sex.codes.tolist() == [1, 0, -1, 1, 0, 1]
    assert (sex.counts.tolist(), sex.num_missing) == ([2, 3], 1)
    assert finding.class_counts(found) == {"bcc": 1, "mel": 2, "nv": 3}


def test_a_column_of_many_values_is_no_choice() -> None:
    table = pd.DataFrame({"source": [str(k) for k in range(finding.MOST_VALUES + 1)]})
    assert finding.coded(Dataset("x", Path(), table), "source") is None


def test_classes_come_in_turn(found: Dataset) -> None:
    assert finding.mixed_order(found).tolist() == [5, 3, 0, 4, 1, 2]
    assert finding.matching(found, Filters()).tolist() == [5, 3, 0, 4, 1, 2]


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        (Filters((("diagnosis", ("nv",)),)), [0, 1, 2]),
        (Filters((("diagnosis", ("nv", "mel")), ("sex", ("female",)))), [1, 4]),
        (Filters((("sex", (NOT_KNOWN,)),)), [2]),
        (Filters((("sex", (NOT_KNOWN, "female")),)), [1, 2, 4]),
        (Filters(ages=(30, 60)), [0, 2, 3]),
        (Filters((("sex", ("male",)),), ages=(31, 90)), [3, 5]),
        (Filters(text="l1"), [0, 1]),
        (Filters(text="L2, E5"), [3, 4]),
        (Filters(text="."), [5]),
        (Filters(text=". nothing"), [5]),
        (Filters(text="nothing"), []),
    ],
)
def test_what_is_found(found: Dataset, filters: Filters, rows: list[int]) -> None:
    assert sorted(finding.matching(found, filters).tolist()) == rows


def test_parts_of_the_split_and_what_is_left_out_of_it(found: Dataset) -> None:
    labelled = Dataset("some", Path(), found.table.iloc[[5, 0, 3, 1]].reset_index(drop=True))
    split = Split(np.array([2, 0, 1, 2], np.int8), "image", "")

    def rows(*names: str) -> list[int]:
        return sorted(finding.matching(found, Filters(parts=names), labelled, split).tolist())

    assert rows("test") == [1, 5]
    assert rows("train", "validation") == [0, 3]
    assert rows(UNUSED) == [2, 4]
    numbered = Dataset("some", Path(), pd.DataFrame({"row": [5, 0, 3, 1]}))
    parts = finding.part_codes(found, numbered, split)
    assert parts.tolist() == finding.part_codes(found, labelled, split).tolist()
    whole = Split(np.array([2] * 5 + [0], np.int8), "image", "")
    assert finding.matching(found, Filters(parts=("train",)), found, whole).tolist() == [5]


def test_ages_and_single_pictures(found: Dataset) -> None:
    assert finding.known_ages(found) == (10, 85)
    assert finding.row_of(found, "f.6") == 5
    assert finding.row_of(found, "F.6") is None
    assert finding.row_of(found, None) is None


def test_no_age_is_known() -> None:
    found = made()
    found.table["age"] = np.nan
    assert finding.known_ages(found) is None


def test_pages() -> None:
    assert [finding.pages_of(num, 12) for num in (0, 1, 12, 13, 10_015)] == [1, 1, 1, 2, 835]
