"""A folder of class folders, one with labels.csv beside its pictures, or a published set."""

from __future__ import annotations

from pathlib import Path

from lesionlab.data.sources import table
from lesionlab.data.sources.class_folders import read_class_folders
from lesionlab.data.sources.columns import USUAL, Columns
from lesionlab.data.sources.found import Found
from lesionlab.data.sources.layouts import LAYOUTS, recognise_layout
from lesionlab.data.sources.opening import look_into, packed_inside
from lesionlab.data.sources.table import LABELS
from lesionlab.data.sources.tree import Tree, find, pictures
from lesionlab.data.sources.words import count, some
from lesionlab.errors import DataError


def read(path: Path, columns: Columns = USUAL) -> Found:
    """Look at a folder or a zip, whichever of the known layouts it has.

    Raises:
        DataError: No picture in it, or none whose class is known.
    """
    return look_into(path, lambda tree: read_tree(tree, columns), "a folder")


def read_tree(tree: Tree, columns: Columns = USUAL) -> Found:
    """As `read`, for a folder or an archive.

    A labels.csv comes first, since somebody has put it there; then the published sets; then folders
    that are named after classes.
    """
    if not pictures(tree):
        packed = packed_inside(tree)
        raise DataError(
            f"Expected pictures in {tree.title}.",
            f"There are none among its {count(len(tree.sizes), 'file')}.",
            f"Unpack {some(packed)} first."
            if packed
            else "Give the folder that holds the pictures (JPEG, PNG, WebP, TIFF or BMP).",
        )
    labels = find(tree, LABELS)
    if labels:
        return table.read_tree(tree, labels, columns)
    kind = recognise_layout(tree)
    if kind:
        return LAYOUTS[kind].read_tree(tree, columns)
    tables = table.tables_in(tree)
    if columns.label or columns.file:
        chosen = " and ".join(name for name in (columns.label, columns.file) if name)
        raise DataError(
            f"Expected a {LABELS} with the column {chosen} in {tree.title}.",
            f"There is none, but {some(tables)}." if tables else "There is none.",
            "Import that as table."
            if tables
            else "Choose no columns for a folder of class folders.",
        )
    beside = f", or a known table (it has {some(tables)})" if tables else ""
    return read_class_folders(tree, f"{LABELS}{beside}")
