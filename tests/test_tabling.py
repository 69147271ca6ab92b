"""Slices and the CSV file of a table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lesionlab.app.data import tabling
from lesionlab.data.dataset import Dataset


def made(as_categories: bool = False) -> Dataset:
    table = pd.DataFrame(
        {
            "image_id": ["c", "a", "b", 'q"x,'],
            "diagnosis": ["nv", "mel", "nv", "bcc"],
            "lesion_id": ["L1", "L2", "L1", None],
            "patient_id": [None] * 4,
            "age": [40.0, None, 5.0, 40.0],
        }
    )
    if as_categories:
        table["diagnosis"] = pd.Categorical(table["diagnosis"], ["nv", "mel", "bcc"])
        table["lesion_id"] = table["lesion_id"].astype("category")
    return Dataset("made", Path(), table)


@pytest.fixture(params=[False, True], ids=["text", "categories"])
def found(request: pytest.FixtureRequest) -> Dataset:
    return made(request.param)


@pytest.mark.parametrize(
    ("text", "column", "falling", "rows"),
    [
        ("", "", False, [0, 1, 2, 3]),
        ("l1", "", False, [0, 2]),
        ("", "image_id", False, [1, 2, 0, 3]),
        ("", "age", False, [2, 0, 3, 1]),
        ("", "age", True, [0, 3, 2, 1]),
        ("", "diagnosis", False, [3, 1, 0, 2]),
        ("", "lesion_id", True, [1, 0, 2, 3]),
        ("L", "image_id", True, [0, 2, 1]),
    ],
)
def test_rows_are_found_and_sorted(
    found: Dataset, text: str, column: str, falling: bool, rows: list[int]
) -> None:
    assert tabling.rows_of(found, text, column, falling).tolist() == rows


def test_the_csv_file_holds_the_table(found: Dataset) -> None:
    assert tabling.as_csv(found).decode().splitlines() == [
        '"image_id","diagnosis","lesion_id","patient_id","age"',
        '"c","nv","L1",,40',
        '"a","mel","L2",,',
        '"b","nv","L1",,5',
        '"q""x,","bcc",,,40',
    ]
