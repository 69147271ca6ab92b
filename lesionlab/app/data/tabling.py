"""Slices of a long table for a browser, its whole as a CSV file, and what its columns mean."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from lesionlab.app import caches
from lesionlab.app.data import finding

if TYPE_CHECKING:
    import pandas as pd

    from lesionlab.data.dataset import Dataset

MEANINGS = {
    "image_id": "What the picture is called; no two share it.",
    "path": "Its file, within the folder of the data set.",
    "diagnosis": "The class, as a short code.",
    "lesion_id": "The spot on the skin. Several pictures may show the same one.",
    "patient_id": "The person. Never a name.",
    "age": "Age of the person in years, often rounded to five.",
    "sex": "As the publisher wrote it.",
    "site": "The place on the body.",
    "source": "Where the picture comes from.",
    "confirmed_by": "How the diagnosis was made sure: by a look at the tissue, by several doctors, "
    "or because the spot did not change.",
    "mask": "A second picture in which the lesion is white and all else black.",
    "width": "Of the picture, in pixels.",
    "height": "Of the picture, in pixels.",
    "sha256": "A fingerprint of the file: two equal files have the same one.",
    "given_part": "The part into which its publisher dealt the picture.",
    "licence": "What one may do with this picture.",
    "attribution": "Whom to name when one shows it.",
    "brightness": "How bright the picture is on the whole.",
    "ita": "The individual typology angle of the skin, in degrees: high for light skin.",
    "phash": "A fingerprint of what is seen: alike for pictures that look alike.",
    "skin_tone": "Of the drawn skin, 1 (I, very light) to 6 (VI, very dark).",
    "hair": "Whether hairs are drawn.",
    "ruler": "Whether a ruler is drawn.",
}
# Numbered once for the split, so that how many there are is known at once.
NUMBERED = ("lesion_id", "patient_id")
OTHER = "A column of the publisher's, kept as it came."


@lru_cache(maxsize=16)
def num_different(found: Dataset, column: str) -> int:
    """How many different values a column has; what is missing does not count."""
    numbers = caches.numbered(found).table
    if column in numbers and column in NUMBERED:
        return int(numbers[column].max() + 1) if bool(numbers[column].notna().any()) else 0
    return int(found.table[column].nunique())


@lru_cache(maxsize=6)
def rows_of(found: Dataset, text: str, column: str, falling: bool) -> np.ndarray:
    """The rows that hold one of the words in an id, in the order of a column.

    Args:
        text: Words, split by spaces or commas; all rows without one.
        column: To sort by; "" for the order of the table.

    Returns:
        int32 `(k,)`; what is missing comes last.
    """
    words = text.replace(",", " ").split()[: finding.MOST_WORDS]
    rows = np.arange(len(found), dtype=np.int32)
    if words:
        rows = rows[finding.text_in_ids(found.table, words)]
    if column:
        rows = rows[_order(_ranks(found, column)[rows], falling)]
    rows.setflags(write=False)
    return rows


def _order(ranks: np.ndarray, falling: bool) -> np.ndarray:
    """Where the rows go; the order of equal ones stays, and what is missing comes last."""
    ranks = np.where(ranks < 0, np.iinfo(np.int32).max, -ranks if falling else ranks)
    # A rank and a place in one number: numbers are sorted faster than places by their ranks.
    return np.sort((ranks.astype(np.int64) << 32) + np.arange(len(ranks))).astype(np.int32)


# Four bytes a row each.
@lru_cache(maxsize=12)
def _ranks(found: Dataset, column: str) -> np.ndarray:
    """Which comes before which in a column: equal values have one rank, missing ones -1.

    Returns:
        int32 `(n,)`, from 0 without gaps.
    """
    import pandas as pd

    series = found.table[column]
    if isinstance(series.dtype, pd.CategoricalDtype):
        names = series.cat.categories.to_numpy(dtype=object).astype(str)
        ranks = np.append(np.argsort(np.argsort(names)), -1)[series.cat.codes.to_numpy()]
    elif pd.api.types.is_string_dtype(series):
        ranks = _text_ranks(series)
    elif pd.api.types.is_numeric_dtype(series):
        ranks = _places(series.to_numpy(np.float64, na_value=np.nan))
        ranks[series.isna().to_numpy()] = -1
    else:
        ranks = series.rank(method="dense").fillna(0).to_numpy(np.int32) - 1
    ranks = ranks.astype(np.int32)
    ranks.setflags(write=False)
    return ranks


def _text_ranks(series: pd.Series) -> np.ndarray:
    """As `_ranks`, of text: by the eight bytes behind the beginning that all values share.

    Ids mostly differ there, and a number is compared five times as fast as a text.
    """
    import pyarrow as pa
    from pyarrow import compute

    texts = pa.array(series, pa.large_string(), from_pandas=True)
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    ends = compute.min_max(texts)
    low, high = ((ends[k].as_py() or "").encode() for k in ("min", "max"))
    differ = (k for k, (one, other) in enumerate(zip(low, high, strict=False)) if one != other)
    shared = next(differ, min(len(low), len(high)))
    behind = compute.binary_slice(texts.cast(pa.large_binary()), shared, shared + 8)
    # As text again, since only text can be filled up; it may end within a letter.
    filled = compute.ascii_rpad(behind.view(pa.large_string()), 8, "\0")
    content = compute.fill_null(filled, "\0" * 8).buffers()[2]
    ranks = _places(np.frombuffer(content, ">u8", len(texts)).astype(np.uint64))
    longest = compute.max(compute.binary_length(texts)).as_py() or 0
    tied = np.flatnonzero(np.bincount(ranks)[ranks] > 1)
    if longest > shared + 8 and len(tied):
        # These begin alike and may go on in other ways.
        within = compute.rank(texts.take(pa.array(tied)), tiebreaker="dense")
        further = ranks * np.int64(len(tied) + 1)
        further[tied] += np.asarray(within).astype(np.int64)
        ranks = _places(further)
    ranks[np.asarray(compute.is_null(texts))] = -1
    return ranks


def _places(values: np.ndarray) -> np.ndarray:
    """The place of each number among the different ones, from 0, int32 `(n,)`."""
    order = np.argsort(values)
    ordered = values[order]
    places = np.zeros(len(values), np.int32)
    places[order[1:]] = np.cumsum(ordered[1:] != ordered[:-1])
    return places


def as_csv(found: Dataset) -> bytes:
    """The whole table as a CSV file in UTF-8, missing values empty.

    Built only when somebody asks for it: a million rows take seconds.
    """
    import pyarrow as pa
    from pyarrow import csv

    table = pa.Table.from_pandas(found.table, preserve_index=False)
    for k, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(k, field.name, table.column(k).cast(field.type.value_type))
    file = io.BytesIO()
    csv.write_csv(table, file)
    return file.getvalue()
