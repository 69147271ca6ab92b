"""What is not known about pictures, and what an experiment puts in its place."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from lesionlab.data.dataset import Dataset

MissingAge = Literal["keep", "mean"]


def ages_of(table: pd.DataFrame) -> np.ndarray:
    """Ages in years, float64 `(n,)`; not a number where the age is not known."""
    return pd.to_numeric(table["age"], errors="coerce").to_numpy(np.float64, na_value=np.nan)


def mean_age(table: pd.DataFrame) -> float | None:
    """The mean of the ages that are known, in years; None where none is."""
    ages = ages_of(table)
    return float(np.nanmean(ages)) if np.isfinite(ages).any() else None


def fill_missing(dataset: Dataset, missing_age: MissingAge) -> Dataset:
    """A data set in which unknown ages are what the experiment says.

    The networks here look at pixels alone: no age reaches them, so this changes the table that goes
    with a run and no prediction.

    Args:
        missing_age: `keep` leaves them missing; `mean` puts in the mean of the known ages of the
            set's pictures, as Benedetti et al. do for HAM10000 before they split.

    Returns:
        The very same data set where nothing changes, else one with another column `age`.
    """
    mean = mean_age(dataset.table) if missing_age == "mean" else None
    ages = ages_of(dataset.table)
    if mean is None or not np.isnan(ages).any():
        return dataset
    filled = np.where(np.isnan(ages), mean, ages).astype(np.float32)
    return replace(dataset, table=dataset.table.assign(age=filled))


def missing_counts(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    """How many rows have no value, by column; columns that the table lacks have none at all."""
    return pd.Series(
        {
            column: int(table[column].isna().sum()) if column in table else len(table)
            for column in columns
        },
        dtype=np.int64,
    )
