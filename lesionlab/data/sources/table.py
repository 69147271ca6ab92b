"""Any CSV with a row an image: a column with its file and one with its diagnosis."""

from __future__ import annotations

from pathlib import Path

from lesionlab.data.sources.columns import (
    FILE_OR_ID,
    USUAL,
    Columns,
    first_of,
    label_column_of,
    read_table,
    tidy,
)
from lesionlab.data.sources.found import Found, complete, locate, require_all
from lesionlab.data.sources.tree import FolderTree, Tree
from lesionlab.errors import DataError


def read(path: Path, columns: Columns = USUAL) -> Found:
    """Look at a table; its pictures lie beside it or in folders below.

    Raises:
        DataError: Not a table, columns missing, or pictures missing.
    """
    if not path.is_file():
        received = f"{path} is a folder." if path.is_dir() else f"There is no {path}."
        raise DataError("Expected a table (CSV).", received, "Check the path.")
    return read_tree(FolderTree(path.parent), path.name, columns)


def read_tree(tree: Tree, name: str, columns: Columns = USUAL) -> Found:
    """As `read`, for the table called `name` in a folder or an archive."""
    raw = read_table(tree.read(name), name)
    label = label_column_of(raw, columns.label, name)
    usual = tuple(column for column in FILE_OR_ID if column != label)
    file = first_of(raw, (columns.file.strip().lower(),) if columns.file else usual)
    if file is None:
        raise DataError(
            f"Expected a column with the picture's file in {name}: {', '.join(FILE_OR_ID)}.",
            f"It has {', '.join(raw.columns[:20])}.",
            "Rename the column that holds it to file.",
        )
    table, left_out = tidy(raw, label)
    table["path"] = locate(raw.loc[table.index, file], tree, name)
    require_all(
        raw.loc[table.index, file],
        table["path"],
        tree.title,
        "Add the missing pictures, or take their rows out of the table.",
    )
    if "mask" in table:
        masks = locate(table["mask"], tree, name)
        # Those that are not here keep their name, so that they can be told.
        table["mask"] = masks.where(masks.notna(), table["mask"])
    return complete(table, tree, left_out)
