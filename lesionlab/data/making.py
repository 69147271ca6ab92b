"""Making a data set in one step: it is there whole or not at all, and belongs to somebody."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from lesionlab import settings
from lesionlab.data import quota
from lesionlab.data.dataset import Dataset
from lesionlab.data.described import (
    DESCRIPTION,
    check_free,
    check_name,
    is_stored,
    stored_folder,
)
from lesionlab.data.ownership import owner_of
from lesionlab.data.store import read_stored, save_dataset
from lesionlab.errors import DataError, DiskError, disk_errors
from lesionlab.files import read_json, sync_folder
from lesionlab.task import Task


def make_dataset(
    name: str, kind: str, fill: Callable[[Path], Dataset], *, owner_desk: str, task: Task
) -> Dataset:
    """Have a data set written beside the others and give it its name when it is whole.

    Args:
        name: What it will be called.
        kind: How it comes here.
        fill: Writes the pictures into the empty folder that it is given, and gives the data set
            that lies there.
        owner_desk: Whose it is; "" is everyone's.
        task: Its folder's name is kept, so that a job that was killed after its last step and is
            run again finds its own work.

    Raises:
        DataError: The name is taken or cannot be used. Whatever `fill` raises; nothing is left.
    """
    check_name(name, owner_desk)
    target = stored_folder(name)
    made_by = task.folder.name
    with _place_for(target) as part:
        if is_stored(name):
            if made_by and (read_json(target / DESCRIPTION) or {}).get("made_by") == made_by:
                return read_stored(target)
            check_free(name, owner_desk)
        save_dataset(fill(part), kind, made_by, owner_of(owner_desk))
        sync_folder(part)
        part.rename(target)
        sync_folder(target.parent)
    return read_stored(target)


def check_space(part: Path, needed: int, owner_desk: str) -> None:
    """Refuse to begin what the disk or the desk has no room for.

    Raises:
        DiskError: Says what is needed and what there is.
    """
    free = shutil.disk_usage(part).free
    if needed > free:
        raise DiskError(
            f"Importing needs {needed / 1e6:,.0f} MB of free space.",
            f"The disk of {settings.current().home} has {free / 1e6:,.0f} MB.",
            "Delete runs or data sets that you no longer need, then try again.",
        )
    quota.check(owner_desk, needed)


def file_names(image_ids: pd.Series) -> pd.Series:
    """A plain file name for each id, with a number where two would be one file on some disks."""
    names = image_ids.astype(str).map(lambda text: re.sub(r"[^A-Za-z0-9_.-]", "_", text)[:120])
    names = names.str.lstrip(".").replace("", "image")
    if names.str.lower().is_unique:
        return names
    numbers = pd.Series([f"{k:06d}_" for k in range(len(names))], index=names.index)
    return numbers + names


@contextmanager
def _place_for(target: Path) -> Iterator[Path]:
    """An empty folder beside `target`, held by a lock, and gone again unless it was renamed."""
    with disk_errors("the data set"):
        target.parent.mkdir(parents=True, exist_ok=True)
        _clean(target.parent)
    lock = FileLock(target.with_name(f".{target.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise DataError(
            f"Expected that nothing else makes the data set {target.name} at this moment.",
            "Another import or drawing of that name is running.",
            "Wait until it is done, or choose another name.",
        ) from error
    part = target.with_name(f".{target.name}.part")
    try:
        with disk_errors("the data set"):
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)
        lock.release()


def _clean(folder: Path) -> None:
    """Take away what imports that were killed have left; a living one holds its lock."""
    for part in folder.glob(".*.part"):
        lock = FileLock(part.with_suffix(".lock"))
        with suppress(Timeout), lock.acquire(timeout=0):
            shutil.rmtree(part, ignore_errors=True)
