"""Zip archives: what is in them, and what is refused before anything is unpacked."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lesionlab.data.sources import archive
from lesionlab.data.sources.archive import ZipTree
from lesionlab.data.sources.folder import read_tree
from lesionlab.errors import DataError


def png(level: int = 99) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((8, 12, 3), level, np.uint8)).save(file, "PNG")
    return file.getvalue()


def pack(path: Path, files: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", how) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


def test_a_zip_with_a_table_under_one_roof(tmp_path: Path) -> None:
    files = {
        "set/labels.csv": b"file,label\nimages/a.png,nv\nimages/b.png,mel\n",
        "set/images/a.png": png(1),
        "set/images/b.png": png(2),
        "__MACOSX/set/images/._a.png": b"junk",
    }
    tree = ZipTree(pack(tmp_path / "set.zip", files))
    found = read_tree(tree)
    assert list(found.table["path"]) == ["set/images/a.png", "set/images/b.png"]
    assert tree.read("set/images/b.png") == png(2)
    tree.close()


def test_a_zip_of_class_folders(tmp_path: Path) -> None:
    tree = ZipTree(pack(tmp_path / "a.zip", {"mel/1.png": png(), "nv/2.png": png()}))
    assert list(read_tree(tree).table["diagnosis"]) == ["mel", "nv"]
    tree.close()


@pytest.mark.parametrize(
    "name", ["../a.png", "/etc/a.png", "x/../../a.png", "C:/a.png", "a\nb.png"]
)
def test_names_that_lead_out(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="names that stay inside"):
        ZipTree(pack(tmp_path / "a.zip", {"mel/1.png": png(), name: png()}))


def test_backslashes(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"mel/1.png": png(), "mel/x__y.png": png()})
    path.write_bytes(path.read_bytes().replace(b"x__y", b"..\\y"))
    with pytest.raises(DataError, match="names that stay inside"):
        ZipTree(path)


def test_links(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        entry = zipfile.ZipInfo("mel/link.png")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(entry, "/etc/passwd")
    with pytest.raises(DataError, match="is a link"):
        ZipTree(path)


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flat = pack(tmp_path / "a.zip", {"mel/1.bmp": b"\0" * (8 * 2**20)}, zipfile.ZIP_DEFLATED)
    assert flat.stat().st_size < 20_000
    with pytest.raises(DataError, match=r"300 times.*unpacks to 8 MB"):
        ZipTree(flat)
    monkeypatch.setattr(archive, "MAX_UNPACKED_BYTES", 100)
    with pytest.raises(DataError, match="when unpacked"):
        ZipTree(pack(tmp_path / "b.zip", {"mel/1.png": b"x" * 101}))


def test_too_many_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_FILES", 3)
    files = {f"mel/{k}.png": b"x" for k in range(4)}
    with pytest.raises(DataError, match=r"at most 3 files.*It has 4"):
        ZipTree(pack(tmp_path / "a.zip", files))


def test_one_name_twice(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"mel/1.png": png(), "mel/2.png": png()})
    path.write_bytes(path.read_bytes().replace(b"mel/2.png", b"mel/1.png"))
    with pytest.raises(DataError, match="there twice"):
        ZipTree(path)


def test_a_password(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"mel/1.png": png()})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="without a password"):
        ZipTree(path)


def test_no_zip_and_half_a_zip(tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"no archive")
    with pytest.raises(DataError, match="whole zip archive"):
        ZipTree(tmp_path / "no.zip")
    whole = pack(tmp_path / "a.zip", {f"mel/{k}.png": png(k) for k in range(9)})
    (tmp_path / "half.zip").write_bytes(whole.read_bytes()[:500])
    with pytest.raises(DataError, match="whole zip archive"):
        ZipTree(tmp_path / "half.zip")
    with pytest.raises(DataError, match="There is no"):
        ZipTree(tmp_path / "none.zip")
    with pytest.raises(DataError, match="is a folder"):
        ZipTree(tmp_path)


def test_damaged_content(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"mel/1.png": b"A" * 300})
    path.write_bytes(path.read_bytes().replace(b"A" * 300, b"A" * 299 + b"B"))
    tree = ZipTree(path)
    with pytest.raises(DataError, match=r"mel/1\.png"):
        tree.read("mel/1.png")
    tree.close()
