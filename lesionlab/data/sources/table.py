"""Any table with a row an image: a column with its file and one with its diagnosis.

CSV (commas, semicolons or tabs) or Excel. In place of a column with the diagnosis there may be a
column a class, with a 1 in the right one.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lesionlab.data.sources.columns import (
    LABEL,
    USUAL,
    Columns,
    file_column_of,
    first_of,
    label_column_of,
    tidy,
    under_our_names,
)
from lesionlab.data.sources.found import Found, complete, locate, require_all, unnamed
from lesionlab.data.sources.one_hot import class_columns, read_one_hot
from lesionlab.data.sources.opening import look_into
from lesionlab.data.sources.sheets import TABLES, read_table
from lesionlab.data.sources.tree import FolderTree, Tree, suffix
from lesionlab.data.sources.words import some
from lesionlab.errors import DataError

LABELS = "labels.csv"


def table_in(tree: Tree) -> str:
    """The one table of a folder or an archive: labels.csv, or the only one there is.

    Raises:
        DataError: There is none, or more than one and none called labels.csv.
    """
    tables = tables_in(tree)
    labels = [name for name in tables if name.lower().endswith(LABELS)]
    found = labels[:1] if labels else tables
    if len(found) != 1:
        received = f"There are {some(found)}." if found else "There is none."
        raise DataError(
            f"Expected one table (.csv or .xlsx), or one called {LABELS}, in {tree.title}.",
            received,
            f"Call the right one {LABELS}." if found else "Add a table with file and label.",
        )
    return found[0]


def tables_in(tree: Tree) -> list[str]:
    """The tables of a tree, those that lie least deep first; plain text is none."""
    endings = TABLES - {".txt"}
    names = [name for name in tree.sizes if suffix(name) in endings]
    return sorted(names, key=lambda name: (name.count("/"), name))


def read(path: Path, columns: Columns = USUAL) -> Found:
    """Look at a table; its pictures lie beside it or in folders below.

    Args:
        path: The table, or a folder or zip that holds one.

    Raises:
        DataError: Not a table, columns missing, or pictures missing.
    """
    if path.is_file() and suffix(path.name) in TABLES:
        return read_tree(FolderTree(path.parent), path.name, columns)
    return look_into(
        path, lambda tree: read_tree(tree, table_in(tree), columns), "a table (.csv or .xlsx)"
    )


def read_tree(tree: Tree, name: str, columns: Columns = USUAL) -> Found:
    """As `read`, for the table called `name` in a folder or an archive."""
    raw = read_table(tree.read(name), name)
    classes = {} if columns.label or first_of(raw, LABEL) else class_columns(raw)
    if len(classes) > 1:
        file = file_column_of(raw, columns.file, None, name)
        diagnosis, left_out = read_one_hot(raw, classes, raw[file])
        table = under_our_names(raw.drop(columns=list(classes)), diagnosis)
    else:
        label = label_column_of(raw, columns.label, name)
        file = file_column_of(raw, columns.file, label, name)
        table, left_out = tidy(raw, label)
    paths = locate(raw[file], tree, name)
    if "mask" in table:
        masks = locate(table["mask"], tree, name)
        # Pictures and masks are often called alike: where one is missing, the other was found.
        paths = _without_the_others(paths, raw[file], masks, table["mask"])
        masks = _without_the_others(masks, table["mask"], paths, raw[file])
    table["path"] = paths[table.index]
    require_all(
        raw.loc[table.index, file],
        table["path"],
        tree.title,
        "Add the missing pictures, or take their rows out of the table.",
    )
    used = set(paths.dropna())
    if "mask" in table:
        used |= set(masks.dropna())
        # Those that are not here keep their name, so that they can be told.
        table["mask"] = masks.where(masks.notna(), table["mask"])
    return complete(table, tree, [*left_out, *unnamed(tree, used)])


def _without_the_others(
    found: pd.Series, names: pd.Series, others: pd.Series, their_names: pd.Series
) -> pd.Series:
    """Files that were found for names, but for those that the other column names in full."""

    def in_full(files: pd.Series, written: pd.Series) -> set[str]:
        pairs = zip(files, written.reindex(files.index), strict=True)
        return {file for file, name in pairs if isinstance(file, str) and _ends_with(file, name)}

    taken = in_full(others, their_names) - in_full(found, names)
    return found.where(~found.isin(taken), None).astype(object)


def _ends_with(file: str, name: object) -> bool:
    written = str(name).strip().replace("\\", "/").removeprefix("./")
    return file == written or file.endswith(f"/{written}")
