"""The kinds of thing that can be imported, each with the function that looks at it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from lesionlab.data.sources import folder, table
from lesionlab.data.sources.archive import ZipTree
from lesionlab.data.sources.columns import Columns
from lesionlab.data.sources.found import Found
from lesionlab.data.sources.known import KNOWN
from lesionlab.data.sources.layouts import LAYOUTS, recognise_layout
from lesionlab.data.sources.opening import ANY, look_into
from lesionlab.data.sources.preview import TablePreview, preview_table
from lesionlab.data.sources.tree import Tree
from lesionlab.errors import DataError

__all__ = ["SOURCES", "Columns", "TablePreview", "preview_table", "recognise_layout"]


def _read_archive(path: Path, columns: Columns) -> Found:
    tree = ZipTree(path)
    try:
        return folder.read_tree(tree, columns)
    except DataError:
        tree.close()
        raise


def _read_layout(kind: str, path: Path, columns: Columns) -> Found:
    def read(tree: Tree) -> Found:
        if not LAYOUTS[kind].recognises(tree) and (other := recognise_layout(tree)):
            raise DataError(
                f"Expected {KNOWN[kind].title} in {tree.title}.",
                f"It looks like {KNOWN[other].title}.",
                f"Import it as {other}.",
            )
        return LAYOUTS[kind].read_tree(tree, columns)

    return look_into(path, read, ANY)


# Each takes a path and the columns that were chosen. All but `zip` take a folder or a zip of it.
SOURCES: dict[str, Callable[[Path, Columns], Found]] = {
    "folder": folder.read,
    "zip": _read_archive,
    "table": table.read,
    **{kind: partial(_read_layout, kind) for kind in LAYOUTS},
}
