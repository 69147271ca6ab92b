"""The first rows of a table before it is imported, and what its columns seem to be."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from lesionlab.data.sources.columns import FILE_OR_ID, LABEL, first_of
from lesionlab.data.sources.one_hot import class_columns
from lesionlab.data.sources.opening import open_tree
from lesionlab.data.sources.sheets import TABLES, read_table
from lesionlab.data.sources.table import table_in
from lesionlab.data.sources.tree import suffix

# Beyond this a column is no diagnosis, and a list of its values helps nobody.
MAX_LABELS = 60


@dataclass(frozen=True)
class TablePreview:
    """What a page shows of a table before it is imported.

    Attributes:
        columns: All names, in lower case as they are matched.
        rows: The first rows, each a dictionary by column.
        num_rows: How many there are in all.
        label_guess: The column that seems to hold the diagnosis; None when none does.
        file_guess: The column that seems to name the picture; None when none does.
        label_counts: Rows of each value of the diagnosis's column, most frequent first.
        classes: Columns that each stand for a class and hold 0 or 1, when there is no other.
    """

    columns: tuple[str, ...]
    rows: list[dict[Hashable, str | None]]
    num_rows: int
    label_guess: str | None
    file_guess: str | None
    label_counts: dict[str, int]
    classes: tuple[str, ...] = ()


def preview_table(source: Path | bytes, rows: int = 5, label: str | None = None) -> TablePreview:
    """Look at a table without looking for its pictures.

    Args:
        source: A .csv or .xlsx, or a folder or zip that holds one; or such a file's content.
        rows: How many rows to show.
        label: The column to count, when not the one that is guessed.

    Raises:
        DataError: Not a table.
    """
    content, title = _content(source)
    raw = read_table(content, title)
    guess = first_of(raw, LABEL)
    classes = () if guess else tuple(class_columns(raw))
    counted = (label or guess or "").strip().lower()
    counts: dict[str, int] = {}
    if counted in raw.columns:
        found = raw[counted].value_counts().head(MAX_LABELS)
        counts = {str(value): int(number) for value, number in found.items()}
    head = raw.head(rows).astype(object)
    return TablePreview(
        columns=tuple(raw.columns),
        rows=head.where(head.notna(), None).to_dict("records"),
        num_rows=len(raw),
        label_guess=guess,
        file_guess=first_of(raw, tuple(name for name in FILE_OR_ID if name != guess)),
        label_counts=counts,
        classes=classes if len(classes) > 1 else (),
    )


def _content(source: Path | bytes) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        return source, "the table.xlsx" if source.startswith(b"PK\x03\x04") else "the table"
    if source.is_file() and suffix(source.name) in TABLES:
        return source.read_bytes(), source.name
    tree = open_tree(source, "a table (.csv or .xlsx)")
    try:
        name = table_in(tree)
        return tree.read(name), name
    finally:
        tree.close()
