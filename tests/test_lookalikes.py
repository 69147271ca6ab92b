"""Pairs of pictures that look alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lesionlab.data import lookalikes
from lesionlab.data.lookalikes import MOST_BITS, find_lookalikes, rank_pairs


def random_hashes(rng: np.random.Generator, count: int) -> np.ndarray:
    return rng.integers(0, 2**64, (count, 4), dtype=np.uint64)


def flipped(row: np.ndarray, bits: np.ndarray | list[int]) -> np.ndarray:
    spread = np.unpackbits(row.view(np.uint8))
    spread[bits] ^= 1
    return np.packbits(spread).view(np.uint64)


def everything(count: int) -> np.ndarray:
    return np.ones(count, bool)


def test_a_pair_with_three_bits_apart(rng: np.random.Generator) -> None:
    hashes = random_hashes(rng, 50)
    hashes[40] = flipped(hashes[7], [0, 100, 255])
    found = find_lookalikes(hashes, everything(50))
    assert found.first.tolist() == [7]
    assert found.second.tolist() == [40]
    assert found.bits.tolist() == [3]
    assert found.complete_to == MOST_BITS
    assert found.num_compared == 50


def test_same_pairs_as_comparing_each_with_each(rng: np.random.Generator) -> None:
    # Pairs up to and beyond the limit, the differing bits spread in any way.
    hashes = random_hashes(rng, 800)
    for k in range(300):
        bits = rng.choice(256, rng.integers(0, 60), replace=False)
        hashes[400 + k] = flipped(hashes[k // 2], bits)
    apart = np.bitwise_count(hashes[:, None] ^ hashes[None]).sum(axis=2)
    rows, columns = np.nonzero(np.triu(apart <= MOST_BITS, 1))
    found = find_lookalikes(hashes, everything(800))
    assert len(rows) > 100
    assert set(zip(found.first, found.second, strict=True)) == set(zip(rows, columns, strict=True))
    assert np.array_equal(found.bits, apart[found.first, found.second])
    assert np.all(np.diff(found.bits) >= 0)


def test_pictures_without_a_hash_are_left_out(rng: np.random.Generator) -> None:
    hashes = random_hashes(rng, 6)
    hashes[[2, 3, 5]] = hashes[0]
    known = np.array([True, True, True, False, True, True])
    found = find_lookalikes(hashes, known)
    pairs = set(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert pairs == {(0, 2), (0, 5), (2, 5)}
    assert len(find_lookalikes(hashes, np.zeros(6, bool)).bits) == 0


def test_ten_thousand_empty_pictures_are_bounded() -> None:
    found = find_lookalikes(np.zeros((10_000, 4), np.uint64), everything(10_000))
    # Eight of them, each with each: 8 * 7 / 2.
    assert len(found.bits) == 28


def test_too_many_comparisons_look_less_far(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = random_hashes(rng, 3000)
    hashes[1] = hashes[0]
    monkeypatch.setattr(lookalikes, "MOST_COMPARED", 1000)
    found = find_lookalikes(hashes, everything(3000))
    # With words of 18 bits, about 14 * 3000² / 2 / 2**18 = 240 pairs share a word as it is, and
    # 19 times as many one with a bit flipped.
    assert found.complete_to == 13
    assert (0, 1) in set(zip(found.first, found.second, strict=True))


def test_a_set_too_large_is_not_searched(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookalikes, "MOST_SEARCHED", 9)
    found = find_lookalikes(random_hashes(rng, 10), everything(10))
    assert (found.complete_to, found.num_compared, len(found.bits)) == (-1, 10, 0)


def test_leaks_come_first() -> None:
    table = pd.DataFrame(
        {
            "diagnosis": pd.Series(["nv", "nv", "mel", "nv", "nv"], dtype="category"),
            "lesion_id": ["a", "a", "b", None, "c"],
        }
    )
    found = lookalikes.Lookalikes(
        first=np.array([0, 0, 0, 0]),
        second=np.array([1, 3, 4, 2]),
        bits=np.array([0, 4, 8, 40]),
        complete_to=41,
        num_compared=5,
    )
    pairs = rank_pairs(found, table, 40)
    assert pairs["second"].tolist() == [2, 4, 3, 1]
    assert pairs["diagnoses"].tolist() == ["different", "same", "same", "same"]
    assert pairs["lesions"].tolist() == ["different", "different", "unknown", "same"]
    assert rank_pairs(found, table, 4)["second"].tolist() == [3, 1]
    assert len(rank_pairs(found, table, -1)) == 0
