"""From a publisher's columns to ours, by the names that published tables use."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import pandas as pd

from lesionlab.data.sources.tree import MAX_TABLE_BYTES
from lesionlab.diagnoses import read_code
from lesionlab.errors import DataError

# The first of these names that a table has is taken.
FILE = ("file", "path", "filename", "file_name", "image_path", "image", "image_name")
FILE_OR_ID = (*FILE, "image_id", "isic_id")
LABEL = ("label", "diagnosis", "dx", "class")
SYNONYMS: dict[str, tuple[str, ...]] = {
    "image_id": ("image_id", "isic_id", "original_id", "image_name", "image"),
    "lesion_id": ("lesion_id", "lesion"),
    "patient_id": ("patient_id", "patient"),
    "age": ("age", "age_approx"),
    "sex": ("sex", "gender"),
    "site": (
        "site",
        "localization",
        "location",
        "anatom_site_general",
        "anatom_site_general_challenge",
    ),
    "source": ("source", "dataset"),
    "confirmed_by": ("confirmed_by", "dx_type", "diagnosis_confirm_type"),
    "mask": ("mask", "mask_file", "segmentation"),
}
# What an import works out itself; a publisher's column of that name would be taken for it.
OWN = (
    "file",
    "path",
    "sha256",
    "width",
    "height",
    "label",
    "part",
    "group",
    "member",
    "mask_member",
)


@dataclass(frozen=True)
class Columns:
    """Which columns of a table a user has chosen; None leaves it to the usual names.

    Attributes:
        label: The column with the diagnosis.
        file: The column that names the picture.
    """

    label: str | None = None
    file: str | None = None


USUAL = Columns()
UNKNOWN = frozenset({"", "unknown", "n/a", "na", "nan", "none", "-"})
OLDEST = 120


def read_table(content: bytes, title: str) -> pd.DataFrame:
    """A CSV as text columns with names in lower case; commas, semicolons or tabs between.

    Raises:
        DataError: Not a table.
    """
    if len(content) > MAX_TABLE_BYTES:
        raise DataError(
            f"Expected a table of at most {MAX_TABLE_BYTES // 2**20} MB.",
            f"{title} has {len(content) // 2**20} MB.",
            "Check that it is the table.",
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    try:
        raw = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, skipinitialspace=True)
    except (ValueError, pd.errors.ParserError) as error:
        raise DataError(
            f"Expected a table with comma-separated values in {title}.",
            f"It cannot be read: {str(error).strip()}.",
            "Save it again as CSV.",
        ) from error
    raw.columns = [str(name).strip().lower() for name in raw.columns]
    if raw.empty or raw.columns.duplicated().any():
        what = "It has no rows." if raw.empty else "Two of its columns have one name."
        raise DataError(f"Expected a table with a row an image in {title}.", what, "Mend it.")
    return raw


def first_of(raw: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    """The first of `names` that is a column."""
    return next((name for name in names if name in raw.columns), None)


def label_column_of(raw: pd.DataFrame, wanted: str | None, title: str) -> str:
    """The column with the diagnosis.

    Raises:
        DataError: There is none, or not the one that was asked for.
    """
    found = first_of(raw, LABEL) if wanted is None else first_of(raw, (wanted.strip().lower(),))
    if found is None:
        expected = f"the column {wanted}" if wanted else f"a column named {', '.join(LABEL)}"
        raise DataError(
            f"Expected {expected} with the diagnosis in {title}.",
            f"It has {', '.join(raw.columns[:20])}.",
            "Name the right one with --label-column.",
        )
    return found


def tidy(raw: pd.DataFrame, label_column: str) -> tuple[pd.DataFrame, list[str]]:
    """The table under our column names, and sentences on the rows that were left out.

    Columns without a meaning for us stay as they are. Rows keep their index.

    Raises:
        DataError: No row has a diagnosis that we know.
    """
    labels = raw[label_column].str.strip()
    codes: dict[str, str] = {}
    strange: list[str] = []
    for word in labels.dropna().unique():
        try:
            codes[word] = read_code(word)
        except DataError:
            strange.append(word)
    diagnosis = labels.map(codes)
    if bool(diagnosis.isna().all()):
        raise DataError(
            f"Expected diagnoses in the column {label_column}, such as mel, nv or bcc.",
            f"It has {', '.join(repr(word) for word in strange[:5]) or 'nothing'}.",
            "Rename the labels, or name another column with --label-column.",
        )
    table = pd.DataFrame({"diagnosis": diagnosis}, index=raw.index)
    taken = {label_column}
    for ours, names in SYNONYMS.items():
        name = first_of(raw, tuple(name for name in names if name != label_column))
        table[ours] = raw[name] if name else missing(raw.index)
        if name:
            taken.add(name)
            table[ours] = table[ours].where(~table[ours].str.strip().str.lower().isin(UNKNOWN))
    table["age"] = pd.to_numeric(table["age"], errors="coerce")
    table["age"] = table["age"].where(table["age"].between(0, OLDEST))
    for name in raw.columns:
        if name not in taken and name not in table and name not in OWN and re.match(r"\w+$", name):
            table[name] = raw[name]
    left_out = []
    if empty := int(labels.isna().sum()):
        left_out.append(f"{count(empty, 'row')} without a diagnosis.")
    if strange:
        rows = int(labels.isin(strange).sum())
        left_out.append(
            f"{count(rows, 'row')} with a diagnosis that we do not know: {some(strange)}."
        )
    return table[diagnosis.notna()], left_out


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
