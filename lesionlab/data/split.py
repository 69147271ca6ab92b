"""Training, validation and test parts: seeded, stratified by class, and never a group in two."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import BaseModel, Field, model_validator

from lesionlab.data.groups import Level, choose_level, group_names, group_rows
from lesionlab.errors import DataError
from lesionlab.files import write_text

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from lesionlab.data.dataset import Dataset

PARTS = ("train", "validation", "test")


class SplitPlan(BaseModel, frozen=True, extra="forbid"):
    """How pictures are dealt out.

    Attributes:
        train: Fraction for learning; likewise `validation` and `test`. They sum to 1.
        group_by: Pictures of one patient (or lesion) stay in one part. `auto` takes patient where
            it is known, else lesion, else image.
        seed: Another seed, another split.
    """

    train: float = Field(0.65, gt=0, lt=1)
    validation: float = Field(0.20, gt=0, lt=1)
    test: float = Field(0.15, ge=0, lt=1)
    group_by: Literal["auto", "patient", "lesion", "image"] = "auto"
    seed: int = Field(0, ge=0, lt=2**31)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if abs(self.train + self.validation + self.test - 1) > 1e-6:
            raise ValueError("train, validation and test must sum to 1")
        return self


@dataclass(frozen=True, eq=False)
class Split:
    """Which picture is in which part.

    Attributes:
        parts: `train`, `validation` or `test` for each row of the table, `(n,)`.
        grouped_by: What was kept together: `patient`, `lesion` or `image`.
        groups: The name of each row's group, `(n,)`.
        sentence: The grouping in words, with how much of it is known.
    """

    parts: np.ndarray
    grouped_by: Level
    groups: np.ndarray
    sentence: str

    def rows(self, part: str) -> np.ndarray:
        """The row numbers of one part, in order, int `(k,)`."""
        return np.flatnonzero(self.parts == part)


def split_dataset(dataset: Dataset, plan: SplitPlan) -> Split:
    """Deal the pictures out, whole groups at a time, each class close to the plan's fractions.

    Args:
        dataset: With the column `label`, as `for_classes` gives it; else its diagnoses are taken.

    Raises:
        DataError: A class has too few groups for every part to get one, or the grouping that was
            asked for is not known.
    """
    table = dataset.table
    level = choose_level(table, plan.group_by)
    groups = group_rows(table, level)
    label = table["label"] if "label" in table else table["diagnosis"]
    classes, labels = np.unique(label.to_numpy(dtype=object).astype(str), return_inverse=True)
    # counts[g, c]: how many pictures of class c the group g has.
    counts = np.zeros((groups.max(initial=-1) + 1, len(classes)), dtype=np.int64)
    np.add.at(counts, (groups, labels), 1)
    wanted = {"train": plan.train, "validation": plan.validation, "test": plan.test}
    names = [name for name in PARTS if wanted[name] > 0]
    fractions = np.array([wanted[name] for name in names])
    _check_enough(counts, list(classes), len(names), level)
    dealt = _deal(counts, fractions, np.random.default_rng(plan.seed))
    for part, name in enumerate(names):
        empty = np.flatnonzero(counts[dealt == part].sum(axis=0) == 0)
        if len(empty):
            raise _too_few(classes[empty[0]], f"no {level} left for the {name} part", level)
    split = Split(
        np.array(names)[dealt[groups]],
        level,
        group_names(table, level, groups),
        _sentence(table, level, len(counts)),
    )
    # The proof that the design asks for: worked out anew from the table, on every split.
    if leaks(dataset, split):
        raise RuntimeError(f"A {level} is in two parts: the split is wrong.")
    return split


def _deal(counts: np.ndarray, fractions: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The part of each group, int `(groups,)`.

    First every part gets the smallest group of every class, rarest class first. Then the others
    follow, large ones first, each to the part that is emptiest in the group's classes, counted as
    in Sainte-Laguë's method for dealing out seats: (have + half of the new) / wanted.
    """
    num_parts = len(fractions)
    size = counts.sum(axis=1)
    shuffled = rng.permutation(len(counts))
    ascending = shuffled[np.argsort(size[shuffled], kind="stable")]
    dealt = np.full(len(counts), -1)
    have = np.zeros((num_parts, counts.shape[1]))
    wanted = fractions[:, None] * counts.sum(axis=0)[None, :]

    for one_class in np.argsort((counts > 0).sum(axis=0), kind="stable"):
        mine = ascending[counts[ascending, one_class] > 0]
        # The smallest part first, since large ones can do with a large group.
        for part in np.argsort(fractions, kind="stable"):
            free = mine[dealt[mine] < 0]
            if have[part, one_class] == 0 and len(free):
                dealt[free[0]] = part
                have[part] += counts[free[0]]
    for group in ascending[::-1]:
        if dealt[group] < 0:
            there = np.flatnonzero(counts[group])
            new = counts[group, there]
            fullness = (have[:, there] + new / 2) / wanted[:, there] @ new
            dealt[group] = np.argmin(fullness)
            have[dealt[group]] += counts[group]
    return dealt


def _check_enough(counts: np.ndarray, classes: list[str], num_parts: int, level: Level) -> None:
    for number, code in enumerate(classes):
        num_groups = int((counts[:, number] > 0).sum())
        if num_groups < num_parts:
            images = int(counts[:, number].sum())
            received = f"{num_groups} {level}{'' if num_groups == 1 else 's'}"
            if level != "image":
                received += f" ({images} picture{'' if images == 1 else 's'})"
            raise _too_few(code, received, level, num_parts)


def _too_few(code: str, received: str, level: Level, num_parts: int = 3) -> DataError:
    return DataError(
        f"Every class needs at least {num_parts} {level}s, so that each part gets one.",
        f"The class {code.upper()} has {received}.",
        "Add pictures of it, choose a class set without it, raise the cap per class"
        + (", or set split.group_by=image." if level != "image" else "."),
    )


def _sentence(table: pd.DataFrame, level: Level, num_groups: int) -> str:
    if level == "image":
        return f"Split by image: nothing keeps the {len(table):,} pictures of one lesion together."
    known = int(table[f"{level}_id"].notna().sum())
    text = f"Split by {level}: {num_groups:,} groups, none of them in two parts."
    if known < len(table):
        other = "lesion, else image" if level == "patient" else "image"
        text += (
            f" The {level} is known for {known:,} of {len(table):,} pictures; "
            f"the others go by {other}."
        )
    return text


def leaks(dataset: Dataset, split: Split, level: Level | None = None) -> int:
    """How many groups have pictures in more than one part, worked out from the table.

    Args:
        level: `patient`, `lesion` or `image`; the split's own when None. Asking a split by image
            for lesions shows what such a split gives away.
    """
    groups = group_rows(dataset.table, level or split.grouped_by)
    parts = np.unique(split.parts, return_inverse=True)[1]
    pairs = np.unique(np.stack([groups, parts], axis=1), axis=0)
    return int((np.unique(pairs[:, 0], return_counts=True)[1] > 1).sum())


def write_split(path: Path, dataset: Dataset, split: Split) -> None:
    """Write split.csv: `image_id, path, label, group, part`, a row an image in table order."""
    table = dataset.table
    rows = table[["image_id", "path"]].assign(
        label=table["label"] if "label" in table else table["diagnosis"],
        group=split.groups,
        part=split.parts,
    )
    write_text(path, rows.to_csv(index=False))


def read_split(path: Path) -> pd.DataFrame:
    """The table that `write_split` wrote, all columns as text.

    Raises:
        DataError: There is no such file, or it is another one.
    """
    import pandas as pd

    columns = ["image_id", "path", "label", "group", "part"]
    try:
        table = pd.read_csv(io.BytesIO(path.read_bytes()), dtype=str, keep_default_na=False)
        return table[columns]
    except (FileNotFoundError, KeyError, ValueError) as error:
        raise DataError(
            f"Expected a split with the columns {', '.join(columns)}.",
            f"{path} has none.",
            "Run the training again.",
        ) from error
