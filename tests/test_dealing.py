"""Groups dealt into parts: the same turns as one by one, and each class close to its share."""

from __future__ import annotations

import numpy as np
import pytest
from pace import at_most

from lesionlab.data.dealing import Kinds, kinds_of
from lesionlab.data.dealing import deal as deal_kinds

SHARES = np.array([0.65, 0.20, 0.15])


def kinds(counts: np.ndarray) -> Kinds:
    group, label = np.nonzero(counts)
    number = counts[group, label]
    return kinds_of(np.repeat(group, number), np.repeat(label, number), counts.shape[1])


def deal(counts: np.ndarray, fractions: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return deal_kinds(kinds(counts), fractions, rng)


def one_by_one(counts: np.ndarray, fractions: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The method without its short cut, for groups of one class each."""
    size = counts.sum(axis=1)
    shuffled = rng.permutation(len(counts))
    ascending = shuffled[np.argsort(size[shuffled], kind="stable")]
    dealt = np.full(len(counts), -1)
    have = np.zeros((len(fractions), counts.shape[1]))
    wanted = fractions[:, None] * counts.sum(axis=0)
    for one_class in np.argsort((counts > 0).sum(axis=0), kind="stable"):
        mine = ascending[counts[ascending, one_class] > 0]
        for part, group in zip(np.argsort(fractions, kind="stable"), mine, strict=False):
            dealt[group] = part
            have[part] += counts[group]
    for group in ascending[::-1]:
        if dealt[group] < 0:
            there = np.flatnonzero(counts[group])
            new = counts[group, there]
            part = np.argmin((have[:, there] + new / 2) / wanted[:, there] @ new)
            dealt[group] = part
            have[part] += counts[group]
    return dealt


def test_kinds_by_hand() -> None:
    # Two groups of two b each, and one of an a and a c.
    found = kinds_of(np.array([0, 0, 1, 2, 2, 1]), np.array([1, 1, 0, 1, 1, 2]), 3)
    assert found.of_group[0] == found.of_group[2] != found.of_group[1]
    assert found.counts[found.of_group].tolist() == [[0, 2, 0], [1, 0, 1], [0, 2, 0]]
    assert found.groups_with.tolist() == [1, 2, 1]
    assert found.pictures_of.tolist() == [1, 4, 1]


def test_kinds_that_are_too_long_for_one_number(rng: np.random.Generator) -> None:
    counts = rng.integers(0, 3, (50, 40))
    found = kinds(counts)
    assert (found.counts[found.of_group] == counts).all()


@pytest.mark.parametrize("seed", range(6))
def test_dealt_together_as_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = np.zeros((500, 4), dtype=np.int64)
    counts[np.arange(500), rng.choice(4, 500, p=[0.7, 0.2, 0.07, 0.03])] = rng.geometric(0.5, 500)
    ours = deal(counts, SHARES, np.random.default_rng(seed))
    assert ours.tolist() == one_by_one(counts, SHARES, np.random.default_rng(seed)).tolist()


def test_seven_equal_groups_by_hand() -> None:
    # One to each; then (have + 1/2) / wanted for wanted 3.5, 1.75, 1.75:
    # .43 .86 .86 -> 0; .71 .86 .86 -> 0; 1.0 .86 .86 -> 1; 1.0 1.43 .86 -> 2.
    dealt = deal(np.ones((7, 1), int), np.array([0.5, 0.25, 0.25]), np.random.default_rng(0))
    assert np.bincount(dealt).tolist() == [3, 2, 2]


def test_groups_of_many_classes_stay_close_to_the_shares(rng: np.random.Generator) -> None:
    counts = rng.poisson([2.0, 0.6, 0.1], (3000, 3))
    counts = counts[counts.sum(axis=1) > 0]
    dealt = deal(counts, SHARES, np.random.default_rng(0))
    got = np.stack([counts[dealt == part].sum(axis=0) for part in range(3)])
    assert np.abs(got / counts.sum(axis=0) - SHARES[:, None]).max() < 0.005


def test_many_classes_do_not_run_over() -> None:
    counts = np.full((40, 30), 1000)
    dealt = deal(counts, np.array([0.5, 0.5]), np.random.default_rng(0))
    assert np.bincount(dealt).tolist() == [20, 20]


def test_a_million_groups() -> None:
    rng = np.random.default_rng(0)
    counts = np.zeros((1_000_000, 9), dtype=np.int64)
    counts[np.arange(len(counts)), rng.integers(0, 9, len(counts))] = rng.geometric(0.7, 1_000_000)
    with at_most(4):  # one by one takes more than twenty
        dealt = deal(counts, SHARES, rng)
    assert np.abs(np.bincount(dealt) / len(counts) - SHARES).max() < 0.01
