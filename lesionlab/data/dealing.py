"""Dealing whole groups of pictures into parts, each class close to the fractions; numbers only."""

from __future__ import annotations

import numpy as np


def count_classes(groups: np.ndarray, labels: np.ndarray, num_classes: int) -> np.ndarray:
    """How many pictures of each class each group has, int `(groups, classes)`."""
    num_groups = int(groups.max(initial=-1)) + 1
    pairs = groups.astype(np.int64) * num_classes + labels
    return np.bincount(pairs, minlength=num_groups * num_classes).reshape(num_groups, num_classes)


def deal(counts: np.ndarray, fractions: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The part of each group.

    First every part gets the smallest group of every class, rarest class first. Then the others
    follow, large ones first, each to the part that is emptiest in the group's classes, counted as
    in Webster's (Sainte-Laguë's) method for dealing out seats: (have + half of the new) / wanted.

    Groups with the same number of pictures of each class are dealt together: what each of them
    would find when its turn comes rises evenly with those that a part has got, so that their turns
    are known beforehand and a million groups take less than a second.

    Args:
        counts: Pictures of each class in each group, int `(groups, classes)`.
        fractions: What each part shall have, above 0, summing to 1, `(parts,)`.

    Returns:
        int8 `(groups,)`, positions in `fractions`.
    """
    size = counts.sum(axis=1)
    shuffled = rng.permutation(len(counts))
    ascending = shuffled[_stable_order(size[shuffled])]
    dealt = np.full(len(counts), -1, dtype=np.int8)
    have = np.zeros((len(fractions), counts.shape[1]))
    wanted = fractions[:, None] * counts.sum(axis=0)[None, :]
    _one_of_each(counts, fractions, ascending, dealt, have)

    rest = ascending[::-1]
    rest = rest[dealt[rest] < 0]
    kinds, first = _kinds(counts, rest)
    together = rest[_stable_order(kinds)]
    ends = np.cumsum(np.bincount(kinds, minlength=len(first)))
    begin = 0
    for new, end in zip(counts[rest[first]], ends, strict=True):
        there = np.flatnonzero(new)
        turns = _turns(have[:, there], new[there], wanted[:, there], int(end - begin))
        dealt[together[begin:end]] = turns
        have[:, there] += np.bincount(turns, minlength=len(fractions))[:, None] * new[there]
        begin = end
    return dealt


def _one_of_each(
    counts: np.ndarray,
    fractions: np.ndarray,
    ascending: np.ndarray,
    dealt: np.ndarray,
    have: np.ndarray,
) -> None:
    """Give every part a group of every class; changes `dealt` and `have`."""
    place = np.empty(len(ascending), dtype=np.int64)
    place[ascending] = np.arange(len(ascending))
    # So many groups at most are dealt here, so no class has to look further for a free one.
    longest = have.size + 1
    for one_class in np.argsort((counts > 0).sum(axis=0), kind="stable"):
        places = place[counts[:, one_class] > 0]
        if len(places) > longest:
            places = np.partition(places, longest)[:longest]
        mine = ascending[np.sort(places)]
        # The smallest part first, since large ones can do with a large group.
        for part in np.argsort(fractions, kind="stable"):
            free = mine[dealt[mine] < 0]
            if have[part, one_class] == 0 and len(free):
                dealt[free[0]] = part
                have[part] += counts[free[0]]


def _turns(have: np.ndarray, new: np.ndarray, wanted: np.ndarray, number: int) -> np.ndarray:
    """The parts that so many equal groups get one after the other, int `(number,)`.

    Args:
        have: Pictures of the group's classes in each part, `(parts, classes)`; likewise `wanted`.
        new: Pictures of each of these classes in one group, `(classes,)`.
    """
    start = (have + new / 2) / wanted @ new
    if number == 1:
        return np.array([np.argmin(start)])
    step = new / wanted @ new
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
            (have[part] + np.arange(most[part])[:, None] * new + new / 2) / wanted[part] @ new
            for part in range(len(start))
        ]
    )
    # Stable: the first of two parts that are equally empty.
    return np.repeat(np.arange(len(start)), most)[np.argsort(before, kind="stable")[:number]]


def _kinds(counts: np.ndarray, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number equal groups of `rest` alike, and tell where in `rest` each kind is seen first."""
    import pandas as pd

    # Places in a number system whose base no count reaches; where that is too long for 64 bits the
    # rows themselves are compared, which takes longer.
    base = int(counts.max(initial=0)) + 1
    if base ** counts.shape[1] < 2**62:
        keys = counts @ (base ** np.arange(counts.shape[1], dtype=np.int64))
    else:
        keys = np.unique(counts, axis=0, return_inverse=True)[1].reshape(-1)
    kinds, found = pd.factorize(keys[rest])
    first = np.zeros(len(found), dtype=np.int64)
    first[kinds[::-1]] = np.arange(len(kinds))[::-1]
    return kinds, first


def _stable_order(numbers: np.ndarray) -> np.ndarray:
    # NumPy sorts 16-bit numbers in linear time.
    small = numbers.max(initial=0) < 2**16
    return np.argsort(numbers.astype(np.uint16) if small else numbers, kind="stable")
