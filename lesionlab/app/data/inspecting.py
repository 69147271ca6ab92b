"""What lies in an archive or a folder before it is imported: words and tables, no widgets."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lesionlab.diagnoses import read_code
from lesionlab.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from lesionlab.data.sources.kinds import TablePreview

KEPT_SECONDS = 30.0


@dataclass(frozen=True)
class Inspection:
    """What was seen without reading a picture.

    Attributes:
        num_pictures: Files that end like a picture.
        num_bytes: Of all files, unpacked.
        layout: The published set whose layout it has; None when it has none of them.
        preview: The first rows of its table; None where it has none, or several.
        is_archive: Whether it is a zip archive.
    """

    num_pictures: int
    num_bytes: int
    layout: str | None
    preview: TablePreview | None
    is_archive: bool


def inspect(path: Path) -> Inspection:
    """Look at a zip archive or a folder.

    Raises:
        DataError: Neither, or an archive that is refused.
    """
    return _inspect(path, _mark(path))


def _mark(path: Path) -> int:
    """Another number when an archive was written anew; for a folder, every half minute.

    What lies deep in a folder may be mended without a sign of it on the folder itself.
    """
    if path.is_file():
        return path.stat().st_mtime_ns
    return int(time.monotonic() / KEPT_SECONDS)


@lru_cache(maxsize=16)
def _inspect(path: Path, changed: int) -> Inspection:
    from lesionlab.data.sources.kinds import recognise_layout
    from lesionlab.data.sources.opening import open_tree
    from lesionlab.data.sources.tree import pictures

    tree = open_tree(path)
    try:
        return Inspection(
            num_pictures=len(pictures(tree)),
            num_bytes=sum(tree.sizes.values()),
            layout=recognise_layout(tree),
            preview=_preview(path, None, changed),
            is_archive=path.is_file(),
        )
    finally:
        tree.close()


def preview(path: Path, label: str | None) -> TablePreview | None:
    """The first rows of the one table in an archive or folder, or None where there is no such.

    Args:
        label: The column whose values are counted; None for the one that seems to be it.
    """
    return _preview(path, label, _mark(path))


@lru_cache(maxsize=16)
def _preview(path: Path, label: str | None, changed: int) -> TablePreview | None:
    from lesionlab.data.sources.kinds import preview_table

    try:
        return preview_table(path, label=label)
    except DataError:
        return None


def readable_kinds(found: Inspection) -> dict[str, str]:
    """The ways in which this can be read, the likeliest first: kind -> what pages call it."""
    from lesionlab.data.sources.known import KNOWN
    from lesionlab.data.sources.layouts import LAYOUTS

    plain = {
        "zip" if found.is_archive else "folder": "Folders named after classes, or a labels.csv",
        "table": "A table whose columns I choose",
    }
    published = {kind: f"{KNOWN[kind].title}, as it is published" for kind in LAYOUTS}
    first = {found.layout: published[found.layout]} if found.layout else {}
    return {**first, **plain, **published}


def meanings(counts: dict[str, int]) -> pd.DataFrame:
    """What each value of the diagnosis's column becomes.

    Args:
        counts: Rows of each value.

    Returns:
        Columns `In the table`, `Rows`, `Becomes`; a row a value.
    """
    import pandas as pd

    rows = []
    for value, number in counts.items():
        try:
            becomes = read_code(value).upper()
        except DataError:
            becomes = "left out: no class that we know"
        rows.append({"In the table": value, "Rows": number, "Becomes": becomes})
    return pd.DataFrame(rows, columns=["In the table", "Rows", "Becomes"])
