"""HAM10000 as it is published.

`HAM10000_images_part_1/ISIC_*.jpg` and `HAM10000_images_part_2/ISIC_*.jpg`, or one folder;
`HAM10000_metadata.csv` (`lesion_id,image_id,dx,dx_type,age,sex,localization`, in newer releases
also `dataset`), which the Dataverse also gives as `HAM10000_metadata` and
`HAM10000_metadata.tab`; masks, where they are there, in
`HAM10000_segmentations_lesion_tschandl/ISIC_*_segmentation.png`.

Layout read in: the published table itself; owkin/FLamby (its other name).
"""

from __future__ import annotations

from lesionlab.data.sources.columns import (
    USUAL,
    Columns,
    file_column_of,
    label_column_of,
    tidy,
)
from lesionlab.data.sources.found import Found, complete, locate, require_all, unnamed
from lesionlab.data.sources.known import KNOWN
from lesionlab.data.sources.sheets import read_table
from lesionlab.data.sources.tree import Tree, find, pictures, stem
from lesionlab.errors import DataError

KIND = "ham10000"
TABLE = "HAM10000_metadata.csv"
TABLES = (TABLE, "HAM10000_metadata.tab", "HAM10000_metadata")


def recognises(tree: Tree) -> bool:
    """Whether its table is there."""
    return _table_of(tree) is not None


def read_tree(tree: Tree, columns: Columns = USUAL) -> Found:
    """Look at HAM10000, unpacked or as a zip. Pictures may lie in one folder or in two parts.

    Raises:
        DataError: The table or pictures are missing.
    """
    name = _table_of(tree)
    if name is None:
        raise DataError(
            f"Expected {TABLE} in {tree.title}.",
            "It is not there.",
            "Put it beside the picture folders, or import as folder or table.",
        )
    raw = read_table(tree.read(name), name)
    if "image_id" not in raw.columns:
        raise DataError(
            f"Expected the column image_id in {name}.",
            f"It has {', '.join(raw.columns[:20])}.",
            "Take the table as it is published.",
        )
    table, left_out = tidy(raw, label_column_of(raw, columns.label, name))
    file = file_column_of(raw, columns.file or "image_id", None, name)
    paths = locate(raw[file], tree, name, ids=True)
    table["path"] = paths[table.index]
    require_all(
        table["image_id"],
        table["path"],
        tree.title,
        "Unpack both parts, HAM10000_images_part_1 and HAM10000_images_part_2, beside the table.",
    )
    masks = {stem(file): file for file in pictures(tree) if stem(file).endswith("_segmentation")}
    if masks:
        table["mask"] = (table["image_id"] + "_segmentation").map(masks)
    left_out += unnamed(tree, {*paths.dropna(), *masks.values()})
    return complete(table, tree, left_out, KNOWN[KIND])


def _table_of(tree: Tree) -> str | None:
    return next((found for name in TABLES if (found := find(tree, name))), None)
