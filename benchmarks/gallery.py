"""Thumbnails of a page of the gallery, when nobody has seen them and when somebody has."""

from __future__ import annotations

import os
import time
from pathlib import Path

from benchmarks.pictures import HAM, PHONE, class_folders
from benchmarks.result import Result
from lesionlab.data.thumbnails import thumbnail

A_PAGE = 12
# Any control of the explorer answers within this many seconds of the server's time.
BAR = 1.0


def measure(home: Path) -> list[Result]:
    """Seconds for a page of twelve, one after the other as a rerun makes them."""
    os.environ["LESIONLAB_HOME"] = str(home)
    thumbnail(_page(home / "first", HAM, 1)[0])
    found = []
    for name, size in (("HAM10000's pictures", HAM), ("a phone's pictures", PHONE)):
        paths = _page(home / f"page-{size[0]}", size, A_PAGE)
        note = f"{A_PAGE} JPEGs of {size[0]}×{size[1]}"
        bar = BAR if size == HAM else None
        found.append(Result(f"gallery of {name}, cold", _seconds(paths), "s", bar, note=note))
        found.append(Result(f"gallery of {name}, warm", _seconds(paths), "s", BAR, note=note))
    return found


def _page(folder: Path, size: tuple[int, int], number: int) -> list[Path]:
    return sorted(class_folders(folder, number, size).glob("*/*.jpg"))


def _seconds(paths: list[Path]) -> float:
    begin = time.perf_counter()
    for path in paths:
        thumbnail(path)
    return time.perf_counter() - begin
