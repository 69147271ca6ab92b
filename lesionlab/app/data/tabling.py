"""Slices of a long table for a browser, its whole as a CSV file, and what its columns mean."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

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
OTHER = "A column of the publisher's, kept as it came."


@lru_cache(maxsize=16)
def num_different(found: Dataset, column: str) -> int:
    """How many different values a column has; what is missing does not count."""
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
        rows = rows[_order(found.table[column].iloc[rows], falling)]
    rows.setflags(write=False)
    return rows


def _order(series: pd.Series, falling: bool) -> np.ndarray:
    """Where the rows go; the order of equal ones stays."""
    import pandas as pd

    if isinstance(series.dtype, pd.CategoricalDtype):
        names = series.cat.categories.to_numpy(dtype=object).astype(str)
        rank = np.append(np.argsort(np.argsort(names)), -1)
        series = pd.Series(rank[series.cat.codes.to_numpy()]).replace(-1, pd.NA).astype("Int32")
    # Arrow sorts a million ids five times as fast as NumPy does.
    place = series.reset_index(drop=True).sort_values(
        ascending=not falling, kind="stable", na_position="last"
    )
    return place.index.to_numpy(np.int32)


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
