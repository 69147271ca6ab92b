"""The parts into which a publisher has split a set: train, validation and test."""

from __future__ import annotations

import pandas as pd

from lesionlab.data.sources.tree import folders_of
from lesionlab.data.sources.words import missing

PART_NAMES: dict[str, str] = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
COLUMN = "given_part"


def part_called(word: object) -> str | None:
    """The part that a word means, in any case; None when it means none."""
    return PART_NAMES.get(word.strip().lower()) if isinstance(word, str) else None


def part_above(name: str) -> str | None:
    """The part that the outermost such folder above a file names."""
    return next((part for part in map(part_called, folders_of(name)) if part), None)


def given_part(parts: pd.Series) -> dict[str, pd.Series]:
    """The column `given_part` by its name, or nothing where there are not two parts.

    One part alone splits nothing: a download of the training pictures is all there is.
    """
    if parts.nunique() < 2:
        return {}
    return {COLUMN: parts.where(parts.notna(), missing(parts.index))}


def with_parts(table: pd.DataFrame, parts: pd.Series) -> pd.DataFrame:
    """The table with the column `given_part`, if there are two parts or more."""
    return table.assign(**given_part(parts))
