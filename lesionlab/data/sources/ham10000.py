"""HAM10000 as it is published: folders of pictures and HAM10000_metadata.csv."""

from __future__ import annotations

from pathlib import Path

from lesionlab.data.sources.archive import ZipTree
from lesionlab.data.sources.columns import USUAL, Columns, label_column_of, read_table, tidy
from lesionlab.data.sources.found import Found, complete, locate, require_all
from lesionlab.data.sources.tree import FolderTree, Tree, find
from lesionlab.errors import DataError

TABLE = "HAM10000_metadata.csv"


def read(path: Path, columns: Columns = USUAL) -> Found:
    """Look at a download of HAM10000, unpacked or as a zip.

    Raises:
        DataError: The table or pictures are missing.
    """
    tree: Tree = ZipTree(path) if path.is_file() else FolderTree(path)
    return read_tree(tree, columns)


def read_tree(tree: Tree, columns: Columns = USUAL) -> Found:
    """As `read`, for a folder or an archive. Pictures may lie in one folder or in the two parts."""
    name = find(tree, TABLE)
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
    table["path"] = locate(table["image_id"], tree, name)
    require_all(
        table["image_id"],
        table["path"],
        tree.title,
        "Unpack both parts, HAM10000_images_part_1 and HAM10000_images_part_2, beside the table.",
    )
    return complete(table, tree, left_out)
