"""A folder of class folders, or a folder with labels.csv beside its pictures."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pandas as pd

from lesionlab.data.sources import ham10000, table
from lesionlab.data.sources.columns import USUAL, Columns, count, some
from lesionlab.data.sources.found import Found, complete
from lesionlab.data.sources.tree import FolderTree, Tree, find, pictures
from lesionlab.diagnoses import read_code
from lesionlab.errors import DataError

LABELS = "labels.csv"


def read(path: Path, columns: Columns = USUAL) -> Found:
    """Look at a folder, whichever of the known layouts it has.

    Raises:
        DataError: No picture in it, or none whose class is known.
    """
    return read_tree(FolderTree(path), columns)


def read_tree(tree: Tree, columns: Columns = USUAL) -> Found:
    """As `read`, for a folder or an archive."""
    if not pictures(tree):
        raise DataError(
            f"Expected pictures in {tree.title}.",
            f"There are none among its {count(len(tree.sizes), 'file')}.",
            "Give the folder that holds the pictures (JPEG, PNG, WebP, TIFF or BMP).",
        )
    if find(tree, ham10000.TABLE):
        return ham10000.read_tree(tree, columns)
    labels = find(tree, LABELS)
    if labels:
        return table.read_tree(tree, labels, columns)
    if columns.label:
        raise DataError(
            f"Expected a {LABELS} with the column {columns.label} in {tree.title}.",
            "There is none.",
            "Leave --label-column out for a folder of class folders.",
        )
    return class_folders(tree)


def class_folders(tree: Tree) -> Found:
    """Each picture's diagnosis is the nearest folder above it that is named after a class."""
    rows, strangers = [], []
    for name in pictures(tree):
        code = _code_above(name)
        if code:
            rows.append({"path": name, "diagnosis": code})
        else:
            strangers.append(name)
    if not rows:
        raise DataError(
            f"Expected {LABELS}, or folders named after classes such as mel or nv, "
            f"in {tree.title}.",
            f"Its pictures lie in {some(_folders(strangers))}.",
            "Rename the folders, or add a table with the columns file and label.",
        )
    left_out = []
    if strangers:
        left_out.append(
            f"{count(len(strangers), 'picture')} in folders that are named after no class that "
            f"we know: {some(_folders(strangers))}."
        )
    frame = pd.DataFrame(rows)
    frame["image_id"] = None
    return complete(frame, tree, left_out)


def _code_above(name: str) -> str | None:
    for folder in reversed(PurePosixPath(name).parent.parts):
        try:
            return read_code(folder)
        except DataError:
            continue
    return None


def _folders(names: list[str]) -> list[str]:
    folders = sorted({str(PurePosixPath(name).parent) for name in names})
    return ["the folder itself" if folder == "." else folder for folder in folders]
