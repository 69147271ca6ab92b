"""Words for counting what was found and what was not."""

from __future__ import annotations

import pandas as pd


def missing(index: pd.Index) -> pd.Series:
    """A column in which nothing is known."""
    return pd.Series([None] * len(index), index=index, dtype=object)


def count(number: int, noun: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def some(names: list[str], shown: int = 3) -> str:
    """The first three names, and how many more there are."""
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more:,} more" if more > 0 else "")
