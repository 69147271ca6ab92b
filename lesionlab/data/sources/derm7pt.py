"""The 7-point criteria database (Derm7pt) as it is published.

`release_v0/meta/meta.csv`, a row a case; its columns `derm` and `clinic` name the dermoscopic and
the clinical picture below `release_v0/images/` (such as `NEL/Nel026.jpg`, in which upper and
lower case do not always match the file). `train_indexes.csv`, `valid_indexes.csv` and
`test_indexes.csv` beside it have one column `indexes` with the numbers of its rows, from 0: the
given parts.

The dermoscopic pictures are read. The clinical photographs of the same lesions are left out and
told; `--file-column clinic` reads those in their place. Both know their case, so that no lesion
is in two parts.

Layout read in: jeremykawahara/derm7pt (the authors'), IMSY-DKFZ/mml, livanosg/mel-data,
gsmit/ISIC-2019; Kawahara et al. (2019) for what belongs to nevus and melanoma.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from lesionlab.data.sources.columns import (
    USUAL,
    Columns,
    file_column_of,
    label_column_of,
    tidy,
)
from lesionlab.data.sources.found import Found, complete, locate, unnamed, without_gone
from lesionlab.data.sources.known import KNOWN
from lesionlab.data.sources.parts import with_parts
from lesionlab.data.sources.sheets import read_table
from lesionlab.data.sources.tree import Tree, find, folders_of
from lesionlab.data.sources.words import count, missing
from lesionlab.errors import DataError

KIND = "derm7pt"
TABLE = "meta.csv"
DERMOSCOPIC, CLINICAL = "derm", "clinic"
PARTS = {"train": "train", "valid": "validation", "test": "test"}


def recognises(tree: Tree) -> bool:
    """Whether a meta.csv with both kinds of picture is there."""
    name = find(tree, TABLE)
    if name is None:
        return False
    try:
        raw = read_table(tree.read(name), name)
    except DataError:
        return False
    return {DERMOSCOPIC, CLINICAL, "seven_point_score"} <= set(raw.columns)


def read_tree(tree: Tree, columns: Columns = USUAL) -> Found:
    """Look at the 7-point database, unpacked or as a zip.

    Args:
        columns: `file` may be `clinic` for the clinical photographs.

    Raises:
        DataError: The table or the pictures are missing.
    """
    facts = KNOWN[KIND]
    name = find(tree, TABLE)
    if name is None:
        raise DataError(
            f"Expected meta/{TABLE} in {tree.title}.",
            f"It has {count(len(tree.sizes), 'file')} and none of that name.",
            "Give the folder release_v0 with meta/ and images/.",
        )
    raw = read_table(tree.read(name), name)
    label = label_column_of(raw, columns.label or "diagnosis", name)
    file = file_column_of(raw, columns.file or DERMOSCOPIC, label, name)
    table, left_out = tidy(raw, label, "" if columns.label else KIND)
    paths = {
        column: locate(raw[column], tree, name)
        for column in {file, DERMOSCOPIC, CLINICAL}
        if column in raw.columns
    }
    table["path"] = paths[file][table.index]
    if "case_num" in raw.columns:
        table["lesion_id"] = "case_" + raw.loc[table.index, "case_num"].astype(str)
    table = with_parts(table, _given_parts(tree, name, raw.index)[table.index])
    table, gone = without_gone(
        table, raw.loc[table.index, file], tree.title, "Put the folder images beside meta."
    )
    left_out += gone
    others = {path for column in paths if column != file for path in paths[column].dropna()}
    others -= set(paths[file].dropna())
    if others:
        words, other = ("clinical", CLINICAL)
        if file != DERMOSCOPIC:
            words, other = "dermoscopic", DERMOSCOPIC
        left_out.append(
            f"{count(len(others), f'{words} picture')} of the same cases "
            f"(read in place of these when {other} is the column with the picture's file)."
        )
    used = others | set(paths[file].dropna())
    left_out += unnamed(tree, used)
    found = complete(
        table.drop(columns=[DERMOSCOPIC, CLINICAL], errors="ignore"), tree, left_out, facts
    )
    return (
        replace(found, title=f"{facts.title}, clinical photographs") if file == CLINICAL else found
    )


def _given_parts(tree: Tree, beside: str, rows: pd.Index) -> pd.Series:
    """The part of each row of the table, missing where no index file names it."""
    parts = missing(rows)
    folder = "".join(f"{part}/" for part in folders_of(beside))
    for word, part in PARTS.items():
        name = f"{folder}{word}_indexes.csv"
        if name in tree.sizes:
            table = read_table(tree.read(name), name)
            numbers = pd.to_numeric(table[table.columns[-1]], errors="coerce").dropna().astype(int)
            parts[parts.index.isin(numbers)] = part
    return parts
