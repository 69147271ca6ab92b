"""The table of a data set in small types: nothing of it is lost, and a million rows are small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lesionlab.data.table import MOST_CATEGORIES, compact, read_table, write_table


def some() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "image_id": ["a", "b", "c"],
            "diagnosis": ["nv", "mel", "nv"],
            "lesion_id": ["L1", None, "L1"],
            "patient_id": pd.Series([None, None, None], dtype=object),
            "age": pd.Series([55, None, "35.5"], dtype=object),
            "sex": ["male", None, "female"],
            "height": [450, 450, 600],
            "big": [2**40, 1, 2],
            "score": [0.1, 0.2, np.nan],
            "hairy": [True, False, True],
            "level": pd.array([1, None, 3], dtype="Int64"),
            "mixed": pd.Series([1, "two", None], dtype=object),
        }
    )


def test_types() -> None:
    table = compact(some())
    kinds = {name: str(dtype) for name, dtype in table.dtypes.items()}
    assert kinds["diagnosis"] == kinds["sex"] == kinds["mixed"] == "category"
    assert kinds["image_id"] == kinds["lesion_id"] == kinds["patient_id"] == "str"
    assert (kinds["age"], kinds["height"], kinds["hairy"]) == ("float32", "int32", "bool")
    assert kinds["level"] == "Int32"
    # Not rounded: we do not know what they mean.
    assert (kinds["big"], kinds["score"]) == ("int64", "float64")


def test_nothing_is_lost_on_disk(tmp_path: Path) -> None:
    write_table(some(), tmp_path / "table.parquet")
    table = read_table(tmp_path / "table.parquet")
    assert list(table.columns) == list(some().columns)
    assert list(table["diagnosis"]) == ["nv", "mel", "nv"]
    assert table["lesion_id"].tolist()[::2] == ["L1", "L1"]
    assert table["lesion_id"].isna().tolist() == [False, True, False]
    assert table["patient_id"].isna().all()
    assert table["age"].tolist()[::2] == [55.0, 35.5]
    assert np.isnan(table["age"].iat[1])
    assert table["mixed"].astype(object).tolist()[:2] == ["1", "two"]
    assert table["big"].tolist() == [2**40, 1, 2]
    assert (table.dtypes == compact(table).dtypes).all()


def test_an_older_table_is_read_in_small_types(tmp_path: Path) -> None:
    some().drop(columns=["age", "mixed"]).to_parquet(tmp_path / "table.parquet")
    assert str(read_table(tmp_path / "table.parquet")["diagnosis"].dtype) == "category"


def test_the_given_table_stays_as_it_is() -> None:
    table = some()
    compact(table)
    pd.testing.assert_frame_equal(table, some())


def test_many_words_stay_text_and_ids_are_never_categories() -> None:
    many = [f"word {k}" for k in range(MOST_CATEGORIES + 1)]
    table = compact(pd.DataFrame({"notes": many, "lesion_id": ["L"] * len(many)}))
    assert str(table["notes"].dtype) == str(table["lesion_id"].dtype) == "str"
    as_categories = pd.DataFrame({"lesion_id": pd.Categorical(["L", "L"])})
    assert str(compact(as_categories)["lesion_id"].dtype) == "str"


@pytest.mark.parametrize("rows", [0, 1])
def test_short_tables(rows: int, tmp_path: Path) -> None:
    write_table(some().iloc[:rows], tmp_path / "table.parquet")
    assert len(read_table(tmp_path / "table.parquet")) == rows


def test_a_hundred_thousand_rows_are_small() -> None:
    number = np.arange(100_000)
    table = pd.DataFrame({"sha256": [f"{k:064x}" for k in number], "sex": ["male"] * len(number)})
    # 64 bytes of text and 8 of its place, one of a category.
    assert compact(table).memory_usage(index=False, deep=True).sum() < 75 * len(number)
