"""Counting pictures by what is known of them, by one column or by two at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lesionlab.data.missing import ages_of

# In the order in which one asks for them.
USUAL = ("diagnosis", "site", "age", "sex", "source", "confirmed_by", "given_part", "licence")
# Every picture has its own, or numbers that a histogram shows better.
NEVER = frozenset(
    {"image_id", "path", "lesion_id", "patient_id", "mask", "sha256", "phash", "pixels_sha256"}
    | {"width", "height", "brightness", "ita", "ita_from", "attribution", "label"}
)
MOST_VALUES = 30
FIRST_ROWS = 20_000
OTHERS, UNKNOWN = "all others", "not known"


@dataclass(frozen=True, eq=False)
class Grouping:
    """Which value each picture has, as small numbers.

    Attributes:
        codes: Positions in `labels`, int16 `(n,)`.
        labels: The values: ages from young to old, all else from frequent to rare; then
            `OTHERS` and `UNKNOWN` where there are any.
    """

    codes: np.ndarray
    labels: tuple[str, ...]


def countable(table: pd.DataFrame) -> list[str]:
    """The columns that pictures can be counted by: the usual ones that are known at all, then
    further ones with 2 to `MOST_VALUES` values."""
    found = [name for name in USUAL if name in table and bool(table[name].notna().any())]
    for name in map(str, table.columns):
        if name in NEVER or name in USUAL or name in found:
            continue
        # A look at the first rows spares a long one at columns of names and numbers.
        if table[name].iloc[:FIRST_ROWS].nunique() > MOST_VALUES:
            continue
        if 2 <= table[name].nunique() <= MOST_VALUES:
            found.append(name)
    return found


def group_by(table: pd.DataFrame, column: str, years: int = 10) -> Grouping:
    """Group the pictures by a column.

    Args:
        years: How many years of age go together.
    """
    if column == "age":
        return _by_age(ages_of(table), years)
    values = table[column]
    if isinstance(values.dtype, pd.CategoricalDtype):
        codes, labels = values.cat.codes.to_numpy(), values.cat.categories
    else:
        codes, labels = pd.factorize(values)
    counts = np.bincount(codes[codes >= 0], minlength=len(labels))
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    kept = order[:MOST_VALUES]
    names = [_word(labels[k]) for k in kept]
    # One more place at the end, which -1 points to.
    places = np.full(len(labels) + 1, len(names), np.int16)
    places[kept] = np.arange(len(kept))
    if len(order) > len(kept):
        names.append(OTHERS)
    places[-1] = len(names)
    if bool((codes < 0).any()):
        names.append(UNKNOWN)
    return Grouping(places[codes], tuple(names))


def _by_age(ages: np.ndarray, years: int) -> Grouping:
    known = np.isfinite(ages)
    steps = np.full(len(ages), -1, np.int64)
    steps[known] = np.clip(ages[known] // years, 0, 120 // years)
    last = int(steps.max(initial=-1))
    first = int(steps[known].min()) if known.any() else 0
    names = [f"{k * years}–{(k + 1) * years - 1}" for k in range(first, last + 1)]
    codes = np.where(known, steps - first, len(names)).astype(np.int16)
    if not known.all():
        names.append(UNKNOWN)
    return Grouping(codes, tuple(names))


def _word(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def count(first: Grouping) -> pd.Series:
    """How many pictures have each value, in the order of the labels."""
    counts = np.bincount(first.codes, minlength=len(first.labels))
    return pd.Series(counts, index=list(first.labels))


def cross(first: Grouping, second: Grouping) -> pd.DataFrame:
    """How many pictures have each pair of values: a row a value of `first`."""
    width = len(second.labels)
    both = first.codes.astype(np.int32) * width + second.codes
    counts = np.bincount(both, minlength=len(first.labels) * width)
    return pd.DataFrame(
        counts.reshape(len(first.labels), width),
        index=list(first.labels),
        columns=list(second.labels),
    )


def few_columns(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """The same counts with at most `most` columns: the rarer ones are added up as `OTHERS`.

    `UNKNOWN` and `OTHERS` come last and are kept apart.
    """
    ends = [name for name in (OTHERS, UNKNOWN) if name in table]
    named = table.drop(columns=ends)
    if len(table.columns) <= most:
        return table
    kept = list(named.sum().sort_values(ascending=False, kind="stable").index)
    kept = kept[: most - 1 - (UNKNOWN in ends)]
    rest = named.drop(columns=kept).sum(axis=1)
    rest += table[OTHERS] if OTHERS in ends else 0
    small = named[[name for name in named.columns if name in kept]].assign(**{OTHERS: rest})
    return small.assign(**{UNKNOWN: table[UNKNOWN]}) if UNKNOWN in ends else small
