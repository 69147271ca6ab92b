"""Tables as they come: CSV with commas, semicolons or tabs, and Excel's .xlsx."""

from __future__ import annotations

import codecs
import io
import zipfile
import zlib

import pandas as pd

from lesionlab.data.sources.tree import MAX_TABLE_BYTES, suffix
from lesionlab.errors import DataError

TABLES = frozenset({".csv", ".tsv", ".txt", ".xlsx"})
SHEET = ".xlsx"
# What zipfile, the XML reader and openpyxl raise between them on a file that is not whole.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    RuntimeError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
)


def read_table(content: bytes, title: str) -> pd.DataFrame:
    """A table as text columns with names in lower case.

    Args:
        title: The file's name; its ending tells an Excel sheet from a CSV.

    Raises:
        DataError: Not a table.
    """
    if suffix(title) == SHEET:
        cells = read_cells(content, title)
        raw = cells.iloc[1:].reset_index(drop=True)
        raw.columns = cells.iloc[0] if len(cells) else raw.columns
        raw = raw.loc[:, raw.columns.notna()]
    else:
        raw = _read_text(content, title)
    raw.columns = [str(name).strip().lower() for name in raw.columns]
    if raw.empty or raw.columns.duplicated().any():
        what = "It has no rows." if raw.empty else "Two of its columns have one name."
        raise DataError(f"Expected a table with a row an image in {title}.", what, "Mend it.")
    return raw


def read_cells(content: bytes, title: str) -> pd.DataFrame:
    """The cells of the first sheet of an .xlsx as text, without its empty rows and columns.

    Raises:
        DataError: Not such a file, or one that is too large when unpacked.
    """
    _check_length(len(content), title)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            # The parts say how long they are; zipfile never reads more of one than that.
            _check_length(sum(part.file_size for part in archive.infolist()), title)
        cells = pd.read_excel(io.BytesIO(content), header=None, dtype=object, engine="openpyxl")
    except DataError:
        raise
    except BROKEN as error:
        raise DataError(
            f"Expected an Excel sheet (.xlsx) in {title}.",
            f"It cannot be read: {str(error).strip() or type(error).__name__}.",
            "Save it again, or as CSV.",
        ) from error
    cells = cells.dropna(how="all").dropna(how="all", axis=1).reset_index(drop=True)
    return cells.map(_text)


def read_text(content: bytes) -> str:
    """Text of the encodings that published tables have; Excel's "Unicode text" says which it is."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _read_text(content: bytes, title: str) -> pd.DataFrame:
    _check_length(len(content), title)
    text = read_text(content)
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    try:
        return pd.read_csv(io.StringIO(text), sep=separator, dtype=str, skipinitialspace=True)
    except (ValueError, pd.errors.ParserError) as error:
        raise DataError(
            f"Expected a table with comma-separated values in {title}.",
            f"It cannot be read: {str(error).strip()}.",
            "Save it again as CSV.",
        ) from error


def _text(cell: object) -> str | None:
    if cell is None or (isinstance(cell, float) and cell != cell):
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip() or None


def _check_length(num_bytes: int, title: str) -> None:
    if num_bytes > MAX_TABLE_BYTES:
        raise DataError(
            f"Expected a table of at most {MAX_TABLE_BYTES // 2**20} MB.",
            f"{title} has {num_bytes // 2**20} MB.",
            "Check that it is the table.",
        )
