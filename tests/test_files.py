"""Files are the old one or the new one, never half of one."""

import errno
from pathlib import Path

import pytest

from lesionlab import files
from lesionlab.errors import DiskError, disk_errors


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
