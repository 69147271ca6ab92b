"""Finding pictures in a table of any length: by value, age, part of the split, and text in ids.

Columns are turned into small numbers once, so that a filter over a million rows is a look-up. What
is kept is bounded, and keyed by the opened data set itself.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from lesionlab.data.split import PARTS

if TYPE_CHECKING:
    import pandas as pd

    from lesionlab.data.dataset import Dataset
    from lesionlab.data.split import Split

IDS = ("image_id", "lesion_id", "patient_id")
NOT_KNOWN = ""
UNUSED = "unused"
# A column with more values than this is no choice but a text: one finds it by its words.
MOST_VALUES = 60
MOST_WORDS = 20


@dataclass(frozen=True, eq=False)
class Coded:
    """A column as numbers.

    Attributes:
        codes: int `(n,)`, positions in `values`; -1 where nothing is known.
        values: Its different values as text, sorted.
        counts: How many rows have each, int `(values,)`.
        num_missing: Rows of which nothing is known.
    """

    codes: np.ndarray
    values: tuple[str, ...]
    counts: np.ndarray
    num_missing: int


@dataclass(frozen=True)
class Filters:
    """What is looked for; a picture has to fit all of it.

    Attributes:
        chosen: Pairs of a column and the values that will do; `NOT_KNOWN` stands for none.
        ages: From and to, in years, both included; None for any age, known or not.
        parts: Of the split: `train`, `validation`, `test`, or `UNUSED`. Empty for all.
        text: Words, of which one has to stand in an id of the picture, its lesion or its patient.
    """

    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    ages: tuple[float, float] | None = None
    parts: tuple[str, ...] = ()
    text: str = ""


@lru_cache(maxsize=24)
def coded(found: Dataset, column: str) -> Coded | None:
    """A column as numbers; None where it holds more than `MOST_VALUES` different values."""
    import pandas as pd

    series = found.table[column]
    # Told from the first rows where that is possible: going through a million ids takes seconds.
    if series.iloc[: 100 * MOST_VALUES].nunique() > MOST_VALUES:
        return None
    if isinstance(series.dtype, pd.CategoricalDtype):
        numbers = series.cat.codes.to_numpy()
        names = series.cat.categories.to_numpy(dtype=object).astype(str)
    else:
        numbers, uniques = pd.factorize(series, use_na_sentinel=True)
        names = np.asarray(uniques, dtype=object).astype(str)
    # Categories may be left over from rows that are gone.
    used = np.bincount(numbers + 1, minlength=len(names) + 1)[1:] > 0
    values = tuple(sorted({str(name) for name in names[used]} - {NOT_KNOWN}))
    if len(values) > MOST_VALUES:
        return None
    place = {value: k for k, value in enumerate(values)}
    codes = np.array([*(place.get(str(name), -1) for name in names), -1], np.int8)[numbers]
    codes.setflags(write=False)
    counts = np.bincount(codes.astype(np.int16) + 1, minlength=len(values) + 1)
    return Coded(codes, values, counts[1:], int(counts[0]))


def class_counts(found: Dataset) -> dict[str, int]:
    """Pictures of each class: code -> number."""
    diagnosis = _diagnosis(found)
    return dict(zip(diagnosis.values, diagnosis.counts.tolist(), strict=True))


def _diagnosis(found: Dataset) -> Coded:
    diagnosis = coded(found, "diagnosis")
    if diagnosis is None:
        raise TypeError(f"{found.name} has more than {MOST_VALUES} diagnoses")
    return diagnosis


@lru_cache(maxsize=8)
def mixed_order(found: Dataset) -> np.ndarray:
    """All row numbers, one of each class in turn, so that a first look shows every class.

    Returns:
        int32 `(n,)`.
    """
    codes = _diagnosis(found).codes
    by_class = np.argsort(codes, kind="stable").astype(np.int32)
    sizes = np.bincount(codes[by_class].astype(np.int16) + 1)
    turn = np.arange(len(codes)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    order = by_class[np.argsort(turn, kind="stable")]
    order.setflags(write=False)
    return order


@lru_cache(maxsize=8)
def known_ages(found: Dataset) -> tuple[int, int] | None:
    """The youngest and oldest age, in whole years outwards; None where they do not differ."""
    ages = _ages(found)
    if not np.isfinite(ages).any():
        return None
    low, high = math.floor(np.nanmin(ages)), math.ceil(np.nanmax(ages))
    return (low, high) if low < high else None


def _ages(found: Dataset) -> np.ndarray:
    import pandas as pd

    return pd.to_numeric(found.table["age"], errors="coerce").to_numpy(np.float32, na_value=np.nan)


@lru_cache(maxsize=4)
def part_codes(found: Dataset, labelled: Dataset, split: Split) -> np.ndarray:
    """The part of each picture of a data set, int8 `(n,)`: a position in (*PARTS, UNUSED).

    Args:
        labelled: The pictures of `found` that the experiment uses, of which `split` tells.
    """
    import pandas as pd

    if len(labelled) == len(found):
        return split.codes
    if "row" in labelled.table:  # see data.dataset.with_numbered_ids
        rows = labelled.table["row"].to_numpy()
    else:
        index = pd.Index(found.table["image_id"])
        rows = index.get_indexer(pd.Index(labelled.table["image_id"]))
    codes = np.full(len(found), len(PARTS), np.int8)
    codes[rows] = split.codes
    return codes


@lru_cache(maxsize=16)
def matching(
    found: Dataset,
    filters: Filters,
    labelled: Dataset | None = None,
    split: Split | None = None,
) -> np.ndarray:
    """The rows that fit, one of each class in turn.

    Args:
        labelled: With `split`, for filters that name parts (see `part_codes`).

    Returns:
        int32 `(k,)`, read-only.
    """
    keep = np.ones(len(found), bool)
    for column, values in filters.chosen:
        column_codes = coded(found, column)
        if column_codes is None:
            continue
        wanted = np.zeros(len(column_codes.values) + 1, bool)
        wanted[-1] = NOT_KNOWN in values
        for k, value in enumerate(column_codes.values):
            wanted[k] = value in values
        keep &= wanted[column_codes.codes]
    if filters.ages is not None:
        ages = _ages(found)
        keep &= (ages >= filters.ages[0]) & (ages <= filters.ages[1])
    if filters.parts and labelled is not None and split is not None:
        wanted = np.array([part in filters.parts for part in (*PARTS, UNUSED)])
        keep &= wanted[part_codes(found, labelled, split)]
    if words := filters.text.replace(",", " ").split()[:MOST_WORDS]:
        keep &= text_in_ids(found.table, words)
    order = mixed_order(found)
    rows = order[keep[order]]
    rows.setflags(write=False)
    return rows


def text_in_ids(table: pd.DataFrame, words: list[str]) -> np.ndarray:
    """Where one of the words stands in one of the ids, in any case; bool `(n,)`."""
    hits = np.zeros(len(table), bool)
    for column in IDS:
        hits |= contains(table[column], words)
    return hits


def contains(series: pd.Series, words: list[str]) -> np.ndarray:
    """Where a text column holds one of the words, in any case; False where it is missing.

    Returns:
        bool `(n,)`.
    """
    import pandas as pd
    import pyarrow as pa
    from pyarrow import compute

    if isinstance(series.dtype, pd.CategoricalDtype):
        in_categories = contains(pd.Series(series.cat.categories), words)
        return np.append(in_categories, False)[series.cat.codes.to_numpy()]
    if bool(series.isna().all()):
        return np.zeros(len(series), bool)
    texts = pa.array(series.astype("str") if series.dtype.kind in "iuf" else series)
    if len(words) == 1:
        found = compute.match_substring(texts, words[0], ignore_case=True)
    else:  # one pass for all of them
        pattern = "|".join(re.escape(word) for word in words)
        found = compute.match_substring_regex(texts, pattern, ignore_case=True)
    return np.asarray(compute.fill_null(found, False))


def row_of(found: Dataset, image_id: str | None) -> int | None:
    """The row number of a picture, or None; searched anew, as a million ids are not kept twice."""
    if image_id is None:
        return None
    series = found.table["image_id"]
    same = (series.astype("str") if series.dtype.kind in "iuf" else series) == image_id
    rows = np.flatnonzero(same.to_numpy(bool, na_value=False))
    return int(rows[0]) if len(rows) else None


def pages_of(num: int, size: int) -> int:
    """How many pages of this size so many pictures fill; one where there are none."""
    return max(1, -(-num // size))
