"""Good pictures cut off and changed at seeded random: a picture or a sentence, soon, always."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from measured_decoding import BAD_BYTES, BAD_SECONDS, GOOD_BYTES, GOOD_SECONDS, Cost, costs
from whole_pictures import large_pictures, whole_pictures

SEED = 20261121
MANY, A_PROCESS, EACH_LARGE = 5_000, 100, 10
# Numbers at which counters and sizes go wrong.
SPECIAL = [b"\0", b"\xff", b"\x7f", b"\x80", b"\1", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\xff\xff"]
SPECIAL += [b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\x80", b"\x18\x9c", b"\x9c\x18"]


def changed(whole: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """One to six changes: bytes, bits, numbers, things put in, left out, doubled or spliced."""
    data = bytearray(whole)
    for _ in range(rng.integers(1, 7)):
        # Half of the changes hit the first 200 bytes, where headers are.
        reach = len(data) if rng.random() < 0.5 else min(len(data), 200)
        place, length = int(rng.integers(0, max(1, reach))), int(rng.integers(1, 64))
        kind = rng.integers(0, 8)
        if kind == 0:
            data[place : place + 1] = rng.bytes(1)
        elif kind == 1 and place < len(data):
            data[place] ^= 1 << int(rng.integers(0, 8))
        elif kind == 2:
            number = SPECIAL[int(rng.integers(0, len(SPECIAL)))]
            data[place : place + len(number)] = number
        elif kind == 3:
            data[place:place] = rng.bytes(length)
        elif kind == 4:
            del data[place : place + length]
        elif kind == 5:
            data[place:place] = data[place : place + length] * int(rng.integers(1, 40))
        elif kind == 6:
            start = int(rng.integers(0, len(other)))
            data[place : place + length] = other[start : start + length]
        else:
            data[place:] = other[place:]
    return repaired(bytes(data)) if rng.random() < 0.7 else bytes(data)


def repaired(data: bytes) -> bytes:
    """A PNG whose checksums fit what its chunks hold now, without which few changes get far."""
    if not data.startswith(b"\x89PNG"):
        return data
    whole, place = bytearray(data), 8
    while place + 12 <= len(whole):
        end = place + 8 + struct.unpack_from(">I", whole, place)[0]
        if end + 4 > len(whole):
            break
        struct.pack_into(">I", whole, end, zlib.crc32(whole[place + 4 : end]))
        place = end + 4
    return bytes(whole)


def check(cost: Cost) -> None:
    assert not cost.outcome.startswith("RAISED"), cost
    good = cost.outcome == "picture"
    assert cost.seconds < (GOOD_SECONDS if good else BAD_SECONDS), cost
    assert cost.bytes < (GOOD_BYTES if good else BAD_BYTES), cost


def test_the_pictures_are_good_before_they_are_changed(tmp_path: Path) -> None:
    for name, data in whole_pictures().items():
        (tmp_path / name).write_bytes(data)
    for cost in costs(tmp_path):
        assert cost.outcome == "picture", cost
        assert cost.shape == ([32, 48, 3] if cost.name == "tiles.tif" else [30, 40, 3]), cost


def test_cut_off_at_many_places(tmp_path: Path) -> None:
    for name, data in whole_pictures().items():
        for place in np.linspace(0, len(data) - 1, 20).astype(int):
            (tmp_path / f"{name} {place / len(data):.3f}").write_bytes(data[:place])
    refused = 0
    for cost in costs(tmp_path):
        check(cost)
        # Behind the last pixel there may be notes that nobody misses.
        assert cost.refused or float(cost.name.split()[1]) > 0.5, cost
        refused += cost.refused
    assert refused > 20 * 20


@pytest.mark.parametrize("number", [100, pytest.param(MANY, marks=pytest.mark.soak)])
def test_changed_at_random(number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(SEED)
    wholes = list(whole_pictures().items())
    # Large ones take a second each.
    larges = list(large_pictures().items()) if number == MANY else wholes
    found: list[Cost] = []
    for start in range(0, number, A_PROCESS):
        folder = tmp_path / str(start)
        folder.mkdir()
        for k in range(start, min(start + A_PROCESS, number)):
            these = larges if k % EACH_LARGE == 0 else wholes
            name, whole = these[int(rng.integers(0, len(these)))]
            other = wholes[int(rng.integers(0, len(wholes)))][1]
            (folder / f"{k:05d} {name}").write_bytes(changed(whole, other, rng))
        for cost in costs(folder):
            # Such a file stays where pytest says, to be looked at.
            check(cost)
            found.append(cost)
            (folder / cost.name).unlink()
    refused = sum(cost.refused for cost in found)
    assert len(found) == number
    assert number / 4 < refused < number
    if number == MANY:
        with capsys.disabled():
            sys.stdout.write("\n" + table_row(found))


def table_row(found: list[Cost]) -> str:
    """What `make soak` shows; the last one stands in docs/soak.md."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent)
    refused = [cost for cost in found if cost.refused]
    pictures = [cost for cost in found if not cost.refused]
    return (
        "| date | commit | changed files | refused | slowest, most memory of these "
        "| still a picture | slowest, most memory of these |\n|---|---|---|---|---|---|---|\n"
        f"| {datetime.now(UTC).date()} | {commit.stdout.strip()} | {len(found):,} "
        f"| {len(refused):,} | {most(refused)} | {len(pictures):,} | {most(pictures)} |\n"
    )


def most(found: list[Cost]) -> str:
    slowest = max(found, key=lambda cost: cost.seconds)
    largest = max(found, key=lambda cost: cost.bytes)
    return (
        f"{slowest.seconds:.2f} s ({slowest.name[6:]}), "
        f"{largest.bytes / 1e6:.0f} MB ({largest.name[6:]})"
    )
