"""What a split by picture would give away: lesions that are learned and then asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lesionlab.data.groups import numbers_of
from lesionlab.data.split import PARTS, Split, SplitPlan, class_numbers, split_dataset

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset


@dataclass(frozen=True, eq=False)
class LeakReport:
    """What would be on both sides, in training and in the part for the mark.

    Attributes:
        thing: What pictures share: a `lesion`, or where no lesion is known, a `repeated picture`.
        asked: The part for the mark: `test`, or `validation` where the plan has no test part.
        num_both: How many lesions (or repeated pictures) are on both sides.
        num_shared: How many have at least two pictures, so that they could be.
        num_patients: How many patients are on both sides, None where no patient is known.
        num_asked: Pictures in the part for the mark.
        num_sisters: How many of them have a sister in training.
        pairs: Rows of a training picture and of its sister in the other part, `(k, 2)`.
    """

    thing: Literal["lesion", "repeated picture"]
    asked: str
    num_both: int
    num_shared: int
    num_patients: int | None
    num_asked: int
    num_sisters: int
    pairs: np.ndarray

    @property
    def share(self) -> float:
        """Which share of the pictures for the mark has a sister in training, 0 to 1."""
        return self.num_sisters / max(1, self.num_asked)


def leak_report(dataset: Dataset, plan: SplitPlan, num_pairs: int = 6) -> LeakReport:
    """Deal the pictures out one by one, with the plan's fractions and seed, and look who is where.

    Args:
        dataset: Labelled, as `for_classes` gives it.
        num_pairs: At most so many pairs to show, of as many classes as there are.

    Raises:
        DataError: A class has too few pictures to be dealt out at all.
    """
    table = dataset.table
    by_image = plan.model_copy(update={"group_by": "image", "given": False})
    codes = split_dataset(dataset, by_image).codes
    asked = "test" if plan.test > 0 else "validation"
    groups = dataset.groups("lesion")
    both, learned, marked = _on_both_sides(groups, codes, asked)
    patients = None
    if bool(table["patient_id"].notna().any()):
        numbers = numbers_of(table["patient_id"])
        known = np.flatnonzero(numbers >= 0)
        patients = int(_on_both_sides(numbers[known], codes[known], asked)[0].sum())
    return LeakReport(
        thing="lesion" if bool(table["lesion_id"].notna().any()) else "repeated picture",
        asked=asked,
        num_both=int(both.sum()),
        num_shared=int((np.bincount(groups) > 1).sum()),
        num_patients=patients,
        num_asked=len(marked),
        num_sisters=int(both[groups[marked]].sum()),
        pairs=_pairs(class_numbers(table)[1], groups, both, learned, marked, plan.seed, num_pairs),
    )


def count_sisters(dataset: Dataset, split: Split, asked: str) -> tuple[int, int]:
    """Of the pictures of a part, how many have a sister in training, and how many there are.

    A sister is another picture of the same lesion, or the same file under another name.
    """
    groups = dataset.groups("lesion")
    both, _, marked = _on_both_sides(groups, split.codes, asked)
    return int(both[groups[marked]].sum()), len(marked)


def _on_both_sides(
    groups: np.ndarray, codes: np.ndarray, asked: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which groups are in training and in `asked`; the rows of training, and those of `asked`."""
    learned = np.flatnonzero(codes == PARTS.index("train"))
    marked = np.flatnonzero(codes == PARTS.index(asked))
    sides = np.zeros((2, groups.max(initial=-1) + 1), dtype=bool)
    sides[0, groups[learned]] = True
    sides[1, groups[marked]] = True
    return sides[0] & sides[1], learned, marked


def _pairs(
    labels: np.ndarray,
    groups: np.ndarray,
    both: np.ndarray,
    learned: np.ndarray,
    marked: np.ndarray,
    seed: int,
    number: int,
) -> np.ndarray:
    """A training row and a row for the mark of some groups, the classes in turn, int `(k, 2)`."""
    rows = np.full((2, len(both)), -1, dtype=np.int64)
    rows[0, groups[learned[::-1]]] = learned[::-1]
    rows[1, groups[marked[::-1]]] = marked[::-1]
    there = np.random.default_rng(seed).permutation(np.flatnonzero(both))
    label = labels[rows[1, there]]
    turn = np.zeros(len(there), dtype=np.int64)
    for code in np.unique(label):
        mine = np.flatnonzero(label == code)
        turn[mine] = np.arange(len(mine))
    return rows[:, there[np.argsort(turn, kind="stable")[:number]]].T


def may_share(name: str, citation: str, drawn: bool, learned: Mapping[str, Any]) -> bool:
    """Whether a data set may hold pictures that a model has learned from.

    Args:
        name: The set's.
        citation: The set's; a set that is made of others cites them, too.
        drawn: Whether the set is drawn: all such sets have one citation, which then says nothing.
        learned: `name` and `citation` of what the model has learned from.
    """
    # A long one was cut off where a model keeps it.
    own, other = (
        " ".join(text.split()).rstrip("…").strip(" .")
        for text in (str(learned.get("citation") or ""), citation)
    )
    cited = bool(own and other) and (own in other or other in own)
    return name == learned.get("name") or (cited and not drawn)
