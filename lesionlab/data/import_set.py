"""Bring a data set in: look at it, pass every picture through the gate, copy what is whole.

The pictures are kept byte for byte. What can be measured of one is measured while it is decoded.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from lesionlab.data.dataset import Dataset, is_drawn
from lesionlab.data.making import check_space, file_names, make_dataset
from lesionlab.data.parallel import map_in_order
from lesionlab.data.sources.columns import USUAL, Columns
from lesionlab.data.sources.found import Found
from lesionlab.data.sources.kinds import SOURCES
from lesionlab.data.sources.tree import PICTURES, Tree
from lesionlab.data.sources.words import count, some
from lesionlab.errors import DataError, PictureError, disk_errors
from lesionlab.images.decode import decode_image
from lesionlab.images.measures import measure
from lesionlab.images.with_pillow import size_in_file
from lesionlab.task import Task, stop_if_cancelled


@dataclass(frozen=True)
class Copied:
    """A picture that went through the gate and lies in its place.

    Attributes:
        path: Below the data set's folder; so is `mask`, None without one that can be read.
        bad_mask: Whether it has a mask that cannot be read.
        facts: Further columns: size, digests and measures.
    """

    path: str
    mask: str | None
    bad_mask: bool
    facts: dict[str, Any]


def import_dataset(
    kind: str,
    path: Path,
    name: str,
    columns: Columns = USUAL,
    *,
    owner_desk: str = "",
    stored_kind: str = "",
    task: Task,
) -> Dataset:
    """Copy a data set into the program's own folder.

    Args:
        kind: A key of `SOURCES`.
        path: The folder, archive or table.
        name: What the set will be called.
        columns: Which columns of its table to take, when not the usual ones.
        owner_desk: Whose it will be; "" is everyone's. Which paths a desk may name is for
            `ownership.source_path` to say.
        stored_kind: What the set says of how it came here, when that is more than `kind`.
        task: Told how far it is; asked between pictures whether to stop.

    Raises:
        DataError: Nothing there that can be read as such a data set, or the name is taken.
        DiskError: The disk or the desk is full. Cancelled: the task said so. Either leaves nothing
            behind.
    """
    if kind not in SOURCES:
        raise DataError(
            f"Expected one of the kinds {', '.join(SOURCES)}.", f"Received {kind!r}.", "Choose one."
        )

    def fill(part: Path) -> Dataset:
        task.progress(0.0, f"Looking at {path.name}")
        found = SOURCES[kind](path.expanduser(), columns)
        try:
            check_space(part, _bytes_of(found), owner_desk)
            return _copy(found, part, name, task)
        finally:
            found.tree.close()

    dataset = make_dataset(name, stored_kind or kind, fill, owner_desk=owner_desk, task=task)
    task.progress(1.0, f"{count(len(dataset), 'picture')} imported")
    return dataset


def facts_of(content: bytes, image: np.ndarray, mask: np.ndarray | None = None) -> dict[str, Any]:
    """What the table of a stored set says of each picture beside what its publisher says.

    Args:
        content: The file.
        image: The same decoded, uint8 RGB `(h, w, 3)`.
        mask: The lesion, uint8 of the size in the file or of `image`; None when not known or of
            another size.

    Returns:
        height, width (in the file), sha256 (of the file), pixels_sha256 (of what it shows: 32
        characters, equal for a copy that was saved again without loss), and what
        `images.measures` measures.
    """
    height, width = size_in_file(content, image)
    shown = hashlib.sha256("{}x{}\n".format(*image.shape[:2]).encode())
    shown.update(np.ascontiguousarray(image).data)
    return {
        "height": height,
        "width": width,
        "sha256": hashlib.sha256(content).hexdigest(),
        "pixels_sha256": shown.hexdigest()[:32],
        **measure(image, mask),
    }


def _copy(found: Found, part: Path, name: str, task: Task) -> Dataset:
    rows = found.table
    with disk_errors("the data set"):
        copied, bad = _copy_all(found.tree, rows, part, task)
    if not copied:
        raise DataError(
            f"Expected pictures that can be read in {found.tree.title}.",
            f"None of its {len(rows):,} can; the first is {bad[0]}.",
            "Check that they are JPEG, PNG, WebP, TIFF or BMP files of at most 30 MB.",
        )
    left_out = list(found.left_out)
    if bad:
        left_out.append(f"{count(len(bad), 'picture')} that cannot be read: {some(bad)}.")
    kept = rows.loc[list(copied)].copy()
    if "mask" in kept:
        bad_masks = [str(kept["mask"][row]) for row, file in copied.items() if file.bad_mask]
        if bad_masks:
            left_out.append(
                f"{count(len(bad_masks), 'mask')} that cannot be read: {some(bad_masks)}."
            )
        kept["mask"] = pd.Series([file.mask for file in copied.values()], kept.index, dtype=object)
    kept["path"] = [file.path for file in copied.values()]
    facts = pd.DataFrame([file.facts for file in copied.values()], index=kept.index)
    for column in facts:
        kept[column] = facts[column]
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
    tree: Tree, rows: pd.DataFrame, part: Path, task: Task
) -> tuple[dict[int, Copied], list[str]]:
    """Pass the pictures of a table and their masks through the gate and write them.

    Returns:
        What was written, by row, and the names of those that cannot be read.
    """
    targets = file_names(rows["image_id"])
    masks = rows["mask"].dropna().astype(str).to_dict() if "mask" in rows else {}

    def one(row: int) -> Copied | None:
        name = str(rows["path"][row])
        content = tree.read(name)
        try:
            image = decode_image(content)
        except PictureError:
            return None
        mask = _mask(tree, masks.get(row))
        target = _write(part, f"images/{targets[row]}", name, content)
        mask_target = None
        shape: np.ndarray | None = None
        if mask is not None:
            mask_target = _write(part, f"masks/{targets[row]}", masks[row], mask[0])
            # A large JPEG is decoded at half its size, and its mask is not.
            sizes = (image.shape[:2], size_in_file(content, image))
            shape = mask[1] if mask[1].shape in sizes else None
        bad_mask = row in masks and mask is None
        return Copied(target, mask_target, bad_mask, facts_of(content, image, shape))

    for folder_name in ("images", "masks") if masks else ("images",):
        (part / folder_name).mkdir(parents=True, exist_ok=True)
    copied: dict[int, Copied] = {}
    bad: list[str] = []
    wanted = list(rows.index)

    def before_batch(done: int) -> None:
        stop_if_cancelled(task)
        task.progress(done / len(wanted), f"Reading picture {done:,} of {len(wanted):,}")

    for row, result in zip(wanted, map_in_order(one, wanted, before_batch), strict=True):
        if result is None:
            bad.append(str(rows["path"][row]))
        else:
            copied[row] = result
    return copied, bad


def _mask(tree: Tree, name: str | None) -> tuple[bytes, np.ndarray] | None:
    """A mask's file and its first channel; None where there is none that can be read."""
    if name is None:
        return None
    content = tree.read(name)
    try:
        return content, decode_image(content)[:, :, 0]
    except PictureError:
        return None


def _write(part: Path, target: str, name: str, content: bytes) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    target += suffix if suffix in PICTURES else ""
    (part / target).write_bytes(content)
    return target


def _bytes_of(found: Found) -> int:
    wanted = set(found.table["path"])
    if "mask" in found.table:
        wanted |= set(found.table["mask"].dropna())
    return sum(found.tree.sizes[name] for name in wanted)
