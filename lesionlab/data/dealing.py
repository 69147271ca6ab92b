"""Dealing whole groups of pictures into parts, each class close to the fractions; numbers only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# So few equal groups are dealt sooner one by one.
FEW = 24


@dataclass(frozen=True, eq=False)
class Kinds:
    """Groups that have the same number of pictures of each class are of one kind.

    Attributes:
        of_group: The kind of each group, int `(groups,)`.
        counts: Pictures of each class in a group of each kind, int `(kinds, classes)`.
    """

    of_group: np.ndarray
    counts: np.ndarray

    @property
    def groups_with(self) -> np.ndarray:
        """How many groups have a picture of each class, int `(classes,)`."""
        return np.bincount(self.of_group, minlength=len(self.counts)) @ (self.counts > 0)

    @property
    def pictures_of(self) -> np.ndarray:
        """How many pictures each class has, int `(classes,)`."""
        return np.bincount(self.of_group, minlength=len(self.counts)) @ self.counts


def kinds_of(groups: np.ndarray, labels: np.ndarray, num_classes: int) -> Kinds:
    """Find the kinds of groups.

    Args:
        groups: The group of each picture, numbered from 0 without gaps, `(n,)`.
        labels: The class of each picture, numbered from 0, `(n,)`.
    """
    import pandas as pd

    base = int(np.bincount(groups).max(initial=0)) + 1
    if base**num_classes < 2**53:
        # The counts of a group as digits of one number, which float64 still holds exactly.
        digits = float(base) ** np.arange(num_classes)
        keys = np.bincount(groups, weights=digits[labels])
        kinds, found = pd.factorize(keys)
        counts = found[:, None].astype(np.int64) // base ** np.arange(num_classes) % base
        return Kinds(kinds, counts)
    number = int(groups.max()) + 1
    pairs = groups.astype(np.int64) * num_classes + labels
    table = np.bincount(pairs, minlength=number * num_classes).reshape(number, num_classes)
    counts, kinds = np.unique(table, axis=0, return_inverse=True)
    return Kinds(kinds.reshape(-1), counts)


def deal(kinds: Kinds, fractions: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The part of each group.

    First every part gets the smallest group of every class, rarest class first. Then the others
    follow, large ones first, each to the part that is emptiest in the group's classes, counted as
    in Webster's (Sainte-Laguë's) method for dealing out seats: (have + half of the new) / wanted.

    Groups of one kind are dealt together: what each of them would find when its turn comes rises
    evenly with those that a part has got, so that their turns are known beforehand, and a million
    groups take a fraction of a second.

    Args:
        fractions: What each part shall have, above 0, summing to 1, `(parts,)`.

    Returns:
        int8 `(groups,)`, positions in `fractions`.
    """
    counts = kinds.counts
    size = counts.sum(axis=1)
    # Numbers half as wide, since most of the time goes into fetching them.
    shuffled = rng.permutation(len(kinds.of_group)).astype(np.int32)
    ascending = shuffled[_stable_order(size[kinds.of_group[shuffled]])]
    dealt = np.full(len(shuffled), -1, dtype=np.int8)
    have = np.zeros((len(fractions), counts.shape[1]))
    wanted = fractions[:, None] * kinds.pictures_of
    _one_of_each(kinds, fractions, ascending, dealt, have)

    rest = ascending[::-1]
    rest = rest[dealt[rest] < 0]
    of_rest = kinds.of_group[rest]
    numbers = np.bincount(of_rest, minlength=len(counts))
    together = rest[_stable_order(of_rest)]
    begins = np.cumsum(numbers) - numbers
    # Kinds of equal size in the order of their first group, which the seed has shuffled.
    first = np.full(len(counts), len(rest))
    first[of_rest[::-1]] = np.arange(len(rest))[::-1]
    got, wants = have.tolist(), wanted.tolist()
    turns = np.empty(len(rest), dtype=np.int8)
    for kind in np.argsort(first)[: int((numbers > 0).sum())].tolist():
        begin, number = int(begins[kind]), int(numbers[kind])
        new = [(code, size) for code, size in enumerate(counts[kind].tolist()) if size]
        deal_some = _few_turns if number <= FEW else _turns
        turns[begin : begin + number] = deal_some(got, new, wants, number)
    dealt[together] = turns
    return dealt


def _one_of_each(
    kinds: Kinds,
    fractions: np.ndarray,
    ascending: np.ndarray,
    dealt: np.ndarray,
    have: np.ndarray,
) -> None:
    """Give every part a group of every class; changes `dealt` and `have`."""
    of_group = kinds.of_group[ascending]
    # So many groups at most are dealt here, so no class has to look further for a free one.
    longest = have.size + 1
    for one_class in np.argsort(kinds.groups_with, kind="stable"):
        has_it = kinds.counts[:, one_class] > 0
        mine = ascending[_first_true(has_it, of_group, longest)]
        # The smallest part first, since large ones can do with a large group.
        for part in np.argsort(fractions, kind="stable"):
            free = mine[dealt[mine] < 0]
            if have[part, one_class] == 0 and len(free):
                dealt[free[0]] = part
                have[part] += kinds.counts[kinds.of_group[free[0]]]


def _first_true(has_it: np.ndarray, of_group: np.ndarray, number: int) -> np.ndarray:
    """The first places whose kind has it, at most so many; of a frequent kind soon found."""
    end = 64 * number
    while end < len(of_group):
        places = np.flatnonzero(has_it[of_group[:end]])
        if len(places) >= number:
            return places[:number]
        end *= 16
    return np.flatnonzero(has_it[of_group])[:number]


def _few_turns(
    have: list[list[float]], new: list[tuple[int, int]], wanted: list[list[float]], number: int
) -> list[int]:
    """The parts that so many equal groups get, one after the other; changes `have`.

    Args:
        have: Pictures of each class in each part; likewise `wanted`.
        new: The classes of one group, and how many pictures of each it has.
    """

    def fullness(part: int) -> float:
        mine, want = have[part], wanted[part]
        full = 0.0
        for code, size in new:
            full += (mine[code] + size / 2) / want[code] * size
        return full

    turns = []
    full = [fullness(part) for part in range(len(have))]
    for left in range(number, 0, -1):
        part = full.index(min(full))
        mine = have[part]
        for code, size in new:
            mine[code] += size
        if left > 1:
            full[part] = fullness(part)
        turns.append(part)
    return turns


def _turns(
    have: list[list[float]], new: list[tuple[int, int]], wanted: list[list[float]], number: int
) -> np.ndarray:
    """As `_few_turns`, worked out for all of them together."""
    codes, sizes = (np.array(values) for values in zip(*new, strict=True))
    mine, want = np.array(have)[:, codes], np.array(wanted)[:, codes]
    start = (mine + sizes / 2) / want @ sizes
    step = sizes / want @ sizes
    # A part with so many of them stands at start + taken * step. If groups could be cut, all parts
    # that take some would end at one level; whole ones end at most one step away from it.
    by_start = np.argsort(start)
    for active in range(1, len(start) + 1):
        some = by_start[:active]
        level = (number + (start[some] / step[some]).sum()) / (1 / step[some]).sum()
        if active == len(start) or level <= start[by_start[active]]:
            break
    most = np.clip(np.ceil((level - start) / step) + 2, 0, number).astype(int)
    before = np.concatenate(
        [
            (mine[part] + np.arange(most[part])[:, None] * sizes + sizes / 2) / want[part] @ sizes
            for part in range(len(start))
        ]
    )
    # Stable: the first of two parts that are equally empty.
    turns = np.repeat(np.arange(len(start)), most)[np.argsort(before, kind="stable")[:number]]
    for part, taken in enumerate(np.bincount(turns, minlength=len(start)).tolist()):
        for code, size in new:
            have[part][code] += taken * size
    return turns


def _stable_order(numbers: np.ndarray) -> np.ndarray:
    most = numbers.max(initial=0)
    if most == numbers.min(initial=most):
        return np.arange(len(numbers))
    # NumPy sorts 16-bit numbers in linear time.
    small = most < 2**16
    return np.argsort(numbers.astype(np.uint16) if small else numbers, kind="stable")
