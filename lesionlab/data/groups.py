"""Which pictures belong together, so that one patient or lesion is never in two parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from lesionlab.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

Level = Literal["patient", "lesion", "image"]
# What joins two pictures at each level. The content joins too: a picture that is there twice, under
# two names, would otherwise be learned in one part and asked for in another.
JOINED_BY: dict[Level, tuple[str, ...]] = {
    "patient": ("patient_id", "lesion_id", "sha256"),
    "lesion": ("lesion_id", "sha256"),
    "image": (),
}


def choose_level(table: pd.DataFrame, group_by: str) -> Level:
    """The grouping that a table allows: `auto` takes the widest of which anything is known.

    Raises:
        DataError: Patients or lesions were asked for and the table knows none.
    """
    known: dict[Level, bool] = {
        "patient": bool(table["patient_id"].notna().any()),
        "lesion": bool(table["lesion_id"].notna().any()),
        "image": True,
    }
    for level, there in known.items():
        if group_by in ("auto", level) and there:
            return level
    raise DataError(
        f"Expected a data set that knows the {group_by} of its pictures.",
        f"Its column {group_by}_id is empty.",
        "Set split.group_by to auto or image.",
    )


def group_rows(table: pd.DataFrame, level: Level) -> np.ndarray:
    """The number of each picture's group.

    Two pictures are in one group when they share a value of a column that joins at this level,
    directly or through others. A missing value joins nothing.

    Returns:
        int `(n,)`, groups numbered from 0 in the order of their first picture.
    """
    parent = list(range(len(table)))

    def root(row: int) -> int:
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    for column in JOINED_BY[level]:
        if column not in table:
            continue
        first: dict[object, int] = {}
        known = table[column].notna().to_numpy()
        for row, value in enumerate(table[column].to_numpy(dtype=object)):
            if known[row]:
                other = root(first.setdefault(value, row))
                mine = root(row)
                parent[max(mine, other)] = min(mine, other)
    roots = np.array([root(row) for row in range(len(table))], dtype=np.int64)
    return np.unique(roots, return_inverse=True)[1]


def group_names(table: pd.DataFrame, level: Level, groups: np.ndarray) -> np.ndarray:
    """What each picture's group is called: its first patient or lesion id, else the image id.

    Returns:
        object `(n,)` of text; two groups never share a name.
    """
    columns = {"patient": ("patient_id", "lesion_id"), "lesion": ("lesion_id",), "image": ()}
    first = np.unique(groups, return_index=True)[1]
    names = table["image_id"].to_numpy(dtype=object)[first]
    for column in reversed(columns[level]):
        values = table[column].to_numpy(dtype=object)[first]
        known = table[column].notna().to_numpy()[first]
        names = np.where(known, values, names)
    if len(set(names)) < len(names):
        names = np.array([f"{name} ({k})" for k, name in enumerate(names)], dtype=object)
    return names[groups]
