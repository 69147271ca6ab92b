"""What an owner does with a stored data set: share it, and delete it with what was made from it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from lesionlab import settings
from lesionlab.data import cache
from lesionlab.data.described import DESCRIPTION, SHIPPED_NAME, info_in, is_stored
from lesionlab.data.ownership import is_server
from lesionlab.errors import DataError, disk_errors
from lesionlab.files import folder_bytes, read_json, write_json

LOCK_SECONDS = 10.0


@dataclass(frozen=True)
class Going:
    """What goes when a data set is deleted. Runs that were trained on it keep their models.

    Attributes:
        num_images: Pictures.
        image_bytes: Pictures, masks and table on disk.
        cached_bytes: What was made from them and goes along: decoded pixels, thumbnails, measures.
    """

    num_images: int
    image_bytes: int
    cached_bytes: int


def may_change(name: str, desk: str | None = None) -> bool:
    """Whether a desk may share and delete the set of this name; None is the command line."""
    if name == SHIPPED_NAME or not is_stored(name):
        return False
    info = info_in(settings.current().datasets / name)
    # A damaged description does not say whose it is: the command line may take it away.
    return is_server(desk) if info is None else info.changed_by(desk)


def share_dataset(name: str, desk: str | None = None, shared: bool = True) -> None:
    """Let everyone on this server use a desk's set, or take that back.

    Runs that others have trained on it meanwhile keep their models.

    Raises:
        DataError: This desk has no set of that name, or it is everyone's already.
    """
    folder = _to_be_changed(name, desk)
    with _held(folder):
        values = read_json(folder / DESCRIPTION)
        if not isinstance(values, dict) or not values.get("owner"):
            raise DataError(
                "Expected a data set that belongs to a desk.",
                f"{name} belongs to the server: everyone sees it already.",
            )
        write_json(folder / DESCRIPTION, {**values, "shared": shared})
    os.utime(folder.parent)  # whoever keeps the list sees by this that it has changed


def what_goes(name: str, desk: str | None = None) -> Going:
    """What `delete_dataset` would take away.

    Raises:
        DataError: As `delete_dataset`.
    """
    folder = _to_be_changed(name, desk)
    info = info_in(folder)
    return Going(
        num_images=info.num_images if info else 0,
        image_bytes=folder_bytes(folder),
        cached_bytes=cache.bytes_of(folder),
    )


def delete_dataset(name: str, desk: str | None = None) -> None:
    """Take a stored set away, with its pictures and with what was made from them.

    Raises:
        DataError: This desk has none of that name, or it is the shipped one.
    """
    folder = _to_be_changed(name, desk)
    # Renamed first, so that nobody meets half of it while its files go.
    gone = folder.with_name(f".{name}.part")
    with _held(folder), disk_errors("the data folder"):
        shutil.rmtree(gone, ignore_errors=True)
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
    cache.forget(folder)


def _to_be_changed(name: str, desk: str | None) -> Path:
    """The folder of a stored set that this desk may change.

    Raises:
        DataError: There is none; another desk's private set is as good as none.
    """
    folder = settings.current().datasets / name
    if may_change(name, desk):
        return folder
    info = info_in(folder) if is_stored(name) else None
    if name == SHIPPED_NAME:
        received = f"{name} comes with the program."
    elif info is not None and info.seen_by(desk):
        received = f"{name} belongs to {'another desk' if info.owner else 'the server'}."
    else:
        received = f"No {name!r}."
    raise DataError(
        "Expected a data set that was imported or made here.",
        received,
        "`lesionlab data list` shows them." if is_server(desk) else "Choose one of your own.",
    )


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold the lock under which a set of this name is made, changed or deleted."""
    try:
        with FileLock(folder.with_name(f".{folder.name}.lock")).acquire(timeout=LOCK_SECONDS):
            yield
    except Timeout as error:
        raise DataError(
            f"Expected that nothing else changes the data set {folder.name} at this moment.",
            "Another program does.",
            "Try again in a moment.",
        ) from error
