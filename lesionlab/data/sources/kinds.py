"""The kinds of thing that can be imported, each with the function that looks at it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from lesionlab.data.sources import folder, table
from lesionlab.data.sources.archive import ZipTree
from lesionlab.data.sources.columns import Columns
from lesionlab.data.sources.found import Found
from lesionlab.data.sources.layouts import LAYOUTS, Layout, recognise_layout
from lesionlab.data.sources.opening import open_tree
from lesionlab.data.sources.preview import TablePreview, preview_table

__all__ = ["SOURCES", "Columns", "TablePreview", "preview_table", "recognise_layout"]


def _read_archive(path: Path, columns: Columns) -> Found:
    return folder.read_tree(ZipTree(path), columns)


def _read_layout(layout: Layout, path: Path, columns: Columns) -> Found:
    return layout.read_tree(open_tree(path), columns)


# Each takes a path and the columns that were chosen. All but `zip` take a folder or a zip of it.
SOURCES: dict[str, Callable[[Path, Columns], Found]] = {
    "folder": folder.read,
    "zip": _read_archive,
    "table": table.read,
    **{kind: partial(_read_layout, layout) for kind, layout in LAYOUTS.items()},
}
