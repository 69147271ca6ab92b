"""Pictures that look alike: pairs whose perceptual hashes differ in few bits.

Two pictures of one lesion in different parts give a test away; two that nobody knows to be of one
lesion do so unseen. Looked at on the 10,015 pictures of HAM10000: with hashes of 64 bits, 40 of the
107 pairs that differ in at most 2 bits were of different lesions, most of them any dark spot in the
middle beside another. With 256 bits, 136 of the 141 pairs that differ in at most 40 are of one
lesion; of those that differ in 41 to 64 bits, 485 of 541 are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

NUM_BITS = 256
# What pages start from, and the most that is looked for.
USUAL_BITS, MOST_BITS = 40, 41
# Words of 18 and 19 bits.
NUM_WORDS = 14
# More than so many comparisons take longer than a reader waits: then less far is looked.
MOST_COMPARED = 10_000_000
# Sets beyond this are not searched at all: the index alone would fill the memory.
MOST_SEARCHED = 300_000
# So many of one hash are compared; a set of empty pictures would be alike throughout.
MOST_EQUAL = 8
MOST_PAIRS = 20_000
PIECE = 250_000
# Which bits make a word together. Neighbours among the frequencies go together in real pictures,
# and words of far-apart bits have fewer chance meetings.
SHUFFLED = np.random.default_rng(0).permutation(NUM_BITS)


@dataclass(frozen=True, eq=False)
class Lookalikes:
    """Pairs of pictures that look alike, the most alike first.

    Attributes:
        first: Row numbers in the table, int64 `(m,)`; `second` is the other of each pair, further
            down in the table.
        bits: In how many of the 256 bits they differ, int64 `(m,)`, at most `MOST_BITS`.
        complete_to: All pairs that differ in at most so many bits are among them; -1 when the set
            is too large to compare.
        num_compared: How many pictures have a hash.
    """

    first: np.ndarray
    second: np.ndarray
    bits: np.ndarray
    complete_to: int
    num_compared: int


def find_lookalikes(hashes: np.ndarray, known: np.ndarray) -> Lookalikes:
    """Find all pairs that differ in few bits, by multi-index hashing.

    Cut two hashes into 14 words: if they differ in at most 41 bits, some word differs in at most 2
    (in at most 27: 1; in at most 13: 0). So only pictures that share such a word are compared.
    After Norouzi, Punjani and Fleet (2012), "Fast search in Hamming space with multi-index
    hashing", CVPR. How far is looked depends on how many comparisons that takes.

    Args:
        hashes: uint64 `(n, 4)`. known: Where there is one, bool `(n,)`.
    """
    if int(known.sum()) > MOST_SEARCHED:
        none = np.empty(0, np.int64)
        return Lookalikes(none, none, none, -1, int(known.sum()))
    rows = _few_of_each(hashes, np.flatnonzero(known))
    hashes = np.ascontiguousarray(hashes[rows])
    indexes = [_Index(word, num_bits) for word, num_bits in _words(hashes)]
    found = [np.empty((3, 0), np.int64)]
    compared, radius = 0, -1
    while radius < 2 and compared <= MOST_COMPARED:
        for index in indexes:
            for one, two in index.meetings(radius + 1):
                found.append(_compare(hashes, one, two))
                compared += len(one)
            if compared > MOST_COMPARED:
                break
        else:
            radius += 1
    first, second, apart = np.concatenate(found, axis=1)
    # A pair may share several words.
    _, kept = np.unique(first * len(rows) + second, return_index=True)
    kept = kept[np.argsort(apart[kept], kind="stable")]
    complete_to = NUM_WORDS * (radius + 1) - 1
    if len(kept) > MOST_PAIRS:
        complete_to = min(complete_to, int(apart[kept[MOST_PAIRS]]) - 1)
        kept = kept[:MOST_PAIRS]
    return Lookalikes(
        rows[first[kept]], rows[second[kept]], apart[kept], complete_to, int(known.sum())
    )


def _few_of_each(hashes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Of the rows of one hash the first `MOST_EQUAL`."""
    if not len(rows):
        return rows
    _, group = np.unique(hashes[rows], axis=0, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    rank = np.arange(len(rows)) - np.repeat(starts, np.diff(starts, append=len(rows)))
    return rows[np.sort(order[rank < MOST_EQUAL])]


def _words(hashes: np.ndarray) -> list[tuple[np.ndarray, int]]:
    """The hashes cut into words, int32 `(n,)` each, with their number of bits."""
    bits = np.unpackbits(hashes.view(np.uint8), axis=1)[:, SHUFFLED]
    parts = np.array_split(bits, NUM_WORDS, axis=1)
    # float32 holds 24 bits exactly, and multiplies faster than whole numbers do.
    values = [
        part.astype(np.float32) @ (2.0 ** np.arange(part.shape[1])).astype(np.float32)
        for part in parts
    ]
    widths = [part.shape[1] for part in parts]
    return [(word.astype(np.int32), width) for word, width in zip(values, widths, strict=True)]


class _Index:
    """Where each value of one word stands.

    Attributes:
        word: int32 `(n,)`.
        counts: How many rows have each value, int32 `(values,)`.
    """

    def __init__(self, word: np.ndarray, num_bits: int) -> None:
        self.word = word
        self.num_bits = num_bits
        self.counts = np.bincount(word, minlength=1 << num_bits).astype(np.int32)
        self._present = self.counts > 0
        # Half as wide as NumPy's own numbers of places: the search is bound by memory.
        self._order = np.argsort(word).astype(np.int32)
        self._starts = np.cumsum(self.counts, dtype=np.int32) - self.counts

    def meetings(self, radius: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Pairs of rows whose words differ in exactly `radius` bits, 0 to 2, in large pieces."""
        single = [1 << bit for bit in range(self.num_bits)]
        double = {one: [one | two for two in single[:k]] for k, one in enumerate(single)}
        flips = [{0: [0]}, {one: [one] for one in single}, double][radius]
        ordered = self.word[self._order].astype(np.intp)
        pieces, size = [], 0
        for high, masks in flips.items():
            # Each pair would be met from both sides: take the word without the highest bit.
            here = np.flatnonzero(ordered & high == 0)
            side, words = self._order[here], ordered[here]
            for mask in masks:
                other = words ^ mask
                # Most values have no row: a table of yes and no stays in the processor's cache.
                there = np.flatnonzero(self._present.take(other, mode="clip"))
                other = other[there]
                many, starts = self.counts[other], self._starts[other]
                if not mask:
                    # Among equal words, those that come later.
                    later = np.arange(1, len(side) + 1, dtype=np.int32)
                    starts, many = later, starts + many - later
                pieces.append((side[there], starts, many))
                size += int(many.sum())
                if size > PIECE:
                    yield self._spread(pieces)
                    pieces, size = [], 0
        if pieces:
            yield self._spread(pieces)

    def _spread(
        self, pieces: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Each row with each of the `many` rows that stand from `starts` on."""
        sides, starts, many = (np.concatenate([p[k] for p in pieces]) for k in range(3))
        ends = np.cumsum(many, dtype=np.int32)
        places = np.arange(ends[-1] if len(ends) else 0, dtype=np.int32)
        places += np.repeat(starts - ends + many, many)
        return np.repeat(sides, many), self._order[places]


def _compare(hashes: np.ndarray, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """The pairs among those given that differ in few bits: both rows in order and the bits."""
    # Half of the bits tell most pairs apart; taken whole rows at a time.
    half = np.ascontiguousarray(hashes[:, 2:])
    near = np.flatnonzero(_apart(half.take(one, axis=0), half.take(two, axis=0)) <= MOST_BITS)
    one, two = one[near], two[near]
    first, second = np.minimum(one, two), np.maximum(one, two)
    apart = _apart(hashes[first], hashes[second])
    return np.stack([first, second, apart])[:, (apart <= MOST_BITS) & (first < second)]


def _apart(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    # Added column by column: a sum along so short an axis takes five times as long.
    bits = np.bitwise_count(one ^ two)
    return np.add.reduce([bits[:, k] for k in range(bits.shape[1])], dtype=np.int64)


def rank_pairs(found: Lookalikes, table: pd.DataFrame, most_bits: int) -> pd.DataFrame:
    """The pairs that differ in at most `most_bits`, those that worry most first.

    Returns:
        A row a pair: `first`, `second` (row numbers), `bits`; `diagnoses` and `lesions`: `same`,
            `different`, or `unknown` where the table does not say. Different diagnoses come first,
            then different lesions, then those whose lesion is unknown; the most alike first.
    """
    near = found.bits <= most_bits
    first, second = found.first[near], found.second[near]
    pairs = pd.DataFrame({"first": first, "second": second, "bits": found.bits[near]})
    for name, column in (("diagnoses", "diagnosis"), ("lesions", "lesion_id")):
        one = table[column].iloc[first].to_numpy(dtype=object)
        two = table[column].iloc[second].to_numpy(dtype=object)
        unknown = pd.isna(one) | pd.isna(two)
        same = np.array([a == b for a, b in zip(one[~unknown], two[~unknown], strict=True)], bool)
        said = np.full(len(pairs), "unknown", object)
        said[~unknown] = np.where(same, "same", "different")
        pairs[name] = said
    worry = {"different": 0, "unknown": 1, "same": 2}
    order = np.lexsort(
        (
            pairs["bits"],
            pairs["lesions"].map(worry).to_numpy(),
            (pairs["diagnoses"] != "different").to_numpy(),
        )
    )
    return pairs.iloc[order].reset_index(drop=True)
