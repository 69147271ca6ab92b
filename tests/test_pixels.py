"""The pixel cache: right, made once, shared, bounded, and gone when it was not finished."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from filelock import FileLock
from PIL import Image

from lesionlab.data import cache
from lesionlab.data import pixels as pixels_module
from lesionlab.data.dataset import COLUMNS, Dataset
from lesionlab.data.pixels import cache_path, cached_pixels
from lesionlab.errors import Cancelled, DataError, DiskError
from lesionlab.images.decode import read_image
from lesionlab.images.preprocess import Preprocessing, preprocess

SMALL = Preprocessing(size=(16, 24))


def make(folder: Path, number: int = 5, first: int = 0) -> Dataset:
    folder.mkdir(exist_ok=True)
    rng = np.random.default_rng(first)
    names = [f"{k}.png" for k in range(first, first + number)]
    for name in names:
        Image.fromarray(rng.integers(0, 256, (20, 30, 3)).astype(np.uint8)).save(folder / name)
    table = pd.DataFrame({name: [None] * number for name in COLUMNS}, dtype=object)
    return Dataset("some", folder, table.assign(path=names, image_id=names, diagnosis="nv"))


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of pictures as they are decoded."""
    names: list[str] = []

    def counting(path: Path) -> np.ndarray:
        names.append(path.name)
        return read_image(path)

    monkeypatch.setattr(pixels_module, "read_image", counting)
    return names


def test_what_preprocess_gives_in_table_order(tmp_path: Path) -> None:
    dataset = make(tmp_path / "in", 70)
    seen: list[float] = []
    pixels = cached_pixels(dataset, SMALL, lambda fraction, message: seen.append(fraction))
    assert isinstance(pixels, np.memmap)
    assert (pixels.shape, pixels.dtype) == ((70, 16, 24, 3), np.uint8)
    for row in (0, 33, 69):
        wanted = preprocess(read_image(dataset.image_path(row)), SMALL)
        assert (pixels[row] == wanted).all()
    assert seen == [0, 64 / 70, 1]
    with pytest.raises(ValueError, match="read-only"):
        pixels[0] = 0


def test_nothing_is_decoded_twice(tmp_path: Path, decoded: list[str]) -> None:
    dataset = make(tmp_path / "in")
    cached_pixels(dataset, SMALL)
    assert sorted(decoded) == sorted(dataset.table["path"])
    relabelled = Dataset("other", dataset.folder, dataset.table.assign(diagnosis="mel"))
    cached_pixels(relabelled, SMALL)
    assert len(decoded) == 5
    cached_pixels(dataset, Preprocessing(size=(16, 24), fit="pad"))
    assert len(decoded) == 10


def test_two_at_once_decode_once(tmp_path: Path, decoded: list[str]) -> None:
    dataset = make(tmp_path / "in", 40)
    threads = [threading.Thread(target=cached_pixels, args=(dataset, SMALL)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(decoded) == 40


def test_cancelled_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lesionlab.data.parallel.BATCH", 2)
    dataset = make(tmp_path / "in")
    seen: list[float] = []
    with pytest.raises(Cancelled):
        cached_pixels(dataset, SMALL, lambda f, m: seen.append(f), lambda: len(seen) >= 2)
    assert seen == [0, 0.4]
    folder = cache_path(dataset, SMALL).parent
    assert [path.suffix for path in folder.iterdir()] in ([], [".lock"])
    assert len(cached_pixels(dataset, SMALL)) == 5


def test_cancelled_while_another_decodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels_module, "WAIT_SECONDS", 0.01)
    dataset = make(tmp_path / "in")
    path = cache_path(dataset, SMALL)
    path.parent.mkdir(parents=True)
    messages: list[str] = []
    with FileLock(path.with_suffix(".lock")), pytest.raises(Cancelled):
        cached_pixels(dataset, SMALL, lambda f, m: messages.append(m), lambda: len(messages) > 1)
    assert "waiting" in messages[0]


def test_an_unreadable_picture_is_named(tmp_path: Path) -> None:
    dataset = make(tmp_path / "in")
    (tmp_path / "in" / "3.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"3\.png: It is damaged"):
        cached_pixels(dataset, SMALL)
    assert not cache_path(dataset, SMALL).exists()
    assert not list(cache_path(dataset, SMALL).parent.glob(".*.part"))


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = make(tmp_path / "in")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskError, match="disk is full"):
        cached_pixels(dataset, SMALL)
    assert not cache_path(dataset, SMALL).exists()


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"no array at all"])
def test_a_torn_file_is_made_again(tmp_path: Path, content: bytes) -> None:
    dataset = make(tmp_path / "in")
    whole = np.array(cached_pixels(dataset, SMALL))
    cache_path(dataset, SMALL).write_bytes(content)
    assert (cached_pixels(dataset, SMALL) == whole).all()


def test_the_oldest_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sets = [make(tmp_path / "in", 5, first) for first in (0, 10, 20)]
    paths = [cache_path(dataset, SMALL) for dataset in sets]
    for age, dataset in zip((300, 200, 100), sets, strict=True):
        cached_pixels(dataset, SMALL)
        old = paths[sets.index(dataset)].stat().st_mtime - age
        os.utime(paths[sets.index(dataset)], (old, old))
    cached_pixels(sets[0], SMALL)  # Being used makes the first young again.
    size = paths[0].stat().st_size
    monkeypatch.setenv("LESIONLAB_CACHE_GB", str(2.5 * size / 1e9))
    cache.trim(keep=paths[2])
    assert [path.exists() for path in paths] == [True, False, True]
    monkeypatch.setenv("LESIONLAB_CACHE_GB", "0")
    fresh = make(tmp_path / "in", 5, 30)
    assert len(cached_pixels(fresh, SMALL)) == 5
    assert [path.exists() for path in paths] == [False, False, False]
    assert cache_path(fresh, SMALL).exists()


def test_an_empty_set() -> None:
    with pytest.raises(DataError, match="empty"):
        cached_pixels(make(Path.cwd(), 0), SMALL)
