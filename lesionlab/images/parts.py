"""Several stretches of bytes as one file, without a copy of them."""

from __future__ import annotations

import bisect
import io
import itertools
from collections.abc import Sequence
from typing import Any, BinaryIO

# What a reader is given at a time; byte by byte it would take a step of Python for each.
READ_BYTES = 2**16


def as_one_file(data: bytes, spans: Sequence[tuple[int, int]]) -> BinaryIO:
    """A file to read, of some stretches of `data`, one after the other.

    Args:
        spans: First and end of each, at least one.
    """
    if list(spans) == [(0, len(data))]:
        return io.BytesIO(data)
    view = memoryview(data)
    return io.BufferedReader(Parts([view[first:end] for first, end in spans]), READ_BYTES)


class Parts(io.RawIOBase):
    """The file behind `as_one_file`."""

    def __init__(self, parts: list[memoryview]) -> None:
        """Take the stretches; empty ones are passed over."""
        self._parts = parts
        self._ends = list(itertools.accumulate(map(len, parts)))
        self._place = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, which may lie behind the end; gives it, counted from the beginning."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._ends[-1]}[whence]
        self._place = max(0, start + offset)
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what is left of the stretch at this place; gives how many bytes."""
        number = bisect.bisect_right(self._ends, self._place)
        if number == len(self._parts):
            return 0
        start = self._place - self._ends[number] + len(self._parts[number])
        found = self._parts[number][start : start + len(buffer)]
        buffer[: len(found)] = found
        self._place += len(found)
        return len(found)
