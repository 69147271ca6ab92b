"""ISIC 2020 (SIIM-ISIC) as it is published.

`ISIC_2020_Training_GroundTruth.csv` or `..._v2.csv` (`image_name,patient_id,lesion_id,sex,
age_approx,anatom_site_general_challenge,diagnosis,benign_malignant,target`; the first version has
no lesion_id), pictures in `train/*.jpg`, and `ISIC_2020_Training_Duplicates.csv`
(`image_name_1,image_name_2`), whose second pictures are left out.

Layout read in: livanosg/mel-data, and several public loaders of the two tables' names.
"""

from __future__ import annotations

import re

from lesionlab.data.sources.columns import USUAL, Columns, refuse_columns, tidy
from lesionlab.data.sources.found import Found, complete, locate, unnamed, without_gone
from lesionlab.data.sources.known import KNOWN
from lesionlab.data.sources.sheets import read_table
from lesionlab.data.sources.tree import Tree, file_name, find
from lesionlab.data.sources.words import count, some
from lesionlab.errors import DataError

KIND = "isic2020"
TABLE = "ISIC_2020_Training_GroundTruth_v2.csv"
TABLES = re.compile(r"isic_2020_training_groundtruth.*\.csv")
DUPLICATES = "ISIC_2020_Training_Duplicates.csv"


def recognises(tree: Tree) -> bool:
    """Whether the challenge's table is there."""
    return _table_of(tree) is not None


def read_tree(tree: Tree, columns: Columns = USUAL) -> Found:
    """Look at ISIC 2020, unpacked or as a zip.

    Raises:
        DataError: The table or the pictures are missing.
    """
    facts = KNOWN[KIND]
    refuse_columns(columns, facts.title)
    name = _table_of(tree)
    if name is None:
        raise DataError(
            f"Expected the table {TABLE} in {tree.title}.",
            f"It has {count(len(tree.sizes), 'file')} and none of that name.",
            "Put the table beside the folder train with the pictures.",
        )
    raw = read_table(tree.read(name), name)
    if not {"image_name", "diagnosis"} <= set(raw.columns):
        raise DataError(
            f"Expected the columns image_name and diagnosis in {name}.",
            f"It has {', '.join(raw.columns[:20])}.",
            "Take the table as it is published.",
        )
    paths = locate(raw["image_name"], tree, name, ids=True)
    table, left_out = tidy(raw, "diagnosis", KIND)
    table["path"] = paths[table.index]
    duplicates = _duplicates(tree)
    again = table["image_id"].isin(duplicates)
    if again.any():
        called = [str(image) for image in table.loc[again, "image_id"]]
        left_out.append(
            f"{count(len(called), 'picture')} that {DUPLICATES} calls a duplicate: {some(called)}."
        )
        table = table[~again]
    table, gone = without_gone(
        table, table["image_id"], tree.title, f"Unpack the folder train beside {file_name(name)}."
    )
    left_out += gone + unnamed(tree, set(paths.dropna()))
    return complete(table, tree, left_out, facts)


def _table_of(tree: Tree) -> str | None:
    """The newest version that lies least deep."""
    found = [name for name in tree.sizes if TABLES.fullmatch(file_name(name).lower())]
    return min(found, key=lambda name: (name.count("/"), "_v2" not in name.lower()), default=None)


def _duplicates(tree: Tree) -> set[str]:
    name = find(tree, DUPLICATES)
    if name is None:
        return set()
    pairs = read_table(tree.read(name), name)
    return set(pairs["image_name_2"].dropna()) if "image_name_2" in pairs.columns else set()
