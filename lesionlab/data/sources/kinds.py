"""The kinds of thing that can be imported, each with the function that looks at it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lesionlab.data.sources import archive, folder, ham10000, table
from lesionlab.data.sources.columns import Columns
from lesionlab.data.sources.found import Found

SOURCES: dict[str, Callable[[Path, Columns], Found]] = {
    "folder": folder.read,
    "zip": lambda path, columns: folder.read_tree(archive.ZipTree(path), columns),
    "table": table.read,
    "ham10000": ham10000.read,
}
