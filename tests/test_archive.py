"""Zip archives: what is in them, and what is refused before anything is unpacked."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lesionlab.data import asking
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
    "name",
    [
        "../a.png",
        "/etc/a.png",
        "x/../../a.png",
        "C:/a.png",
        "a\nb.png",
        "a\u202egnp.exe",
        "a\u200b.png",
    ],
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
    path = pack(tmp_path / "a.zip", files)
    with pytest.raises(DataError, match=r"at most 3 files.*It has more") as caught:
        ZipTree(path)
    assert "Expected a whole zip archive" not in caught.value.sentence
    # What only asks how large it is does not open it either.
    monkeypatch.setattr("zipfile.ZipFile", None)
    assert asking._bytes_at(path, 3) == 0


def test_one_name_twice(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"mel/1.png": png(), "mel/2.png": png()})
    path.write_bytes(path.read_bytes().replace(b"mel/2.png", b"mel/1.png"))
    with pytest.raises(DataError, match=r"mel/1\.png twice"):
        ZipTree(path)


def test_names_that_differ_in_how_accents_are_written_alone(tmp_path: Path) -> None:
    tree = ZipTree(pack(tmp_path / "a.zip", {"mel/1.png": png(), "mel/1.PNG": png()}))
    assert list(tree.sizes) == ["mel/1.PNG", "mel/1.png"], "capitals may differ"
    tree.close()
    with pytest.raises(DataError, match="each name once"):
        ZipTree(pack(tmp_path / "b.zip", {"mel/\u00e9.png": png(), "mel/e\u0301.png": png()}))
    with pytest.raises(DataError, match="each name once"):
        ZipTree(pack(tmp_path / "c.zip", {"mel/1.png": png(), "mel/./1.png": png()}))


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


def test_a_name_with_more_behind_its_end(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"mel/1.png": png(), "mel/2.png_exe": png()})
    path.write_bytes(path.read_bytes().replace(b"2.png_exe", b"2.png\0exe"))
    with pytest.raises(DataError, match="names that stay inside"):
        ZipTree(path)


@pytest.mark.parametrize("name", ["a" * 256 + ".png", "/".join(["a" * 200] * 6) + ".png"])
def test_names_that_no_disk_takes(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="at most 255 characters"):
        ZipTree(pack(tmp_path / "a.zip", {name: png()}))


def directory_of(path: Path) -> tuple[bytes, bytes, bytes]:
    """An archive in three: its files, its directory, its end."""
    whole = path.read_bytes()
    start, end = whole.index(b"PK\x01\x02"), whole.rindex(b"PK\x05\x06")
    return whole[:start], whole[start:end], whole[end:]


def with_directory(files: bytes, entries: list[bytes], said: int | None = None) -> bytes:
    count, size = len(entries) if said is None else said, sum(map(len, entries))
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, count, count, size, len(files), 0)
    return files + b"".join(entries) + end


def test_files_that_share_their_packed_bytes(tmp_path: Path) -> None:
    """A better zip bomb: a thousand names for one megabyte of zeros, packed in 1 kB."""
    path = pack(tmp_path / "a.zip", {"mel/0000.bmp": bytes(2**20)}, zipfile.ZIP_DEFLATED)
    files, entry, _ = directory_of(path)
    entries = [entry.replace(b"0000", b"%04d" % k) for k in range(1000)]
    path.write_bytes(with_directory(files, entries))
    assert path.stat().st_size < 80_000
    with pytest.raises(DataError, match=r"behind each other.*lies within another"):
        ZipTree(path)


def test_a_file_that_quotes_the_headers_of_the_next(tmp_path: Path) -> None:
    inner = pack(tmp_path / "inner.zip", {"mel/2.png": png()})
    quoted, second, _ = directory_of(inner)
    first_header = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 9, 9, 9, 0) + b"mel/1.png"
    size = len(quoted)
    first = second.replace(b"mel/2.png", b"mel/1.png")
    first = first[:20] + struct.pack("<2I", size, size) + first[28:]
    second = second[:42] + struct.pack("<I", len(first_header)) + second[46:]
    path = tmp_path / "a.zip"
    path.write_bytes(with_directory(first_header + quoted, [first, second]))
    with pytest.raises(DataError, match=r"mel/2\.png lies within another"):
        ZipTree(path)


def test_many_small_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "TOTAL_COUNTS_FROM_BYTES", 20 * 2**20)
    files = {f"mel/{k}.bmp": bytes(2**20) for k in range(30)}
    with pytest.raises(DataError, match=r"at most 100 times the archive.*30 MB"):
        ZipTree(pack(tmp_path / "a.zip", files, zipfile.ZIP_DEFLATED))


def test_more_entries_than_the_end_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pack(tmp_path / "a.zip", {"mel/0000.png": b"x"})
    files, entry, _ = directory_of(path)
    path.write_bytes(
        with_directory(files, [entry.replace(b"0000", b"%04d" % k) for k in range(50)], 1)
    )
    assert archive.num_entries(path) == 50
    monkeypatch.setattr(archive, "MAX_FILES", 20)
    monkeypatch.setattr(zipfile, "ZipFile", None)  # It is not even opened.
    with pytest.raises(DataError, match="at most 20 files"):
        ZipTree(path)


def test_entries_are_counted_behind_a_comment_and_in_large_archives(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {f"mel/{k}.png": png(k) for k in range(7)})
    assert archive.num_entries(path) == 7
    with zipfile.ZipFile(path, "a") as file:
        file.comment = b"taken in 2019 PK\x05 and so on" * 100
    assert archive.num_entries(path) == 7
    # The records of large archives stand before the end, which then says that it does not know.
    files, entries, _ = directory_of(pack(tmp_path / "b.zip", {"mel/1.png": png()}))
    place = len(files) + len(entries)
    record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(entries), len(files))
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, place, 1)
    end = b"PK\5\6" + struct.pack("<4H2IH", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    large = tmp_path / "large.zip"
    large.write_bytes(files + entries + record + locator + end)
    assert archive.num_entries(large) == 1
    tree = ZipTree(large)
    assert tree.read("mel/1.png") == png()
    tree.close()


def test_an_entry_that_lies_about_its_size(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {"mel/1.png": bytes(100_000)}, zipfile.ZIP_DEFLATED)
    files, entry, _ = directory_of(path)
    small = entry[:24] + struct.pack("<I", 10) + entry[28:]
    path.write_bytes(with_directory(files, [small]))
    tree = ZipTree(path)
    assert tree.sizes == {"mel/1.png": 10}
    with pytest.raises(DataError, match=r"mel/1\.png"):
        tree.read("mel/1.png")
    tree.close()
    # In the fields of zip64: 2^60 bytes.
    extra = struct.pack("<2HQ", 1, 8, 2**60)
    name_end = 46 + len("mel/1.png")
    huge = entry[:24] + struct.pack("<I", 2**32 - 1) + entry[28:30] + struct.pack("<H", len(extra))
    huge += entry[32:name_end] + extra
    path.write_bytes(with_directory(files, [huge]))
    with pytest.raises(DataError, match="at most 64 GB when unpacked"):
        ZipTree(path)


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing(tmp_path: Path, how: int) -> None:
    with pytest.raises(DataError, match=r"deflated or stored.*packed otherwise"):
        ZipTree(pack(tmp_path / "a.zip", {"mel/1.png": png()}, how))


def test_an_archive_in_the_archive_stays_closed(tmp_path: Path) -> None:
    inner = pack(tmp_path / "inner.zip", {"mel/9.png": png()}).read_bytes()
    tree = ZipTree(pack(tmp_path / "a.zip", {"mel/1.png": png(), "mel/inner.zip": inner}))
    assert list(read_tree(tree).table["path"]) == ["mel/1.png"]
    tree.close()
