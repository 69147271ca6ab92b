"""What can be made again, kept on disk: pixels, thumbnails and measures, within one bound.

Together they take at most LESIONLAB_CACHE_GB; what was used longest ago goes first. What stands for
a data set is known by the set's folder, so that it can go when the set is deleted: a file NAME has
beside it NAME.of with a line for each folder that it was made from, and thumbnails lie in a folder
named after the one of their pictures.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from lesionlab import settings
from lesionlab.errors import disk_errors

BOUNDED = ("pixels", "thumbnails", "measures")
OF = ".of"
PART = ".part"
# A half-written file without a lock is as old as this when nobody can be writing it any more.
LEFT_SECONDS = 3600.0
# Whoever writes many small files looks after so many bytes, and in a thread: it may take seconds.
LOOK_BYTES = 64 * 2**20
# A file in use is made young again no more often than this: thumbnails are read by the hundred.
YOUNG_SECONDS = 60.0


@dataclass(frozen=True)
class Kept:
    """A file of the cache, with when it was used last."""

    used: float
    num_bytes: int
    path: Path


def place(kind: str) -> Path:
    """The folder of one of `BOUNDED`."""
    return settings.current().cache / kind


def note_origin(path: Path, folder: Path) -> None:
    """Write down that a file of the cache was made from the pictures in a data set's folder.

    Where that cannot be written the file stays until it is the oldest.
    """
    line = f"{folder.resolve()}\n"
    if line not in _origins(path):
        with suppress(OSError), _beside(path).open("a", encoding="utf-8") as file:
            file.write(line)


def mark_used(path: Path) -> None:
    """Make a file young again that is read now."""
    with suppress(OSError):
        if time.time() - path.stat().st_mtime > YOUNG_SECONDS:
            os.utime(path)


def thumbnails_of(folder: Path) -> Path:
    """Where thumbnails of the pictures in a folder lie."""
    return place("thumbnails") / hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:24]


def bytes_of(folder: Path) -> int:
    """Bytes that go from the cache when the data set in `folder` goes."""
    total = sum(_size(path) for path in _made_from(folder) if not _others(path, folder))
    for thumbnails in _thumbnail_folders(folder):
        total += sum(_size(path) for path in thumbnails.glob("*"))
    return total


def forget(folder: Path) -> None:
    """Take away what was made from the data set in `folder`; what others use too stays."""
    for path in _made_from(folder):
        others = _others(path, folder)
        if others:
            with disk_errors("the cache"):
                _beside(path).write_text("".join(others), encoding="utf-8")
        else:
            _remove(path)
    for thumbnails in _thumbnail_folders(folder):
        shutil.rmtree(thumbnails, ignore_errors=True)


def trim(keep: Path | None = None, room: int = 0) -> None:
    """Delete what was used longest ago until LESIONLAB_CACHE_GB holds.

    What is being written stays; what a killed program left half written goes. A process that has a
    deleted file mapped goes on reading it. While another process trims, this one does not.

    Args:
        keep: A file that stays in any case.
        room: Bytes that are about to be written.
    """
    _trim(settings.current().cache, settings.current().cache_gb * 1e9 - room, keep)


class Written:
    """Counts small files as they are written, and trims now and then, in a thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes = 0

    def add(self, num_bytes: int) -> None:
        """A file of this size was written."""
        here = settings.current()
        limit = here.cache_gb * 1e9
        with self._lock:
            self._bytes += num_bytes
            if self._bytes < min(LOOK_BYTES, limit / 20):
                return
            self._bytes = 0
        threading.Thread(
            target=_trim, args=(here.cache, limit, None), daemon=True, name="trim-cache"
        ).start()


def _trim(cache: Path, limit: float, keep: Path | None) -> None:
    if not cache.is_dir():
        return
    lock = FileLock(cache / ".trim.lock")
    with suppress(Timeout, OSError), lock.acquire(timeout=0):
        found = sorted(_all_kept(cache), key=lambda file: file.used)
        total = sum(file.num_bytes for file in found)
        for file in found:
            if total <= limit:
                return
            if file.path != keep and file.path.suffix != PART:
                _remove(file.path)
                total -= file.num_bytes


def _all_kept(cache: Path) -> Iterator[Kept]:
    """Every file that counts; what was left half written is taken away on the way."""
    for kind in BOUNDED:
        for here, _, names in os.walk(cache / kind):
            for name in names:
                path = Path(here) / name
                if path.suffix in (".lock", OF):
                    continue
                with suppress(FileNotFoundError):
                    status = path.stat()
                    if path.suffix == PART and _is_left(path, status.st_mtime):
                        path.unlink()
                    else:
                        yield Kept(status.st_mtime, status.st_size, path)


def _is_left(part: Path, written: float) -> bool:
    """Whether nobody goes on writing this file: its lock is free, or it is old and has none."""
    target = part.name.removeprefix(".").rsplit(".", 2)[0]
    lock = part.with_name(target).with_suffix(".lock")
    if not lock.exists():
        return time.time() - written > LEFT_SECONDS
    try:
        with FileLock(lock).acquire(timeout=0):
            return True
    except Timeout:
        return False


def _remove(path: Path) -> None:
    for file in (path, _beside(path)):
        with suppress(OSError):
            file.unlink()


def _made_from(folder: Path) -> list[Path]:
    """The files of the cache that name this folder as their origin."""
    line = f"{folder.resolve()}\n"
    notes = (note for kind in BOUNDED for note in place(kind).glob(f"*{OF}"))
    files = (note.with_name(note.name.removesuffix(OF)) for note in notes)
    return [path for path in files if line in _origins(path)]


def _others(path: Path, folder: Path) -> list[str]:
    """The other origins of a file that are still there."""
    own = f"{folder.resolve()}\n"
    return [line for line in _origins(path) if line != own and Path(line.rstrip("\n")).is_dir()]


def _origins(path: Path) -> list[str]:
    try:
        return _beside(path).read_text("utf-8").splitlines(keepends=True)
    except FileNotFoundError:
        return []


def _beside(path: Path) -> Path:
    return path.with_name(path.name + OF)


def _thumbnail_folders(folder: Path) -> list[Path]:
    return [thumbnails_of(inside) for inside in (folder, folder / "images", folder / "masks")]


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0
