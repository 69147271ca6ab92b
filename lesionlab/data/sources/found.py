"""What a source finds: the table under our names, and where each picture can be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath

import pandas as pd

from lesionlab.data.dataset import COLUMNS
from lesionlab.data.sources.columns import count, missing, some
from lesionlab.data.sources.known import recognise
from lesionlab.data.sources.tree import Tree, pictures
from lesionlab.errors import DataError


@dataclass(frozen=True)
class Found:
    """A data set that has been looked at but not copied.

    Attributes:
        table: As `Dataset.table`, where `path` names a file of `tree`; so does `mask`, if present.
        tree: Where the files are read.
        left_out: Sentences on what has no place, and why.
    """

    table: pd.DataFrame
    tree: Tree
    title: str = ""
    licence: str = ""
    citation: str = ""
    left_out: list[str] = field(default_factory=list)


def complete(table: pd.DataFrame, tree: Tree, left_out: list[str]) -> Found:
    """A `Found` with every column, an id for each image, and what we know about the set.

    Args:
        table: Has `path` and `diagnosis`, and whatever else is known.

    Raises:
        DataError: A picture stands in the table more than once with different diagnoses.
    """
    conflicts = table.groupby("path")["diagnosis"].nunique()
    if bool((conflicts > 1).any()):
        raise DataError(
            f"Expected one diagnosis for each picture in {tree.title}.",
            f"Two are given for {some(sorted(conflicts[conflicts > 1].index))}.",
            "Mend the table.",
        )
    again = table["path"].duplicated()
    if again.any():
        left_out = [
            *left_out,
            f"{count(int(again.sum()), 'row')} naming a picture a second time.",
        ]
    table = table[~again].copy()
    for name in COLUMNS:
        if name not in table:
            table[name] = missing(table.index)
    if "mask" in table:
        known = table["mask"].isin(tree.sizes.keys())
        if gone := int((table["mask"].notna() & ~known).sum()):
            left_out = [*left_out, f"{count(gone, 'mask')} named in the table but not there."]
        table["mask"] = table["mask"].where(known)
        if not known.any():
            table = table.drop(columns="mask")
    table["image_id"] = image_ids(table)
    order = [*COLUMNS, *(name for name in table.columns if name not in COLUMNS)]
    table = table[order].reset_index(drop=True)
    facts = recognise(table)
    if facts is None:
        return Found(table, tree, left_out=left_out)
    return Found(table, tree, facts.title, facts.licence, facts.citation, left_out)


def image_ids(table: pd.DataFrame) -> pd.Series:
    """The given ids where each is there and unique, else file names, else whole paths."""
    paths = [PurePosixPath(path) for path in table["path"]]
    stems = pd.Series([path.stem for path in paths], index=table.index)
    whole = ["_".join(path.with_suffix("").parts) for path in paths]
    for ids in (table["image_id"], stems, pd.Series(whole, index=table.index)):
        if ids.notna().all() and ids.is_unique:
            return ids
    return pd.Series(["_".join(path.parts) for path in paths], index=table.index)


def locate(names: pd.Series, tree: Tree, beside: str) -> pd.Series:
    """The file of `tree` that each name of a table means; missing where there is none.

    Tried in turn: the path as written, the path from the table's own folder, the file name alone,
    and the name without its ending.

    Args:
        names: As a table gives them: paths, file names or ids.
        beside: The table's own name in the tree.

    Raises:
        DataError: A name without its folder could be several files.
    """
    folder = PurePosixPath(beside).parent
    short: dict[str, list[str]] = {}
    for picture in pictures(tree):
        path = PurePosixPath(picture)
        for key in {path.name, path.stem}:
            short.setdefault(key, []).append(picture)

    def one(name: object) -> str | None:
        if not isinstance(name, str) or not name.strip():
            return None
        path = PurePosixPath(name.strip().replace("\\", "/"))
        for written in (str(folder / path), str(path)):
            if written in tree.sizes:
                return written
        found = short.get(path.name, short.get(path.stem, []))
        if len(found) > 1:
            # A mask often has its picture's name and another ending.
            found = [file for file in found if "mask" not in file.lower()] or found
        if len(found) > 1:
            raise DataError(
                f"Expected one picture called {path.name} in {tree.title}.",
                f"There are {len(found)}: {some(found)}.",
                "Write the folder before the name in the table.",
            )
        return found[0] if found else None

    return names.map(one).astype(object)


def require_all(names: pd.Series, paths: pd.Series, title: str, what_to_do: str) -> None:
    """Refuse a table that names pictures which are not there.

    Raises:
        DataError: Says how many, and the first three.
    """
    gone = [str(name) for name in names[paths.isna()]]
    if gone:
        raise DataError(
            f"Expected every picture that the table names in {title}.",
            f"{count(len(gone), 'picture')} of {len(names):,} "
            f"{'is' if len(gone) == 1 else 'are'} not there: {some(gone)}.",
            what_to_do,
        )
