"""From a folder of downloaded pictures to a stored data set, without a second copy on the disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pandas as pd

from lesionlab.data.dataset import Dataset
from lesionlab.data.import_set import facts_of
from lesionlab.data.isic_archive.downloaded import read
from lesionlab.data.making import make_dataset
from lesionlab.data.parallel import map_in_order
from lesionlab.data.sources.words import count, some
from lesionlab.errors import DataError, PictureError, disk_errors
from lesionlab.images.decode import decode_image
from lesionlab.task import Task, stop_if_cancelled

KIND = "isic-archive"


def store(folder: Path, name: str, *, owner_desk: str, task: Task) -> Dataset:
    """Make a data set of a folder that `downloaded.read` reads; the folder stays as it is.

    The pictures pass the gate once more: a disk may have lost what came whole.

    Raises:
        DataError: The name is taken, or no picture can be used. DiskError: The disk is full.
        Cancelled: The task said so. Each leaves nothing behind.
    """

    def fill(part: Path) -> Dataset:
        with disk_errors("the data set"):
            return _fill(folder, part, name, task)

    return make_dataset(name, KIND, fill, owner_desk=owner_desk, task=task)


def _fill(folder: Path, part: Path, name: str, task: Task) -> Dataset:
    found = read(folder)
    rows = found.table
    (part / "images").mkdir()

    def one(row: int) -> dict[str, Any] | None:
        file = str(rows["path"][row])
        content = found.tree.read(file)
        try:
            facts = facts_of(content, decode_image(content))
        except PictureError:
            return None
        target = f"images/{Path(file).name}"
        _link(folder / file, part / target)
        return {"path": target, **facts}

    def before_batch(done: int) -> None:
        stop_if_cancelled(task)
        task.progress(done / len(rows), f"Looking at picture {done:,} of {len(rows):,}")

    looked_at = list(map_in_order(one, list(rows.index), before_batch))
    facts = {row: words for row, words in zip(rows.index, looked_at, strict=True) if words}
    bad = [str(rows["image_id"][row]) for row in rows.index if row not in facts]
    if not facts:
        raise DataError(
            "Expected pictures that can be read.", f"None of {some(bad)} can.", "Download again."
        )
    kept = rows.loc[list(facts)].copy()
    columns = pd.DataFrame(list(facts.values()), index=kept.index)
    for column in columns:
        kept[column] = columns[column]
    left_out = list(found.left_out)
    if bad:
        left_out.append(f"{count(len(bad), 'picture')} that cannot be read: {some(bad)}.")
    return Dataset(
        name=name,
        folder=part,
        table=kept.reset_index(drop=True),
        licence=found.licence,
        citation=found.citation,
        title=found.title,
        left_out=tuple(left_out),
    )


def _link(file: Path, target: Path) -> None:
    """The same file under a second name, or a copy where the disk knows no such thing."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)
