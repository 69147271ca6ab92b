"""Bring a data set in: look at it, pass every picture through the gate, copy what is whole.

Everything is written into a folder beside the data sets and renamed at the end, so that a set is
there whole or not at all. The pictures are kept byte for byte.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd
from filelock import FileLock, Timeout

from lesionlab import settings
from lesionlab.data.dataset import Dataset, is_drawn
from lesionlab.data.parallel import map_in_order
from lesionlab.data.sources.columns import Columns, count, some
from lesionlab.data.sources.found import Found
from lesionlab.data.sources.kinds import SOURCES
from lesionlab.data.sources.tree import PICTURES, Tree
from lesionlab.data.store import DESCRIPTION, is_stored, read_stored, save_dataset, stored_folder
from lesionlab.errors import DataError, DiskError, PictureError, disk_errors
from lesionlab.files import read_json, sync_folder
from lesionlab.images.decode import decode_image
from lesionlab.task import Task, stop_if_cancelled


@dataclass(frozen=True)
class Copied:
    """A picture that went through the gate and lies in its place."""

    path: str
    height: int
    width: int
    sha256: str


def import_dataset(
    kind: str, path: Path, name: str, label_column: str | None = None, *, task: Task
) -> Dataset:
    """Copy a data set into the program's own folder.

    Args:
        kind: A key of `SOURCES`.
        path: The folder, archive or table.
        name: What the set will be called.
        label_column: Which column of its table has the diagnosis, when not the usual one.
        task: Told how far it is; asked between pictures whether to stop.

    Raises:
        DataError: Nothing there that can be read as such a data set, or the name is taken.
        DiskError: The disk is full. Cancelled: the task said so. Either leaves nothing behind.
    """
    if kind not in SOURCES:
        raise DataError(
            f"Expected one of the kinds {', '.join(SOURCES)}.", f"Received {kind!r}.", "Choose one."
        )
    target = stored_folder(name)
    made_by = task.folder.name
    with _place_for(target) as part:
        if is_stored(name):
            # A job that was killed after its last step and is run again finds its own work.
            if made_by and (read_json(target / DESCRIPTION) or {}).get("made_by") == made_by:
                return read_stored(target)
            raise DataError(
                "Expected a name that is free.",
                f"There is a data set called {name} already.",
                f"Choose another name, or `lesionlab data delete {name}` first.",
            )
        task.progress(0.0, f"Looking at {path.name}")
        found = SOURCES[kind](path.expanduser(), Columns(label=label_column))
        try:
            dataset = _copy(found, part, name, path, task)
        finally:
            found.tree.close()
        save_dataset(dataset, kind, made_by)
        sync_folder(part)
        part.rename(target)
        sync_folder(target.parent)
    task.progress(1.0, f"{count(len(dataset), 'picture')} imported")
    return read_stored(target)


def _copy(found: Found, part: Path, name: str, path: Path, task: Task) -> Dataset:
    rows = found.table
    _check_space(found, part)
    masks = rows["mask"].dropna() if "mask" in rows else pd.Series(dtype=object)
    total = len(rows) + len(masks)
    names = _file_names(rows["image_id"])
    with disk_errors("the data set"):
        images, bad = _copy_all(
            found.tree,
            {row: (str(rows["path"][row]), f"images/{names[row]}") for row in rows.index},
            part,
            lambda done: task.progress(done / total, f"Reading picture {done:,} of {len(rows):,}"),
            task,
        )
        if not images:
            raise DataError(
                f"Expected pictures that can be read in {found.tree.title}.",
                f"None of its {len(rows):,} can; the first is {bad[0]}.",
                "Check that they are JPEG, PNG, WebP, TIFF or BMP files of at most 30 MB.",
            )
        copied_masks, bad_masks = _copy_all(
            found.tree,
            {row: (str(masks[row]), f"masks/{names[row]}") for row in masks.index if row in images},
            part,
            lambda done: task.progress(
                (len(rows) + done) / total, f"Reading mask {done:,} of {len(masks):,}"
            ),
            task,
        )
    left_out = list(found.left_out)
    if bad:
        left_out.append(f"{count(len(bad), 'picture')} that cannot be read: {some(bad)}.")
    if bad_masks:
        left_out.append(f"{count(len(bad_masks), 'mask')} that cannot be read: {some(bad_masks)}.")
    kept = rows.loc[list(images)].copy()
    for column in ("path", "height", "width", "sha256"):
        kept[column] = [getattr(images[row], column) for row in kept.index]
    if "mask" in kept:
        kept["mask"] = [
            copied_masks[row].path if row in copied_masks else None for row in kept.index
        ]
    return Dataset(
        name=name,
        folder=part,
        table=kept.reset_index(drop=True),
        licence=found.licence,
        citation=found.citation,
        drawn=is_drawn(kept),
        title=found.title or name,
        left_out=tuple(left_out),
    )


def _copy_all(
    tree: Tree,
    wanted: dict[int, tuple[str, str]],
    part: Path,
    progress: Callable[[int], None],
    task: Task,
) -> tuple[dict[int, Copied], list[str]]:
    """Pass files through the gate and write them.

    Args:
        wanted: For each row its name in `tree`, and its path in `part` without the ending.

    Returns:
        What was written, by row, and the names of those that cannot be read.
    """

    def one(row: int) -> Copied | None:
        name, target = wanted[row]
        content = tree.read(name)
        try:
            image = decode_image(content)
        except PictureError:
            return None
        suffix = PurePosixPath(name).suffix.lower()
        target += suffix if suffix in PICTURES else ""
        (part / target).write_bytes(content)
        height, width = image.shape[:2]
        return Copied(target, height, width, hashlib.sha256(content).hexdigest())

    for folder_name in {PurePosixPath(target).parent for _, target in wanted.values()}:
        (part / folder_name).mkdir(parents=True, exist_ok=True)
    rows = list(wanted)
    copied: dict[int, Copied] = {}
    bad: list[str] = []

    def before_batch(done: int) -> None:
        stop_if_cancelled(task)
        progress(done)

    for row, result in zip(rows, map_in_order(one, rows, before_batch), strict=True):
        if result is None:
            bad.append(wanted[row][0])
        else:
            copied[row] = result
    return copied, bad


def _file_names(image_ids: pd.Series) -> pd.Series:
    """A plain file name for each id, with a number where two would be one file on some disks."""
    names = image_ids.astype(str).map(lambda text: re.sub(r"[^A-Za-z0-9_.-]", "_", text)[:120])
    names = names.str.lstrip(".").replace("", "image")
    if names.str.lower().is_unique:
        return names
    numbers = pd.Series([f"{k:06d}_" for k in range(len(names))], index=names.index)
    return numbers + names


def _check_space(found: Found, part: Path) -> None:
    wanted = set(found.table["path"])
    if "mask" in found.table:
        wanted |= set(found.table["mask"].dropna())
    needed = sum(found.tree.sizes[name] for name in wanted)
    free = shutil.disk_usage(part).free
    if needed > free:
        raise DiskError(
            f"Importing needs {needed / 1e6:,.0f} MB of free space.",
            f"The disk of {settings.current().home} has {free / 1e6:,.0f} MB.",
            "Delete runs or data sets that you no longer need, then try again.",
        )


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
