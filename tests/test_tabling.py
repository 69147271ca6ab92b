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


@pytest.mark.parametrize(
    "values",
    [
        ["IL_0000002", None, "IL_0000010", "IL_0000002", "IL_000001"],
        # The first eight bytes behind what is shared do not tell them apart.
        ["same-beginning-b", "same-beginning-a", None, "same-beginningsame-beginning", "s"],
        ["images/00001.jpg", "images/00001.jpg", "images/00000.jpg"],
        ["é", "zürich", "z", "ä" * 9, "ä" * 9 + "b", ""],
        [None, None],
        ["one"],
        [3.5, None, -1.0, 3.5, float("inf")],
        [True, False, True],
    ],
)
@pytest.mark.parametrize("falling", [False, True])
def test_any_column_is_sorted_as_python_sorts(values: list[object], falling: bool) -> None:
    table = pd.DataFrame({"image_id": [f"p{k}" for k in range(len(values))], "x": values})
    known = [k for k, value in enumerate(values) if value is not None]
    expected = sorted(known, key=lambda k: values[k], reverse=falling)  # type: ignore[arg-type, return-value]
    if falling:  # the order of equal ones stays
        expected = [
            k
            for v in sorted({values[k] for k in known}, reverse=True)
            for k in known  # type: ignore[type-var]
            if values[k] == v
        ]
    expected += [k for k in range(len(values)) if k not in known]
    assert tabling.rows_of(Dataset("x", Path(), table), "", "x", falling).tolist() == expected


def test_ids_that_differ_are_counted(found: Dataset) -> None:
    assert tabling.num_different(found, "lesion_id") == 2
    assert tabling.num_different(found, "patient_id") == 0
    assert tabling.num_different(found, "diagnosis") == 3


def test_the_csv_file_holds_the_table(found: Dataset) -> None:
    assert tabling.as_csv(found).decode().splitlines() == [
        '"image_id","diagnosis","lesion_id","patient_id","age"',
        '"c","nv","L1",,40',
        '"a","mel","L2",,',
        '"b","nv","L1",,5',
        '"q""x,","bcc",,,40',
    ]
