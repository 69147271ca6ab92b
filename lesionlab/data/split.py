"""Training, validation and test parts: seeded, stratified by class, and never a group in two."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import BaseModel, Field, model_validator

from lesionlab.data.dealing import Kinds, deal, kinds_of
from lesionlab.data.given_parts import (
    PARTS,
    in_two_parts,
    take_given,
    values_in_two,
)
from lesionlab.data.groups import (
    JOINED_BY,
    Level,
    choose_level,
    group_names,
    numbers_of,
)
from lesionlab.errors import DataError
from lesionlab.files import write_text

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from lesionlab.data.dataset import Dataset


class SplitPlan(BaseModel, frozen=True, extra="forbid"):
    """How pictures are dealt out.

    Attributes:
        train: Fraction for learning; likewise `validation` and `test`. They sum to 1.
        group_by: Pictures of one patient (or lesion) stay in one part. `auto` takes patient where
            it is known, else lesion, else image.
        seed: Another seed, another split.
        given: Take the parts that the data set came with. Only a validation part that it lacks is
            dealt out, of whole groups of its training part; `test` then counts for nothing.
    """

    train: float = Field(0.65, gt=0, lt=1)
    validation: float = Field(0.20, gt=0, lt=1)
    test: float = Field(0.15, ge=0, lt=1)
    group_by: Literal["auto", "patient", "lesion", "image"] = "auto"
    seed: int = Field(0, ge=0, lt=2**31)
    given: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if abs(self.train + self.validation + self.test - 1) > 1e-6:
            raise ValueError("train, validation and test must sum to 1")
        return self


@dataclass(frozen=True, eq=False)
class Split:
    """Which picture is in which part; a byte a picture, so that many can be kept.

    Attributes:
        codes: The part of each row of the table, positions in `PARTS`, int8 `(n,)`.
        grouped_by: What was kept together: `patient`, `lesion` or `image`.
        sentence: The grouping in words, with how much of it is known.
        in_two: Of patients, lesions and repeated pictures, how many are in two parts because the
            data set was published so; empty for a split that was dealt out here.
    """

    codes: np.ndarray
    grouped_by: Level
    sentence: str
    in_two: dict[str, int] = field(default_factory=dict)

    @property
    def parts(self) -> np.ndarray:
        """`train`, `validation` or `test` for each row of the table, `(n,)`."""
        return np.array(PARTS)[self.codes]

    def rows(self, part: str) -> np.ndarray:
        """The row numbers of one part, in order, int `(k,)`."""
        return np.flatnonzero(self.codes == PARTS.index(part))


def split_dataset(dataset: Dataset, plan: SplitPlan) -> Split:
    """Deal the pictures out, whole groups at a time, each class close to the plan's fractions.

    Args:
        dataset: With the column `label`, as `for_classes` gives it; else its diagnoses are taken.

    Raises:
        DataError: A class has too few groups for every part to get one, or the grouping or the
            published parts that were asked for are not known.
    """
    table = dataset.table
    level = choose_level(table, plan.group_by)
    classes, labels = class_numbers(table)
    rng = np.random.default_rng(plan.seed)
    if plan.given:
        return _given(dataset, plan, level, classes, labels, rng)
    groups = dataset.groups(level)
    kinds = kinds_of(groups, labels, len(classes))
    wanted = {"train": plan.train, "validation": plan.validation, "test": plan.test}
    used = np.array([k for k, name in enumerate(PARTS) if wanted[name] > 0], dtype=np.int8)
    _check_enough(kinds, classes, len(used), level)
    dealt = deal(kinds, np.array([wanted[PARTS[k]] for k in used]), rng)
    codes = used[dealt[groups]]
    for part in used:
        there = np.bincount(labels[codes == part], minlength=len(classes))
        for code in np.flatnonzero(there == 0):
            raise _too_few(classes[code], f"no {level} left for the {PARTS[part]} part", level)
    _prove(table, level, codes)
    return Split(codes, level, _sentence(table, level, len(kinds.of_group)))


def class_numbers(table: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """The classes of a table in the order of the alphabet, and the place of each row's among them.

    By the label where there is one, else by the diagnosis; int `(n,)`.
    """
    import pandas as pd

    column = table["label"] if "label" in table else table["diagnosis"]
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, names = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, names = pd.factorize(column)
    # Categories may be left over from rows that are gone.
    used = np.flatnonzero(np.bincount(codes, minlength=len(names)))
    order = sorted(used.tolist(), key=lambda code: str(names[code]))
    place = np.zeros(len(names), dtype=np.int64)
    place[order] = np.arange(len(order))
    return [str(names[code]) for code in order], place[codes]


def _prove(table: pd.DataFrame, level: Level, codes: np.ndarray) -> None:
    """The proof that a split owes, from the table alone: what joins pictures is in one part."""
    for column in JOINED_BY[level]:
        if column in table and len(values_in_two(numbers_of(table[column]), codes)):
            raise RuntimeError(f"A {column} is in two parts: the split is wrong.")


def _given(
    dataset: Dataset,
    plan: SplitPlan,
    level: Level,
    classes: list[str],
    labels: np.ndarray,
    rng: np.random.Generator,
) -> Split:
    share = plan.validation / (plan.train + plan.validation)
    table = dataset.table
    # Repeated pictures stay together even where no lesion is known.
    groups = dataset.groups("patient" if level == "patient" else "lesion")
    codes, said = take_given(table, labels, classes, groups, share, rng)
    in_two = {thing: number for thing, number in in_two_parts(table, codes).items() if number}
    if in_two:
        things = " and ".join(
            f"{number:,} {thing}{'' if number == 1 else 's'}" for thing, number in in_two.items()
        )
        said.append(f"They were published with {things} in two parts.")
    return Split(codes, level, " ".join(said), in_two)


def _check_enough(kinds: Kinds, classes: list[str], num_parts: int, level: Level) -> None:
    for code, num_groups, images in zip(
        classes, kinds.groups_with.tolist(), kinds.pictures_of.tolist(), strict=True
    ):
        if num_groups < num_parts:
            received = f"{num_groups} {level}{'' if num_groups == 1 else 's'}"
            if level != "image":
                received += f" ({images} picture{'' if images == 1 else 's'})"
            raise _too_few(code, received, level, num_parts)


def _too_few(code: str, received: str, level: Level, num_parts: int = 3) -> DataError:
    return DataError(
        f"Every class needs at least {num_parts} {level}s, so that each part gets one.",
        f"The class {code.upper()} has {received}.",
        "Add pictures of it, choose a class set without it, raise the cap per class"
        + (", or keep nothing together (split by image)." if level != "image" else "."),
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
    groups = dataset.groups(level or split.grouped_by)
    return len(values_in_two(groups, split.codes))


def part_counts(dataset: Dataset, split: Split) -> pd.DataFrame:
    """How many pictures of each class are in each part: a row a class, a column a part."""
    import pandas as pd

    classes, labels = class_numbers(dataset.table)
    numbers = np.bincount(labels * len(PARTS) + split.codes, minlength=len(classes) * len(PARTS))
    return pd.DataFrame(
        numbers.reshape(-1, len(PARTS)), index=pd.Index(classes, name="label"), columns=list(PARTS)
    )


def write_split(path: Path, dataset: Dataset, split: Split) -> None:
    """Write split.csv, a row an image in table order.

    Its columns are `image_id, path, label, group, part` and `bytes`, the length of the file.
    """
    write_text(path, split_csv(dataset, split))


def split_csv(dataset: Dataset, split: Split) -> str:
    """The text that `write_split` writes."""
    table = dataset.table
    level = split.grouped_by
    rows = table[["image_id", "path"]].assign(
        label=table["label"] if "label" in table else table["diagnosis"],
        group=group_names(table, level, dataset.groups(level)),
        part=split.parts,
        bytes=dataset.file_sizes(),
    )
    return str(rows.to_csv(index=False))


def read_split(path: Path) -> pd.DataFrame:
    """The table that `write_split` wrote, all columns as text; older ones have no `bytes`.

    Raises:
        DataError: There is no such file, or it is another one.
    """
    import pandas as pd

    columns = ["image_id", "path", "label", "group", "part"]
    try:
        table = pd.read_csv(io.BytesIO(path.read_bytes()), dtype=str, keep_default_na=False)
        return table[[*columns, *(["bytes"] if "bytes" in table else [])]]
    except (FileNotFoundError, KeyError, ValueError) as error:
        raise DataError(
            f"Expected a split with the columns {', '.join(columns)}.",
            f"{path} has none.",
            "Run the training again.",
        ) from error
