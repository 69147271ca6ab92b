"""A folder of pictures of the ISIC Archive, as `isic image download` of isic-cli writes it.

`ISIC_0000001.jpg …` beside `metadata.csv` with a row an image: `isic_id, attribution,
copyright_license` and the archive's own fields. Our download writes the same layout, so that one
reader brings in both. Read in isic-cli 12.4, `isic_cli/cli/image.py`.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from lesionlab.data.isic_archive.diagnoses import LEVELS, code_of
from lesionlab.data.sources.columns import Columns
from lesionlab.data.sources.found import Found, complete, locate
from lesionlab.data.sources.tree import FolderTree, find
from lesionlab.data.sources.words import count, missing, some
from lesionlab.errors import DataError, disk_errors
from lesionlab.files import read_json, replacing, write_json

METADATA = "metadata.csv"
NOTES = "notes.json"
TITLE = "Pictures of the ISIC Archive"
SOURCE = "ISIC Archive"
CITATION = (
    "The ISIC Archive, International Skin Imaging Collaboration, https://www.isic-archive.com."
)
# The archive's names that are ours under another word.
OURS: dict[str, tuple[str, ...]] = {
    "image_id": ("isic_id",),
    "lesion_id": ("lesion_id",),
    "patient_id": ("patient_id",),
    "age": ("age_approx", "age"),
    "sex": ("sex",),
    "site": ("anatom_site_general", "anatom_site_2", "anatom_site_1"),
    "confirmed_by": ("diagnosis_confirm_type",),
    "licence": ("copyright_license",),
    "attribution": ("attribution",),
}

# Further fields of the archive that a set keeps under their own names.
KEPT = (
    *(f"diagnosis_{level}" for level in range(1, LEVELS + 1)),
    "image_type",
    "dermoscopic_type",
    "image_manipulation",
    "melanocytic",
    "fitzpatrick_skin_type",
    "clin_size_long_diam_mm",
    "concomitant_biopsy",
    "family_hx_mm",
    "personal_hx_mm",
    "mel_thick_mm",
    "mel_ulcer",
    "acquisition_day",
)


def write_metadata(records: Sequence[dict[str, object]], folder: Path, notes: list[str]) -> None:
    """Write the table beside the pictures, and sentences on what could not be had.

    Args:
        records: A row an image under the archive's names; a field that one lacks stays empty.
    """
    first = ("isic_id", "attribution", "copyright_license")
    names = [*first, *sorted({name for record in records for name in record} - set(first))]
    with (
        disk_errors("the table of the pictures"),
        replacing(folder / METADATA) as path,
        path.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(records)
    write_json(folder / NOTES, notes)


def read(path: Path, columns: Columns | None = None) -> Found:
    """Look at such a folder.

    Raises:
        DataError: It has no such table, or no picture with a diagnosis of our classes.
    """
    tree = FolderTree(path)
    name = find(tree, METADATA)
    if name is None:
        raise DataError(
            f"Expected {METADATA} in {tree.title}, as isic-cli writes it.",
            "There is none.",
            "Give the folder that was given to `isic image download`.",
        )
    try:
        raw = pd.read_csv(
            io.BytesIO(tree.read(name)), dtype=str, keep_default_na=False, na_values=[""]
        )
        ids = raw["isic_id"]
    except (KeyError, ValueError) as error:
        raise DataError(
            f"Expected a table with the column isic_id in {METADATA}.",
            f"It cannot be read: {error}.",
            "Give the folder that was given to `isic image download`.",
        ) from error
    levels = [
        raw[f"diagnosis_{level}"] if f"diagnosis_{level}" in raw else missing(raw.index)
        for level in range(1, LEVELS + 1)
    ]
    table = pd.DataFrame({"path": locate(ids, tree, name)}, index=raw.index)
    table["diagnosis"] = [
        code_of([str(value) if pd.notna(value) else None for value in names])
        for names in zip(*levels, strict=True)
    ]
    for ours, theirs in OURS.items():
        found = missing(raw.index)
        for column in theirs:
            if column in raw:
                found = found.where(found.notna(), raw[column])
        table[ours] = found
    table["age"] = pd.to_numeric(table["age"], errors="coerce")
    table["source"] = SOURCE
    for column in KEPT:
        if column in raw:
            table[column] = raw[column]
    left_out = [str(sentence) for sentence in read_json(path / NOTES) or []]
    left_out += _not_usable(table)
    table = table[table["path"].notna() & table["diagnosis"].notna()]
    if table.empty:
        raise DataError(
            f"Expected pictures of our classes in {tree.title}.",
            "; ".join(left_out) or "Its table has no rows.",
            "Download pictures of other diagnoses.",
        )
    complete_set = complete(table, tree, left_out)
    return Found(
        complete_set.table,
        tree,
        title=TITLE,
        licence=licence_of(complete_set.table["licence"]),
        citation=citation_of(complete_set.table["attribution"]),
        left_out=complete_set.left_out,
    )


def _not_usable(table: pd.DataFrame) -> list[str]:
    sentences = []
    ids = table["image_id"].astype(str)
    if gone := [str(name) for name in ids[table["path"].isna()]]:
        sentences.append(
            f"{count(len(gone), 'picture')} named in the table but not there: {some(gone)}."
        )
    if strangers := [str(n) for n in ids[table["path"].notna() & table["diagnosis"].isna()]]:
        sentences.append(
            f"{count(len(strangers), 'picture')} with a diagnosis of none of our classes: "
            f"{some(strangers)}."
        )
    return sentences


def licence_of(licences: pd.Series) -> str:
    """The licences of a set in one line, the most frequent first: `CC-0, CC-BY`."""
    return ", ".join(name for name, _ in _by_number(licences))


def citation_of(attributions: pd.Series) -> str:
    """The archive, and everybody who gave pictures, those who gave most first.

    "Anonymous" stands last, as in isic-cli's `get_attributions`.
    """
    names = [name for name, _ in _by_number(attributions)]
    names.sort(key=lambda name: name == "Anonymous")
    if not names:
        return CITATION
    return f"{CITATION} Pictures given by: {'; '.join(names)}."


def _by_number(values: pd.Series) -> list[tuple[str, int]]:
    found = Counter(str(value) for value in values.dropna())
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))
