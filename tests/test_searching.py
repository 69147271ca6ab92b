"""The search for pictures that look alike does not keep a page waiting."""

from __future__ import annotations

import threading
from concurrent import futures

import numpy as np
import pytest
from pace import at_most

from lesionlab.app.data import searching
from lesionlab.data import lookalikes
from lesionlab.data.measures import Measured


def measured(rng: np.random.Generator, count: int) -> Measured:
    """Of so many pictures, of which the last is the first once more."""
    hashes = rng.integers(0, 2**64, (count, 4), dtype=np.uint64)
    hashes[-1] = hashes[0]
    numbers, sizes = np.zeros(count, np.float32), np.ones(count, np.int32)
    return Measured(numbers, numbers, hashes, np.ones(count, bool), sizes, sizes)


def test_few_are_compared_at_once(rng: np.random.Generator) -> None:
    found = searching.lookalikes(measured(rng, 50))
    assert found is not None
    assert (found.first.tolist(), found.second.tolist()) == ([0], [49])


def test_a_long_search_goes_on_beside_and_is_made_once(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    find, asked = lookalikes.find_lookalikes, []

    def slow(hashes: np.ndarray, known: np.ndarray) -> lookalikes.Lookalikes:
        asked.append(len(hashes))
        assert go_on.wait(30)
        return find(hashes, known)

    monkeypatch.setattr(lookalikes, "find_lookalikes", slow)
    monkeypatch.setattr(searching, "AT_ONCE", 10)
    monkeypatch.setattr(searching, "PATIENCE", 0.01)
    measures = measured(rng, 60)
    assert searching.lookalikes(measures) is None
    assert searching.lookalikes(measures) is None
    assert not searching.ready(measures)
    go_on.set()
    futures.wait([searching._begun(measures)], 30)
    assert searching.ready(measures)
    found = searching.lookalikes(measures)
    assert found is not None
    assert found.second.tolist() == [59]
    assert asked == [60]


def test_what_goes_wrong_beside_is_not_lost(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(hashes: np.ndarray, known: np.ndarray) -> lookalikes.Lookalikes:
        raise MemoryError("full")

    monkeypatch.setattr(lookalikes, "find_lookalikes", broken)
    monkeypatch.setattr(searching, "AT_ONCE", 10)
    monkeypatch.setattr(searching, "PATIENCE", 30)
    with pytest.raises(MemoryError, match="full"):
        searching.lookalikes(measured(rng, 60))


def test_a_million_are_refused_at_once(rng: np.random.Generator) -> None:
    with at_most(0.5):
        found = searching.lookalikes(measured(rng, 1_000_000))
        assert found is not None
        assert (found.complete_to, found.num_compared) == (-1, 1_000_000)
