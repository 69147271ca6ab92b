"""The parts that a data set came with, taken as its publisher dealt them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lesionlab.data.dealing import deal, kinds_of
from lesionlab.data.groups import numbers_of
from lesionlab.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

GIVEN = "given_part"
PARTS = ("train", "validation", "test")
TRAIN, VALIDATION, TEST = range(3)
# What may be in two parts, and the column that tells.
THINGS = {"patient": "patient_id", "lesion": "lesion_id", "repeated picture": "sha256"}


def has_given_parts(table: pd.DataFrame) -> bool:
    """Whether the table says of any picture in which part it was published."""
    return GIVEN in table and bool(table[GIVEN].notna().any())


def given_codes(table: pd.DataFrame) -> np.ndarray:
    """The published part of each picture, positions in `PARTS`, -1 without one, int8 `(n,)`.

    Raises:
        DataError: No picture has one, or none is for training.
    """
    codes = np.full(len(table), -1, dtype=np.int8)
    if GIVEN in table:
        words = table[GIVEN].to_numpy(dtype=object)
        for code, part in enumerate(PARTS):
            codes[words == part] = code
    if not (codes == TRAIN).any():
        raise DataError(
            "Expected a data set that came with a training part of its own.",
            "It says of no picture that it is for training.",
            "Let the parts be dealt out here instead.",
        )
    return codes


def take_given(
    table: pd.DataFrame,
    labels: np.ndarray,
    classes: list[str],
    groups: np.ndarray,
    share: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, list[str]]:
    """The part of each picture as it was published.

    A picture without a part goes where its group is, else into training. Where no part is for
    validation, whole groups of the training part are set aside for it.

    Args:
        labels: Class numbers `(n,)`, positions in `classes`.
        groups: Which pictures belong together, `(n,)`.
        share: How much of the training part validation gets, where it has to be dealt out.

    Returns:
        Positions in `PARTS`, int8 `(n,)`, and sentences on what was done.

    Raises:
        DataError: No parts were published, or training lacks a class.
    """
    codes = given_codes(table)
    said = ["The parts are as the data set gives them."]
    without = np.flatnonzero(codes < 0)
    if len(without):
        known = np.flatnonzero(codes >= 0)
        of_group = np.full(groups.max() + 1, TRAIN, dtype=np.int8)
        of_group[groups[known[::-1]]] = codes[known[::-1]]
        codes[without] = of_group[groups[without]]
        said.append(
            f"{len(without):,} pictures came without a part: they went where the others of their "
            "group are, else into training."
        )
    if not (codes == VALIDATION).any():
        aside = _validation(codes, labels, len(classes), groups, share, rng)
        codes[aside] = VALIDATION
        said.append(
            f"It has no validation part, so {len(aside):,} training pictures were set aside for "
            "it, whole groups at a time."
        )
    for code, part in enumerate(PARTS):
        there = np.bincount(labels[codes == code], minlength=len(classes)) > 0
        missing = ", ".join(
            name.upper() for name, is_there in zip(classes, there, strict=True) if not is_there
        )
        if missing and code == TRAIN:
            raise DataError(
                "Expected training pictures of every class.",
                f"The training part that was published has none of {missing}.",
                "Choose a class set without it, or let the parts be dealt out here instead.",
            )
        if missing and there.any():
            said.append(f"The {part} part has no picture of {missing}.")
    if not (codes == TEST).any():
        said.append("It has no test part.")
    return codes, said


def _validation(
    codes: np.ndarray,
    labels: np.ndarray,
    num_classes: int,
    groups: np.ndarray,
    share: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Rows of training to set aside: of groups that are in no other part, int `(k,)`."""
    elsewhere = np.zeros(groups.max() + 1, dtype=bool)
    elsewhere[groups[codes != TRAIN]] = True
    rows = np.flatnonzero(~elsewhere[groups])
    # A class with one group only keeps it for training.
    number = np.unique(groups[rows], return_inverse=True)[1]
    kinds = kinds_of(number, labels[rows], num_classes)
    single = kinds.counts[:, kinds.groups_with == 1].any(axis=1)
    rows = rows[~np.isin(kinds.of_group[number], np.flatnonzero(single))]
    if not len(rows):
        raise DataError(
            "Expected enough training pictures to set some aside for validation.",
            "No class has two groups of them.",
            "Let the parts be dealt out here instead.",
        )
    number = np.unique(groups[rows], return_inverse=True)[1]
    mine, labels_there = np.unique(labels[rows], return_inverse=True)
    kinds = kinds_of(number, labels_there, len(mine))
    dealt = deal(kinds, np.array([1 - share, share]), rng)
    return rows[dealt[number] == 1]


def in_two_parts(table: pd.DataFrame, codes: np.ndarray) -> dict[str, int]:
    """How many patients, lesions and repeated pictures are in more than one part.

    Args:
        codes: The part of each row, `(n,)`.

    Returns:
        The number of each that the table knows, keys of `THINGS`.
    """
    found = {}
    for thing, column in THINGS.items():
        if column in table and bool(table[column].notna().any()):
            found[thing] = len(values_in_two(numbers_of(table[column]), codes))
    return found


def values_in_two(numbers: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Which numbers stand in rows of more than one part; -1 is left out; sorted."""
    known = np.flatnonzero(numbers >= 0)
    mine, parts = numbers[known], codes[known]
    first = np.zeros(mine.max(initial=-1) + 1, dtype=codes.dtype)
    first[mine] = parts
    return np.unique(mine[parts != first[mine]])
