"""From a publisher's columns to ours, by the names that published tables use."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from lesionlab.data.sources.names import codes_of
from lesionlab.data.sources.parts import COLUMN as GIVEN_PART
from lesionlab.data.sources.parts import given_part, part_called
from lesionlab.data.sources.words import missing
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
}
# These are there only when a table has them.
OPTIONAL: dict[str, tuple[str, ...]] = {
    "mask": ("mask", "mask_file", "segmentation"),
    "licence": ("licence", "license", "copyright_license"),
    "attribution": ("attribution",),
}
PART = (GIVEN_PART, "split", "partition", "subset")
# What an import works out itself; a publisher's column of that name would be taken for it.
OWN = (
    "file",
    "path",
    "sha256",
    "pixels_sha256",
    "width",
    "height",
    "brightness",
    "ita",
    "ita_from",
    "phash",
    "label",
    "part",
    "group",
    "member",
    "mask_member",
)
UNKNOWN = frozenset({"", "unknown", "n/a", "na", "nan", "none", "-"})
OLDEST = 120


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


def refuse_columns(columns: Columns, title: str) -> None:
    """Say that a set is read by its own layout, in which there is nothing to choose.

    Raises:
        DataError: A column was chosen.
    """
    chosen = [name for name in (columns.label, columns.file) if name]
    if chosen:
        raise DataError(
            f"Expected no choice of columns for {title}: its layout says where the diagnosis is.",
            f"Received the column {' and '.join(chosen)}.",
            "Choose no columns, or import it as a table.",
        )


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
            "Name the right column for the diagnosis.",
        )
    return found


def file_column_of(raw: pd.DataFrame, wanted: str | None, label: str | None, title: str) -> str:
    """The column that names the picture.

    Args:
        label: The column with the diagnosis, which is never taken for it.

    Raises:
        DataError: There is none, or not the one that was asked for.
    """
    usual = tuple(column for column in FILE_OR_ID if column != label)
    found = first_of(raw, (wanted.strip().lower(),) if wanted else usual)
    if found is None:
        expected = f"the column {wanted}" if wanted else f"one of the columns {', '.join(usual)}"
        raise DataError(
            f"Expected {expected} with the picture's file in {title}.",
            f"It has {', '.join(raw.columns[:20])}.",
            "Name the right column for the picture's file.",
        )
    return found


def tidy(raw: pd.DataFrame, label_column: str, kind: str = "") -> tuple[pd.DataFrame, list[str]]:
    """The table under our column names, and sentences on the rows that were left out.

    Args:
        kind: Whose names for diagnoses it uses: a key of `names.NAMES`, "" for nobody's.

    Returns:
        The rows with a diagnosis that we know, which keep their index; sentences.

    Raises:
        DataError: No row has a diagnosis that we know.
    """
    diagnosis, left_out = codes_of(kind, raw[label_column])
    if bool(diagnosis.isna().all()):
        written = [repr(word) for word in raw[label_column].dropna().unique()[:5]]
        raise DataError(
            f"Expected diagnoses in the column {label_column}, such as mel, nv or bcc.",
            f"It has {', '.join(written) or 'nothing'}.",
            "Rename the labels, or name another column for the diagnosis.",
        )
    return under_our_names(raw, diagnosis, {label_column}), left_out


def under_our_names(
    raw: pd.DataFrame, diagnosis: pd.Series, taken: Collection[str] = ()
) -> pd.DataFrame:
    """The rows that have a diagnosis, under our column names; they keep their index.

    Columns without a meaning for us stay as they are.

    Args:
        diagnosis: Our codes, missing where a row has none.
        taken: Columns that are used up already.
    """
    kept = diagnosis.notna()
    raw = raw[kept]
    # Gathered first: a table that grows column by column is slow from the hundredth on.
    columns = {"diagnosis": diagnosis[kept]}
    used = set(taken)
    for ours, names in (SYNONYMS | OPTIONAL).items():
        name = first_of(raw, tuple(name for name in names if name not in taken))
        if name is None and ours in OPTIONAL:
            continue
        columns[ours] = _known(raw[name]) if name else missing(raw.index)
        used |= {name} if name else set()
    age = pd.to_numeric(columns["age"], errors="coerce")
    columns["age"] = age.where(age.between(0, OLDEST))
    part = first_of(raw, tuple(name for name in PART if name not in taken))
    if part is not None:
        parts = raw[part].map(part_called)
        if bool(parts.notna().any()):
            used.add(part)
            columns |= given_part(parts)
    for name in raw.columns:
        if name not in used | columns.keys() and name not in OWN and re.match(r"\w+$", name):
            columns[name] = raw[name]
    return pd.DataFrame(columns, index=raw.index)


def _known(values: pd.Series) -> pd.Series:
    """The values without the words that mean that nothing is known."""
    values = values.astype(object)
    return values.where(~values.astype(str).str.strip().str.lower().isin(UNKNOWN), None)
