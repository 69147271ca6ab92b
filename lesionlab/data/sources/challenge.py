"""The ISIC challenges' tables: a ground truth with a column a class, and further tables beside it.

Shared by ISIC 2018 (task 3) and ISIC 2019, which differ in names and classes alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from lesionlab.data.sources.columns import Columns, refuse_columns, under_our_names
from lesionlab.data.sources.found import Found, complete, locate, unnamed, without_gone
from lesionlab.data.sources.known import KNOWN
from lesionlab.data.sources.names import NAMES, plain
from lesionlab.data.sources.one_hot import read_one_hot
from lesionlab.data.sources.parts import part_called, with_parts
from lesionlab.data.sources.sheets import read_table
from lesionlab.data.sources.tree import Tree, file_name
from lesionlab.data.sources.words import count, some
from lesionlab.errors import DataError

PARTS = ("training", "validation", "test")
DOWNSAMPLED = "_downsampled"
# What an image's lesion says of where it comes from, by its first letters (as owkin/FLamby does).
ORIGINS = {"HAM_": "ham10000", "BCN_": "bcn20000", "MSK4": "msk"}


@dataclass(frozen=True)
class Challenge:
    """How one year's files are called.

    Attributes:
        kind: Its key in `KNOWN` and `NAMES`.
        truth: Matches the ground truth tables' names, in lower case; the group is the part.
        beside: For a part as it is written, the lower-case names of further tables of it.
        files: What to put there, for a sentence.
    """

    kind: str
    truth: re.Pattern[str]
    beside: tuple[str, ...]
    files: str

    def truths(self, names: list[str]) -> dict[str, str]:
        """For each part, as it is written, the ground truth table that lies least deep."""
        found: dict[str, str] = {}
        for name in sorted(names, key=lambda name: (name.count("/"), name)):
            match = self.truth.fullmatch(file_name(name).lower())
            if match:
                found.setdefault(match[1], name)
        return {part: found[part] for part in PARTS if part in found}


def read_challenge(tree: Tree, challenge: Challenge, columns: Columns) -> Found:
    """The pictures of all parts whose ground truth is there.

    Raises:
        DataError: No ground truth, or one without the challenge's columns, or no pictures.
    """
    facts = KNOWN[challenge.kind]
    refuse_columns(columns, facts.title)
    truths = challenge.truths(list(tree.sizes))
    if not truths:
        raise DataError(
            f"Expected the ground truth table of {facts.title} in {tree.title}.",
            f"It has {count(len(tree.sizes), 'file')} and none called {challenge.files}.",
            f"Put {challenge.files} beside the unpacked folder of pictures.",
        )
    tables, left_out, used = [], [], set()
    for part, name in truths.items():
        table, sentences, named = _read_part(tree, challenge, part, name)
        tables.append(table)
        left_out += sentences
        used |= named
    table = pd.concat(tables, ignore_index=True)
    left_out += unnamed(tree, used, "named by no row of the ground truth")
    return complete(with_parts(table, table.pop("given")), tree, left_out, facts)


def _read_part(
    tree: Tree, challenge: Challenge, part: str, name: str
) -> tuple[pd.DataFrame, list[str], set[object]]:
    """One part's rows, sentences on what is left out, and all files that its rows name."""
    facts = KNOWN[challenge.kind]
    raw = read_table(tree.read(name), name)
    codes = {plain(word): code for word, code in NAMES[challenge.kind].items() if code}
    classes = {column: codes[plain(column)] for column in raw.columns if plain(column) in codes}
    if "image" not in raw.columns or len(classes) < 2:
        raise DataError(
            f"Expected the columns image, {', '.join(NAMES[challenge.kind])} in {name}.",
            f"It has {', '.join(raw.columns[:20])}.",
            "Take the table as it is published.",
        )
    diagnosis, left_out = read_one_hot(raw, classes, raw["image"])
    rest = raw.drop(columns=[*classes, "score_weight", "validation_weight"], errors="ignore")
    rest, sentences = _with_tables_beside(tree, challenge, part, rest)
    left_out += sentences
    paths = locate_downsampled(rest["image"], tree, name)
    table = under_our_names(rest, diagnosis)
    table["path"] = paths[table.index]
    table["given"] = part_called(part)
    if bool(table["source"].isna().all()):
        table["source"] = table["lesion_id"].astype(str).str[:4].map(ORIGINS)
    table, sentences = without_gone(
        table,
        raw.loc[table.index, "image"],
        tree.title,
        f"Unpack the pictures of {facts.title} beside {file_name(name)}.",
    )
    return table, left_out + sentences, set(paths.dropna())


def _with_tables_beside(
    tree: Tree, challenge: Challenge, part: str, rest: pd.DataFrame
) -> tuple[pd.DataFrame, list[str]]:
    """The rows with what the challenge's further tables say of each image."""
    by_name = {file_name(name).lower(): name for name in tree.sizes}
    sentences = []
    for pattern in challenge.beside:
        name = by_name.get(pattern.format(part=part))
        if name is None:
            continue
        beside = read_table(tree.read(name), name)
        if "image" not in beside.columns:
            sentences.append(f"The table {file_name(name)}, which has no column image.")
            continue
        beside = beside.drop_duplicates("image").set_index("image")
        new = [column for column in beside.columns if column not in rest.columns]
        rest = rest.join(beside[new], on="image")
        strangers = [str(image) for image in beside.index[~beside.index.isin(rest["image"])]]
        if strangers:
            sentences.append(
                f"{count(len(strangers), 'row')} of {file_name(name)} without a ground truth: "
                f"{some(strangers)}."
            )
    return rest, sentences


def locate_downsampled(images: pd.Series, tree: Tree, beside: str) -> pd.Series:
    """As `locate`, where `_downsampled` may stand in the table's name, the file's, both or none."""
    paths = locate(images, tree, beside, ids=True)
    gone = images[paths.isna()]
    if not gone.empty:
        ends = gone.str.endswith(DOWNSAMPLED)
        other = gone.str.removesuffix(DOWNSAMPLED).where(ends, gone + DOWNSAMPLED)
        paths = paths.where(
            paths.notna(), locate(other, tree, beside, ids=True).reindex(paths.index)
        )
    return paths
