"""Counting pictures by one column, or by two at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pace import at_most

from lesionlab.data.crossing import (
    MOST_VALUES,
    OTHERS,
    UNKNOWN,
    count,
    countable,
    cross,
    few_columns,
    group_by,
)


@pytest.fixture(params=["object", "category"])
def people(request: pytest.FixtureRequest) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "image_id": [f"i{k}" for k in range(6)],
            "diagnosis": ["nv", "nv", "mel", "nv", "mel", "bcc"],
            "sex": ["male", None, "female", "female", "male", "female"],
            "age": [9.5, 10, 25, 80, None, 85],
            "site": [None] * 6,
            "camera": ["a", "b", "a", "b", "a", "b"],
            "room": ["only"] * 6,
        }
    )
    for name in ("diagnosis", "sex", "camera"):
        table[name] = table[name].astype(request.param)
    return table


def test_which_columns_can_be_counted_by(people: pd.DataFrame) -> None:
    # Nothing is known of the site, every picture has its own id, and a room has no other beside it.
    assert countable(people) == ["diagnosis", "age", "sex", "camera"]


def test_values_from_frequent_to_rare(people: pd.DataFrame) -> None:
    assert count(group_by(people, "diagnosis")).to_dict() == {"nv": 3, "mel": 2, "bcc": 1}
    sexes = group_by(people, "sex")
    assert sexes.labels == ("female", "male", UNKNOWN)
    assert sexes.codes.tolist() == [1, 2, 0, 0, 1, 0]


def test_ages_by_decade_and_by_five_years(people: pd.DataFrame) -> None:
    decades = count(group_by(people, "age", 10))
    assert list(decades.index[:3]) == ["0–9", "10–19", "20–29"]
    assert decades["0–9"] == decades["10–19"] == decades["20–29"] == decades[UNKNOWN] == 1
    assert decades["80–89"] == 2
    assert decades["30–39"] == 0
    fives = count(group_by(people, "age", 5))
    assert fives.index[0] == "5–9"
    assert (fives["80–84"], fives["85–89"]) == (1, 1)
    unknown = group_by(pd.DataFrame({"age": [None, None]}), "age")
    assert unknown.labels == (UNKNOWN,)


def test_two_columns_crossed(people: pd.DataFrame) -> None:
    table = cross(group_by(people, "diagnosis"), group_by(people, "sex"))
    assert table.loc["nv"].to_dict() == {"female": 1, "male": 1, UNKNOWN: 1}
    assert table.loc["mel"].to_dict() == {"female": 1, "male": 1, UNKNOWN: 0}
    assert table.to_numpy().sum() == 6
    cameras = cross(group_by(people, "diagnosis"), group_by(people, "camera"))
    assert cameras.to_dict("index") == {
        "nv": {"a": 1, "b": 2},
        "mel": {"a": 2, "b": 0},
        "bcc": {"a": 0, "b": 1},
    }


def test_rare_values_are_added_up() -> None:
    values = [f"v{k}" for k in range(MOST_VALUES + 5) for _ in range(2 if k < MOST_VALUES else 1)]
    counts = count(group_by(pd.DataFrame({"x": [*values, None]}), "x"))
    assert len(counts) == MOST_VALUES + 2
    assert (counts[OTHERS], counts[UNKNOWN]) == (5, 1)


def test_a_wide_table_is_made_narrow() -> None:
    table = pd.DataFrame([[1, 5, 2, 4, 7]], columns=["a", "b", "c", "d", UNKNOWN])
    small = few_columns(table, 4)
    assert small.iloc[0].to_dict() == {"b": 5, "d": 4, OTHERS: 3, UNKNOWN: 7}
    assert few_columns(table, 5) is table


def test_a_million_rows_are_crossed_at_once(rng: np.random.Generator) -> None:

    size = 1_000_000
    table = pd.DataFrame(
        {
            "a": pd.Categorical.from_codes(
                rng.integers(-1, 20, size), [f"a{k}" for k in range(20)]
            ),
            "age": rng.integers(0, 90, size).astype(np.float32),
        }
    )
    with at_most(1.0):
        counts = cross(group_by(table, "a"), group_by(table, "age"))
    assert counts.to_numpy().sum() == size
