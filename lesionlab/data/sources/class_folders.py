"""Pictures in folders that are named after their diagnosis, one level or many deep."""

from __future__ import annotations

import pandas as pd

from lesionlab.data.sources.columns import Columns, refuse_columns
from lesionlab.data.sources.found import Found, complete
from lesionlab.data.sources.known import KNOWN
from lesionlab.data.sources.names import NAMES, codes_of, plain
from lesionlab.data.sources.parts import part_above, with_parts
from lesionlab.data.sources.tree import Tree, folders_of, pictures
from lesionlab.data.sources.words import count, missing, some
from lesionlab.diagnoses import read_code
from lesionlab.errors import DataError


def read_class_folders(tree: Tree, what_else: str) -> Found:
    """Each picture's diagnosis is the nearest folder above it that is named after a class.

    Folders train, validation and test above the classes (or below) become the given part.

    Args:
        what_else: What may stand there in place of class folders, for a sentence.

    Raises:
        DataError: No folder is named after a class.
    """
    names = pictures(tree)
    codes: dict[tuple[str, ...], str | None] = {}
    for name in names:
        above = tuple(folders_of(name))
        if above not in codes:
            codes[above] = _code_above(above)
    rows = [name for name in names if codes[tuple(folders_of(name))]]
    strangers = [name for name in names if not codes[tuple(folders_of(name))]]
    if not rows:
        raise DataError(
            f"Expected {what_else}, or folders named after classes such as mel or nv, "
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
    table = pd.DataFrame({"path": rows}, dtype=object)
    table["diagnosis"] = [codes[tuple(folders_of(name))] for name in rows]
    table["image_id"] = missing(table.index)
    parts = pd.Series([part_above(name) for name in rows], table.index, dtype=object)
    return complete(with_parts(table, parts), tree, left_out)


def read_named_folders(kind: str, tree: Tree, columns: Columns, what_to_do: str) -> Found:
    """A published set whose diagnosis is the name of the folder that a picture lies in.

    Args:
        kind: A key of `NAMES` and `KNOWN`.
        what_to_do: What to give, when nothing of it is there.

    Raises:
        DataError: No folder has one of the set's names.
    """
    facts = KNOWN[kind]
    refuse_columns(columns, facts.title)
    names = pictures(tree)
    table = pd.DataFrame({"path": names}, dtype=object)
    known = {plain(name) for name in NAMES[kind]}
    folders = pd.Series(
        [(folders_of(name) or [""])[-1] for name in names], table.index, dtype=object
    )
    if not known & set(folders.map(plain)):
        lie_in = some(_folders(names)) if names else "no folder: there are none"
        raise DataError(
            f"Expected the folders of {facts.title} in {tree.title}, such as "
            f"{some(list(NAMES[kind]), 2)}.",
            f"Its pictures lie in {lie_in}.",
            what_to_do,
        )
    table["diagnosis"], left_out = codes_of(kind, folders, "picture")
    table = table[table["diagnosis"].notna()]
    return complete(table, tree, left_out, facts)


def _code_above(folders: tuple[str, ...]) -> str | None:
    for folder in reversed(folders):
        try:
            return read_code(folder)
        except DataError:
            continue
    return None


def _folders(names: list[str]) -> list[str]:
    folders = sorted({"/".join(folders_of(name)) for name in names})
    return [folder or "the folder itself" for folder in folders]
