"""What a source finds: the table under our names, and where each picture can be read."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import pandas as pd

from lesionlab.data.dataset import COLUMNS
from lesionlab.data.sources.known import Facts, recognise
from lesionlab.data.sources.tree import Tree, file_name, folders_of, pictures, stem
from lesionlab.data.sources.words import count, missing, some
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


def complete(
    table: pd.DataFrame, tree: Tree, left_out: Iterable[str], facts: Facts | None = None
) -> Found:
    """A `Found` with every column, an id for each image, and what we know about the set.

    Args:
        table: Has `path` and `diagnosis`, and whatever else is known.
        facts: Of the set that this is; without them it may be recognised by its lesions.

    Raises:
        DataError: No row is left, or a picture of a table that the user can mend stands in it more
            than once with different diagnoses. In a published set both are left out and told.
    """
    sentences = list(left_out)
    conflicts = table.groupby("path", observed=True)["diagnosis"].nunique()
    twice = sorted(str(path) for path in conflicts[conflicts > 1].index)
    if twice and facts is None:
        raise DataError(
            f"Expected one diagnosis for each picture in {tree.title}.",
            f"Two are given for {some(twice)}.",
            "Mend the table.",
        )
    if twice:
        sentences.append(f"{count(len(twice), 'picture')} with two diagnoses: {some(twice)}.")
        table = table[~table["path"].isin(twice)]
    again = table["path"].duplicated()
    if again.any():
        sentences.append(f"{count(int(again.sum()), 'row')} naming a picture a second time.")
    table = table[~again].copy()
    if table.empty:
        raise DataError(
            f"Expected pictures with a diagnosis in {tree.title}.",
            " ".join(sentences) or "There are none.",
            "Check that the whole data set is there.",
        )
    for name in COLUMNS:
        if name not in table:
            table[name] = missing(table.index)
    if "mask" in table:
        known = table["mask"].isin(tree.sizes.keys())
        if gone := int((table["mask"].notna() & ~known).sum()):
            sentences.append(f"{count(gone, 'mask')} named in the table but not there.")
        table["mask"] = table["mask"].where(known)
        if not known.any():
            table = table.drop(columns="mask")
    table["image_id"] = image_ids(table)
    order = [*COLUMNS, *(name for name in table.columns if name not in COLUMNS)]
    table = table[order].reset_index(drop=True)
    facts = facts or recognise(table)
    if facts is None:
        return Found(table, tree, left_out=sentences)
    return Found(table, tree, facts.title, facts.licence, facts.citation, sentences)


def image_ids(table: pd.DataFrame) -> pd.Series:
    """The given ids where each is there and unique, else file names, else whole paths."""
    paths = [str(path) for path in table["path"]]
    stems = [stem(path) for path in paths]
    whole = ["_".join([*folders_of(path), stem(path)]) for path in paths]
    for ids in (table["image_id"], *(pd.Series(ids, table.index) for ids in (stems, whole))):
        if ids.notna().all() and ids.is_unique:
            return ids
    return pd.Series([path.replace("/", "_") for path in paths], index=table.index)


def locate(names: pd.Series, tree: Tree, beside: str, *, ids: bool = False) -> pd.Series:
    """The file of `tree` that each name of a table means; missing where there is none.

    Tried in turn: the path from the table's own folder, the path as written, the file name alone,
    and the name without its ending. Of several files of one name, that which has most of the
    folders written before it, then that which is written alike in upper and lower case.

    Args:
        names: As a table gives them: paths, file names or ids.
        beside: The table's own name in the tree.
        ids: The names are a publisher's ids, so that files of one name and one length are copies
            of one picture (a much used copy of HAM10000 has each of its folders twice).

    Raises:
        DataError: A name without its folder could be several files.
    """
    above = "".join(f"{folder}/" for folder in folders_of(beside))
    short: dict[str, list[str]] = {}
    for picture in pictures(tree):
        for key in {file_name(picture).lower(), stem(picture).lower()}:
            short.setdefault(key, []).append(picture)

    def one(name: object) -> str | None:
        if not isinstance(name, str) or not name.strip():
            return None
        written = name.strip().replace("\\", "/").removeprefix("./")
        for path in (above + written, written):
            if path in tree.sizes:
                return path
        last = file_name(written)
        found = short.get(last.lower()) or short.get(stem(written).lower()) or []
        if len(found) > 1:
            most = max(_folders_alike(file, written) for file in found)
            found = [file for file in found if _folders_alike(file, written) == most]
        for better in (
            lambda file: last in (file_name(file), stem(file)),
            # A mask often has its picture's name and another ending.
            lambda file: "mask" not in file.lower(),
        ):
            if len(found) > 1:
                found = [file for file in found if better(file)] or found
        if ids and len({tree.sizes[file] for file in found}) == 1:
            return found[0]
        if len(found) > 1:
            raise DataError(
                f"Expected one picture called {last} in {tree.title}.",
                f"There are {len(found)}: {some(found)}.",
                "Write the folder before the name in the table.",
            )
        return found[0] if found else None

    return names.map(one).astype(object)


def _folders_alike(name: str, written: str) -> int:
    """How many of the folders directly above a file are written before its name, too."""
    pairs = zip(reversed(folders_of(name)), reversed(folders_of(written)), strict=False)
    number = 0
    for one, other in pairs:
        if one.lower() != other.lower():
            break
        number += 1
    return number


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


def without_gone(
    table: pd.DataFrame, names: pd.Series, title: str, what_to_do: str
) -> tuple[pd.DataFrame, list[str]]:
    """The rows whose picture is there, and a sentence on the others.

    A part of a published set often comes with the whole table, so that this is no mistake.

    Args:
        table: Has the column `path`, missing where there is no file.
        names: How the publisher calls each row's picture.

    Raises:
        DataError: No picture is there.
    """
    there = table["path"].notna()
    gone = [str(name) for name in names[~there]]
    if not bool(there.any()):
        require_all(names, table["path"], title, what_to_do)
    if not gone:
        return table, []
    sentence = f"{count(len(gone), 'picture')} named in the table but not there: {some(gone)}."
    return table[there], [sentence]


def unnamed(tree: Tree, used: Collection[object], reason: str = "named by no row") -> list[str]:
    """Sentences on the pictures that are not in `used`, if there are any."""
    named = set(used)
    known = {(file_name(str(name)).lower(), tree.sizes[str(name)]) for name in named}
    others: dict[str, list[str]] = {"there a second time under the same name": [], reason: []}
    second, strange = others.values()
    for name in pictures(tree):
        if name not in named:
            copy = (file_name(name).lower(), tree.sizes[name]) in known
            (second if copy else strange).append(name)
    return [
        f"{count(len(names), 'picture')} {words}: {some(names)}."
        for words, names in others.items()
        if names
    ]
