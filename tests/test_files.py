"""Files are the old one or the new one, never half of one."""

import errno
import os
from pathlib import Path

import pytest

from lesionlab import files
from lesionlab.errors import DiskError, disk_errors
from lesionlab.files import folder_bytes, write_bytes


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "job" / "state.json"
    files.write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON compliant"):
        files.write_json(path, {"a": float("nan")})
    with pytest.raises(RuntimeError), files.replacing(path) as aside:
        aside.write_text("half")
        raise RuntimeError
    assert files.read_json(path) == {"a": 1}
    assert [p.name for p in path.parent.iterdir()] == ["state.json"]


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    files.write_bytes(path, b"old")
    with pytest.raises(DiskError, match="The disk is full"), files.replacing(path):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert path.read_bytes() == b"old"


def test_the_outer_words_name_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "last-0.safetensors"
    expected = pytest.raises(DiskError, match="Writing the checkpoint needs free space")
    with expected, disk_errors("the checkpoint"), files.replacing(path):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_torn_json_reads_as_nothing(tmp_path: Path) -> None:
    (tmp_path / "torn.json").write_text('{"a": ')
    assert files.read_json(tmp_path / "torn.json") is None
    assert files.read_json(tmp_path / "missing.json") is None


def test_what_need_not_last_does_not_wait_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    write_bytes(tmp_path / "a", b"1", lasting=False)
    assert (synced, (tmp_path / "a").read_bytes()) == ([], b"1")
    write_bytes(tmp_path / "a", b"2")
    assert len(synced) == 2  # the file and its folder
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == ["a"]


def test_the_size_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "in" / "it").mkdir(parents=True)
    (tmp_path / "in" / "a").write_bytes(bytes(10))
    (tmp_path / "in" / "it" / "b").write_bytes(bytes(20))
    (tmp_path / "in" / "link").symlink_to(tmp_path)  # where it leads does not count
    assert folder_bytes(tmp_path / "in") == 30
    assert folder_bytes(tmp_path / "none") == 0
