"""Small pictures of pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lesionlab.data import cache, thumbnails
from lesionlab.data.thumbnails import thumbnail
from lesionlab.errors import PictureError
from lesionlab.images.decode import decode_image


def test_the_middle_as_a_square(tmp_path: Path) -> None:
    image = np.zeros((100, 300, 3), np.uint8)
    image[:, 100:200] = 200
    Image.fromarray(image).save(tmp_path / "a.png")
    small = decode_image(thumbnail(tmp_path / "a.png", 40))
    assert small.shape == (40, 40, 3)
    assert np.abs(small[:, 2:-2].astype(int) - 200).max() < 12


def test_made_once_and_again_after_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (50, 50), (10, 20, 30)).save(path)
    first = thumbnail(path)
    with monkeypatch.context() as patch:
        patch.setattr(thumbnails, "_make", lambda *_: b"made again")
        assert thumbnail(path) == first
        assert thumbnail(path, 20) == b"made again"
    Image.new("RGB", (60, 60), (200, 20, 30)).save(path)
    assert thumbnail(path) != first


def test_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(PictureError, match=r"a\.png"):
        thumbnail(tmp_path / "a.png")
    with pytest.raises(PictureError, match="cannot be read"):
        thumbnail(tmp_path / "b.png")


def test_half_of_one_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (50, 50), (10, 20, 30)).save(path)
    whole = thumbnail(path)
    (kept,) = cache.thumbnails_of(tmp_path).glob("*.jpg")
    for content in (b"", whole[:100]):
        kept.write_bytes(content)
        assert thumbnail(path) == whole
    assert kept.read_bytes() == whole


def test_shown_though_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (50, 50), (10, 20, 30)).save(path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert thumbnail(path).startswith(b"\xff\xd8")
    assert not list(cache.thumbnails_of(tmp_path).glob("*"))
