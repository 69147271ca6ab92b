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
        f"No picture says which {group_by} it shows.",
        "Keep together whatever is known, or deal each picture out by itself.",
    )


def numbers_of(column: pd.Series) -> np.ndarray:
    """Equal values as equal numbers from 0, a missing one as -1, int32 `(n,)`."""
    import pandas as pd

    if pd.api.types.is_integer_dtype(column):
        return column.to_numpy(dtype=np.int32, na_value=-1)
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy().astype(np.int32)
    return pd.factorize(column)[0].astype(np.int32)


def group_rows(table: pd.DataFrame, level: Level) -> np.ndarray:
    """The number of each picture's group.

    Two pictures are in one group when they share a value of a column that joins at this level,
    directly or through others. A missing value joins nothing.

    Returns:
        int `(n,)`, groups numbered from 0 in the order of their first picture.
    """
    # Each row's group is told by the number of the group's first row, until the end.
    groups = np.arange(len(table), dtype=np.int32)
    for column in JOINED_BY[level]:
        if column in table:
            groups = _joined(groups, numbers_of(table[column]))
    begins = groups == np.arange(len(table))
    return (np.cumsum(begins) - 1)[groups]


def _joined(groups: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Groups that share a value become one; both told by their first rows, int `(n,)`."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    known = np.flatnonzero(values >= 0)
    if not len(known):
        return groups
    mine, value = groups[known], values[known]
    # The group of the first row with each value; of equal places the last assignment stays.
    first = np.empty(value.max() + 1, dtype=groups.dtype)
    first[value[::-1]] = mine[::-1]
    other = first[value]
    if bool((groups == np.arange(len(groups))).all()):  # nothing is joined yet
        groups = groups.copy()
        groups[known] = other
        return groups
    apart = np.flatnonzero(mine != other)
    # Only groups that have to be joined are nodes of the graph: few, even of a million.
    nodes, ends = np.unique(np.stack([mine[apart], other[apart]]), return_inverse=True)
    size = len(nodes)
    edges = coo_array((np.ones(len(apart), bool), ends.reshape(2, -1)), shape=(size, size))
    number, component = connected_components(edges, directed=False)
    lowest = np.full(number, len(groups), dtype=groups.dtype)
    np.minimum.at(lowest, component, nodes)
    renamed = np.arange(len(groups), dtype=groups.dtype)
    renamed[nodes] = lowest[component]
    return renamed[groups]


def group_names(table: pd.DataFrame, level: Level, groups: np.ndarray) -> np.ndarray:
    """What each picture's group is called: its first patient or lesion id, else the image id.

    Returns:
        object `(n,)` of text; two groups never share a name.
    """
    columns = {"patient": ("patient_id", "lesion_id"), "lesion": ("lesion_id",), "image": ()}
    first = np.unique(groups, return_index=True)[1]
    there = table.iloc[first]
    names = there["image_id"].to_numpy(dtype=object, copy=True)
    for column in reversed(columns[level]):
        known = there[column].notna().to_numpy()
        names[known] = there[column].to_numpy(dtype=object)[known]
    if len(set(names)) < len(names):
        names = np.array([f"{name} ({k})" for k, name in enumerate(names)], dtype=object)
    return names[groups]
