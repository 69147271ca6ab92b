"""The table of a data set on disk and in memory, in types that stay small at a million rows.

Words that come again and again (class, sex, site, a licence) are kept as pandas categories, a byte
or two a row. Ids, paths and digests, nearly all different, are kept in Arrow's memory: their bytes
and eight more a row, where a Python string takes some sixty and is walked by the garbage collector.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

# Nearly every row has another value; these stay text however short the table is.
DISTINCT = ("image_id", "path", "lesion_id", "patient_id", "sha256", "mask", "phash")
# Measured with few digits: seven are enough.
MEASURED = ("age", "brightness", "ita")
MOST_CATEGORIES = 4096
TEXT = pd.StringDtype("pyarrow", na_value=np.nan)


def read_table(path: Path) -> pd.DataFrame:
    """The table that `write_table` wrote, or any older one, in compact types.

    Text columns may be categories, so ask them for `.to_numpy(dtype=object)` or `.astype(str)`
    before you do more than compare, count or look at single values.

    Raises:
        OSError: There is no such file, or it cannot be read.
        ValueError: It is no such table.
    """
    return compact(pd.read_parquet(path))


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as Parquet, in compact types.

    Args:
        path: Where to; written in place, so give a temporary name (see files.replacing).
    """
    compact(table).to_parquet(path, index=False)


def compact(table: pd.DataFrame) -> pd.DataFrame:
    """The same table in small types; the given one stays as it is.

    Text in the columns `DISTINCT`, or of more than `MOST_CATEGORIES` different values, becomes
    Arrow text, other text becomes categories. `MEASURED` becomes float32, whole numbers int32 where
    they fit, so that products such as height × width still do. A missing value is NaN everywhere.
    """
    columns = {str(name): _compact(str(name), table[name]) for name in table.columns}
    return pd.DataFrame(columns, index=table.index, copy=False)


def _compact(name: str, column: pd.Series) -> pd.Series:
    if name in MEASURED:
        if column.dtype == np.float32:
            return column
        return pd.to_numeric(column.astype(object), errors="coerce").astype(np.float32)
    if isinstance(column.dtype, pd.CategoricalDtype):
        if name not in DISTINCT:
            used = np.bincount(column.cat.codes + 1, minlength=len(column.cat.categories) + 1)
            return column if used[1:].all() else column.cat.remove_unused_categories()
        column = column.astype(column.cat.categories.dtype)
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return column
    if pd.api.types.is_numeric_dtype(column):
        known = column.dropna()
        if pd.api.types.is_signed_integer_dtype(column) and bool((known.abs() < 2**31).all()):
            return column.astype("Int32" if len(known) < len(column) else np.int32)
        return column
    text = column if column.dtype == TEXT else _as_text(column)
    if name in DISTINCT:
        return text
    # A thousand rows tell whether it is worth to look through all of them.
    if text.iloc[: 4 * MOST_CATEGORIES].nunique() > MOST_CATEGORIES:
        return text
    categories = text.astype("category")
    return categories if len(categories.cat.categories) <= MOST_CATEGORIES else text


def _as_text(column: pd.Series) -> pd.Series:
    values = column.astype(object)
    missing = values.isna()
    return values.where(missing, values.astype(str)).where(~missing, None).astype(TEXT)
