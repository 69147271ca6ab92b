"""Which pictures belong together, against the plain loop that joins them one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lesionlab.data.groups import JOINED_BY, choose_level, group_names, group_rows, numbers_of
from lesionlab.data.table import compact
from lesionlab.errors import DataError


def table(**columns: list[str | None]) -> pd.DataFrame:
    number = len(next(iter(columns.values())))
    empty: dict[str, list[str | None]] = {
        name: [None] * number for name in ("patient_id", "lesion_id")
    }
    return pd.DataFrame({"image_id": [f"i{k}" for k in range(number)], **empty, **columns})


def joined_one_by_one(rows: pd.DataFrame, level: str) -> list[int]:
    group = list(range(len(rows)))
    for column in JOINED_BY[level]:  # type: ignore[index]
        for _, same in rows.groupby(column):
            mine = {group[k] for k in same.index}
            group = [min(mine) if one in mine else one for one in group]
    return [sorted(set(group)).index(one) for one in group]


def test_numbers_by_hand() -> None:
    assert numbers_of(pd.Series(["b", None, "a", "b"])).tolist() == [0, -1, 1, 0]
    assert numbers_of(pd.Series(["b", None, "b"], dtype="category")).tolist() == [0, -1, 0]
    assert numbers_of(pd.Series(pd.array([7, None, 7], dtype="Int32"))).tolist() == [7, -1, 7]


def test_joined_through_others_by_hand() -> None:
    # 0 and 1 are one lesion, 1 and 3 one file, 3 and 4 one patient; 2 stands alone.
    rows = table(
        lesion_id=["A", "A", None, None, "B"],
        sha256=["x", "y", "z", "y", "w"],
        patient_id=[None, None, None, "P", "P"],
    )
    assert group_rows(rows, "patient").tolist() == [0, 0, 1, 0, 0]
    assert group_rows(rows, "lesion").tolist() == [0, 0, 1, 0, 2]
    assert group_rows(rows, "image").tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("seed", range(8))
def test_equal_to_the_plain_way(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def some(values: int, missing: float) -> list[str | None]:
        numbers = np.where(rng.random(60) < missing, -1, rng.integers(0, values, 60))
        return [None if k < 0 else f"v{k}" for k in numbers]

    rows = table(patient_id=some(40, 0.5), lesion_id=some(50, 0.3), sha256=some(55, 0.1))
    for level in ("patient", "lesion"):
        expected = joined_one_by_one(rows, level)
        assert group_rows(rows, level).tolist() == expected
        assert group_rows(compact(rows), level).tolist() == expected


def test_names_of_groups_are_never_shared() -> None:
    rows = compact(table(lesion_id=["A", None, "A", "i1"], sha256=["x", "y", "z", "w"]))
    names = group_names(rows, "lesion", group_rows(rows, "lesion"))
    assert names[0] == names[2] and len(set(names)) == 3
    rows = compact(table(patient_id=[None, "P", None], lesion_id=["L", "M", None]))
    assert group_names(rows, "patient", group_rows(rows, "patient")).tolist() == ["L", "P", "i2"]


def test_the_level_that_is_known() -> None:
    assert choose_level(table(lesion_id=["A", None]), "auto") == "lesion"
    assert choose_level(table(patient_id=[None, "P"]), "auto") == "patient"
    assert choose_level(table(patient_id=[None, "P"]), "image") == "image"
    with pytest.raises(DataError, match="knows the lesion"):
        choose_level(table(patient_id=[None, "P"]), "lesion")
