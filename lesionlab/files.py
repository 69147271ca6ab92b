"""Files that are either the old one or the new one, never half of one."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from lesionlab import settings
from lesionlab.errors import disk_errors


@contextmanager
def replacing(path: Path, lasting: bool = True) -> Iterator[Path]:
    """Give a temporary path beside `path`; on success it is fsynced and renamed onto `path`.

    Args:
        lasting: False for what can be made again: a power cut may leave an empty file, and nobody
            waits for the disk.

    Raises:
        DiskError: The disk is full or read-only. The old file stays as it was.
    """
    with disk_errors(path.name):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            if lasting:
                with temporary.open("rb+") as file:
                    os.fsync(file.fileno())
            temporary.chmod(0o666 & ~current_umask())
            temporary.replace(path)
            if lasting:
                sync_folder(path.parent)
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()


def write_bytes(path: Path, content: bytes, lasting: bool = True) -> None:
    """Write a file aside and rename it; see `replacing` for `lasting`."""
    with replacing(path, lasting) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text file aside and rename it."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write JSON aside and rename it. NaN is refused, since other programs cannot read it."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read JSON, or None where there is no file or it is not whole."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError, UnicodeDecodeError):
        return None


def forget_upload(path: Path) -> None:
    """Delete what a page put into HOME/uploads for one job. Any other path is left alone."""
    uploads = settings.current().home / "uploads"
    path = path.resolve()
    if path.is_file() and path.is_relative_to(uploads):
        path.unlink()
        if path.parent != uploads:
            with suppress(OSError):  # somebody put another file beside it
                path.parent.rmdir()


def folder_bytes(folder: Path) -> int:
    """The size of all files below a folder. What goes while it looks does not count."""
    total = 0
    for here, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(here) / name).lstat().st_size
            except FileNotFoundError:
                continue
    return total


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def current_umask() -> int:
    """The process's umask, which can only be read by setting it on some systems."""
    with suppress(OSError, ValueError), Path("/proc/self/status").open() as status:
        for line in status:
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    return 0o022
