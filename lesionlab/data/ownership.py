"""Whose a data set is, and which folders of the server a page may name.

A set belongs to the desk that brought it in, or to the server: what the command line and the
program itself make is everybody's. A desk's id is a secret key, and the description of a set can be
read by others, so only a digest of the id is written there.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
import zipfile
from contextlib import suppress
from pathlib import Path

from lesionlab import settings
from lesionlab.data.sources.sheets import TABLES
from lesionlab.data.sources.tree import MAX_FILES, is_hidden
from lesionlab.errors import DataError

# Who asks when no desk does: a script, the command line, and the server for everybody.
SERVER_DESKS = frozenset({"", "command-line", "everybody"})
KEEP_UPLOAD_SECONDS = 2 * 24 * 3600


def is_server(desk: str | None) -> bool:
    """Whether this is no desk but the command line or the server, who see and may do everything."""
    return desk is None or desk in SERVER_DESKS


def owner_of(desk: str | None) -> str:
    """What is written down as the owner: a digest of the desk's id, "" for the server."""
    return "" if is_server(desk) else hashlib.sha256(str(desk).encode()).hexdigest()


def sees(owner: str, shared: bool, desk: str | None) -> bool:
    """Whether a desk may see and use a set: its own, a shared one, or the server's."""
    return is_server(desk) or not owner or shared or owner == owner_of(desk)


def changes(owner: str, desk: str | None) -> bool:
    """Whether a desk may share or delete a set: only its own; the command line may any."""
    return is_server(desk) or (bool(owner) and owner == owner_of(desk))


def new_upload(desk: str, suffix: str = ".zip") -> Path:
    """Where a page puts a file for one job of this desk; the folder is made when it is written.

    Files of past days whose job never came, of whichever desk, are taken away.
    """
    for old in (settings.current().home / "uploads").glob("*/*"):
        with suppress(OSError):
            if time.time() - old.stat().st_mtime > KEEP_UPLOAD_SECONDS:
                old.unlink()
    return upload_folder(desk) / f"{secrets.token_hex(8)}{suffix}"


def upload_folder(desk: str) -> Path:
    """Where the uploads of a desk lie until their job has read them."""
    return settings.current().home / "uploads" / (owner_of(desk)[:24] or "server")


def server_path(text: str, desk: str | None) -> Path:
    """The folder or file of the server that a user has typed, with all links resolved.

    Args:
        text: A whole path. The command line may name any, a desk one below an import root.

    Raises:
        DataError: A desk may not name it (the words are the same whether it is there or not), or a
            link below it leads to what a desk may not name.
    """
    if is_server(desk):
        return Path(text).expanduser().absolute()
    roots = settings.current().import_roots
    if not roots:
        raise DataError(
            "Expected a folder that this server opens for imports.",
            "It opens none.",
            "Upload a zip archive instead; or ask whoever runs the server to set "
            f"LESIONLAB_IMPORT_ROOTS to the folders that may be read, with {os.pathsep} between.",
        )
    path = _resolved(text)
    if path is None or not _may_be_read(path):
        raise DataError(
            f"Expected a folder or file below {' or '.join(map(str, roots))}.",
            f"Received {text[:200]!r}.",
            "Type the whole path of one of those; the server opens no other folder.",
        )
    if path.is_dir() or (path.is_file() and not _is_archive(path)):
        # A table is read together with the pictures beside it.
        _check_links(path if path.is_dir() else path.parent)
    return path


def source_path(path: Path, desk: str | None) -> Path:
    """What an import job may read for its desk: the desk's upload, or what `server_path` allows.

    The page has asked `server_path` already; here the rule holds for whatever job file there is.

    Raises:
        DataError: As `server_path`.
    """
    if is_server(desk):
        return path.expanduser()
    real = _resolved(str(path))
    if real is not None and real.is_file():
        own = upload_folder(str(desk))
        # A table is read together with what lies beside it, so other desks must not lie there.
        if real.parent == own or (real.parent == own.parent and _is_archive(real)):
            return real
    return server_path(str(path), desk)


def _is_archive(path: Path) -> bool:
    """Whether an import reads this file alone. A table of Excel is a zip too, and is none."""
    return zipfile.is_zipfile(path) and path.suffix.lower() not in TABLES


def _resolved(text: str) -> Path | None:
    """A whole path with its links resolved, or None where it cannot be one."""
    try:
        path = Path(text)
        if not path.is_absolute():
            return None
        real = path.resolve()
        with suppress(FileNotFoundError, NotADirectoryError):
            real.stat()  # from Python 3.13 on, resolving alone lets a circle of links pass
        return real
    except (OSError, RuntimeError, ValueError):  # a circle of links, a zero byte
        return None


def _may_be_read(path: Path) -> bool:
    """Whether a resolved path is below an import root and apart from the program's own folder."""
    here = settings.current()
    if path.is_relative_to(here.home) or here.home.is_relative_to(path):
        return False
    return any(path.is_relative_to(root) for root in here.import_roots)


def _check_links(folder: Path) -> None:
    """Refuse a folder with a link out of what may be read; links to folders are never followed.

    Raises:
        DataError: Names the link; or there are more files than any known data set has.
    """
    number, folders = 0, [folder]
    while folders:
        # What may not be listed is not read either.
        with suppress(PermissionError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                number += 1
                if is_hidden(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                elif entry.is_symlink():
                    _check_link(Path(entry.path), folder)
        if number > MAX_FILES:
            raise DataError(
                f"Expected a folder with at most {MAX_FILES:,} files.",
                f"{folder.name} has more.",
                "Give the folder that holds the pictures.",
            )


def _check_link(link: Path, folder: Path) -> None:
    real = _resolved(str(link))
    if real is not None and real.is_file() and not _may_be_read(real):
        raise DataError(
            f"Expected a folder whose files lie in it: {folder.name}.",
            f"{link.relative_to(folder)} is a link that leads out of it.",
            "Put the file itself there.",
        )
