"""One bound for all caches, the oldest first, and nothing that is being written."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock
from PIL import Image

from lesionlab.data import cache
from lesionlab.data.thumbnails import thumbnail


@pytest.fixture(autouse=True)
def bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESIONLAB_CACHE_GB", "0.000001")  # a thousand bytes


def put(kind: str, name: str, num_bytes: int = 400, age: float = 0.0) -> Path:
    path = cache.place(kind) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(num_bytes))
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def test_kinds_share_the_bound_and_the_oldest_goes_first() -> None:
    pixels = put("pixels", "a.npy", age=30)
    thumbnails = [put("thumbnails", f"folder/{age}.jpg", 200, age) for age in (40, 20)]
    measures = put("measures", "a.parquet", age=10)
    cache.trim()  # 1,200 bytes are there
    assert [path.exists() for path in (*thumbnails, pixels, measures)] == [False, True, True, True]
    cache.trim(room=300)
    assert [path.exists() for path in (thumbnails[1], pixels, measures)] == [True, False, True]
    cache.trim(keep=thumbnails[1], room=1000)
    assert [path.exists() for path in (thumbnails[1], measures)] == [True, False]


def test_being_used_makes_young() -> None:
    old, older = put("pixels", "old.npy", 600, 100), put("pixels", "older.npy", 600, 200)
    cache.mark_used(older)
    cache.trim()
    assert (old.exists(), older.exists()) == (False, True)
    before = put("pixels", "young.npy", 1, 10)
    then = before.stat().st_mtime
    cache.mark_used(before)
    assert before.stat().st_mtime == then, "not written again at every look"
    cache.mark_used(before.with_name("gone.npy"))


def test_what_is_written_now_stays_and_what_was_left_goes() -> None:
    written = put("pixels", ".a.npy.x1y2.part", 900, 5000)
    (written.parent / "a.lock").touch()
    left = put("pixels", ".b.npy.x1y2.part", 900, 1)
    (left.parent / "b.lock").touch()
    fresh = put("thumbnails", "folder/.c.jpg.x1y2.part", 300, 1)
    old = put("thumbnails", "folder/.d.jpg.x1y2.part", 300, 5000)
    whole = put("thumbnails", "folder/c.jpg", 300)
    with FileLock(written.parent / "a.lock"):
        cache.trim()
    # What is being written counts, so that the whole file had to make room.
    assert [path.exists() for path in (written, left, fresh, old, whole)] == [
        True,
        False,
        True,
        False,
        False,
    ]
    cache.trim()
    assert not written.exists()


def test_other_folders_of_the_cache_are_left_alone(home: Path) -> None:
    bundle = home / "cache" / "bundles" / "x" / "model.json"
    bundle.parent.mkdir(parents=True)
    bundle.write_bytes(bytes(5000))
    pixels = put("pixels", "a.npy")
    cache.trim()
    assert bundle.exists()
    assert pixels.exists()


def test_one_trims_at_a_time(home: Path) -> None:
    path = put("pixels", "a.npy", 5000)
    with FileLock(home / "cache" / ".trim.lock"):
        cache.trim()
    assert path.exists()
    cache.trim()
    assert not path.exists()


def test_no_cache_at_all() -> None:
    cache.trim()
    cache.forget(Path("/nowhere"))
    assert cache.bytes_of(Path("/nowhere")) == 0


def test_what_was_made_from_a_set_goes_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LESIONLAB_CACHE_GB", "1")
    mine, other = tmp_path / "mine", tmp_path / "other"
    for folder in (mine, other):
        (folder / "images").mkdir(parents=True)
        Image.new("RGB", (40, 40), (9, 9, 9)).save(folder / "images" / "a.png")
    alone, both, others = (put("pixels", f"{name}.npy", 100) for name in ("1", "2", "3"))
    for path in (alone, both):
        cache.note_origin(path, mine)
        cache.note_origin(path, mine)
    for path in (both, others):
        cache.note_origin(path, other)
    small = [thumbnail(folder / "images" / "a.png") for folder in (mine, other)]
    assert cache.bytes_of(mine) == 100 + len(small[0])
    cache.forget(mine)
    assert [path.exists() for path in (alone, both, others)] == [False, True, True]
    assert not (alone.parent / "1.npy.of").exists()
    assert not list(cache.thumbnails_of(mine / "images").glob("*"))
    assert len(list(cache.thumbnails_of(other / "images").glob("*.jpg"))) == 1
    assert cache.bytes_of(mine) == 0
    cache.forget(other)
    assert not both.exists()


def test_a_file_that_goes_takes_its_note_along(tmp_path: Path) -> None:
    path = put("pixels", "a.npy", 5000)
    cache.note_origin(path, tmp_path)
    cache.trim()
    assert not list(cache.place("pixels").glob("a.npy*"))


def test_many_small_files_are_counted_and_trimmed_now_and_then() -> None:
    written = cache.Written()
    paths = [put("thumbnails", f"folder/{k}.jpg", 300, 100 - k) for k in range(4)]
    written.add(49)  # less than a twentieth of the bound
    assert threading.active_count() == len(threading.enumerate())
    assert all(path.exists() for path in paths)
    written.add(1)
    for thread in threading.enumerate():
        if thread.name == "trim-cache":
            thread.join()
    assert [path.exists() for path in paths] == [False, True, True, True]
