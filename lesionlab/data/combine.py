"""Join data sets into one, without repeated pictures.

A picture counts once, however many sets have it; where they call it by different diagnoses it is
left out, since one of them is wrong. Files are linked where the disk allows it, so that joining
takes no room and the new set stays whole when a source is deleted.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from lesionlab import settings
from lesionlab.data import quota
from lesionlab.data.asking import check_kind
from lesionlab.data.dataset import COLUMNS, Dataset, is_drawn
from lesionlab.data.import_set import facts_of
from lesionlab.data.joining import (
    merge,
    one_id_through_pictures,
    repeats,
    same_pictures,
    unique_image_ids,
    with_own_ids,
)
from lesionlab.data.making import check_space, file_names, make_dataset
from lesionlab.data.members import rows_of
from lesionlab.data.parallel import map_in_order
from lesionlab.data.sources.words import count, some
from lesionlab.data.store import open_dataset
from lesionlab.diagnoses import read_code
from lesionlab.errors import DataError, PictureError, disk_errors
from lesionlab.images.decode import decode_image
from lesionlab.task import PartOfTask, Task, stop_if_cancelled

FACTS = ("height", "width", "sha256", "pixels_sha256")
# Reading what is not known of the pictures takes nearly all of the time, if anything must be read.
READING = 0.8


def combine_datasets(
    names: Sequence[str],
    new_name: str,
    *,
    only: Mapping[str, Sequence[str]] | None = None,
    owner_desk: str = "",
    task: Task,
) -> Dataset:
    """Join data sets; of repeated pictures the first one stays.

    SD-198 gives only its pictures of none of the eight classes when another set has any of these,
    as in Steppan and Hanke (2021), unless `only` says what to take of it.

    Args:
        names: The sets, the one to be trusted most first.
        new_name: What the result will be called.
        only: Codes of the classes to take of a set, by its name; all of the sets that are not here.
        owner_desk: Who asks: sees its own, shared and the server's sets; "" sees all. Owns the
            result.

    Raises:
        DataError: There is no such set, some are drawings and some photographs, nothing is left, or
            the name is taken. DiskError: The disk
            or the desk is full. Cancelled: The task said so; nothing is left behind.
    """
    names = list(dict.fromkeys(names))
    codes_of = {
        name: tuple(read_code(code) for code in codes) for name, codes in (only or {}).items()
    }
    if strange := sorted(set(codes_of) - set(names)):
        raise DataError(
            f"Expected classes for the sets that are joined: {', '.join(names)}.",
            f"Received some for {', '.join(strange)}.",
            "Name the set too, or leave its classes out.",
        )

    def fill(part: Path) -> Dataset:
        task.progress(0.0, "Looking at the data sets")
        sets = _named_apart([open_dataset(name, owner_desk) for name in names])
        check_kind(sets)
        left_out: list[str] = []
        table = rows_of(sets, [codes_of.get(name) for name in names], left_out)
        try:
            table = _with_facts(table, PartOfTask(task, 0, READING), left_out)
            table = _joined(table, left_out)
            _check_room(table, part, owner_desk)
            table = _bring(table, part, PartOfTask(task, READING, 1))
        except FileNotFoundError as error:
            raise DataError(
                "Expected the pictures of the sets that are joined.",
                f"{Path(str(error.filename)).name} is gone: a set was deleted meanwhile.",
                "Choose sets that are there.",
            ) from error
        return _described(new_name, part, table, sets, left_out)

    dataset = make_dataset(new_name, "combine", fill, owner_desk=owner_desk, task=task)
    task.progress(1.0, f"{count(len(dataset), 'picture')} joined")
    return dataset


def _named_apart(sets: list[Dataset]) -> list[Dataset]:
    """The sets under names of their own: two folders may be called alike."""
    apart: list[Dataset] = []
    for dataset in sets:
        taken = {other.name for other in apart}
        name, number = dataset.name, 2
        while name in taken:
            name, number = f"{dataset.name}-{number}", number + 1
        apart.append(replace(dataset, name=name))
    return apart


def _with_facts(table: pd.DataFrame, task: Task, left_out: list[str]) -> pd.DataFrame:
    """Read the pictures of which it is not known what they show; sets keep that since an import."""
    for column in FACTS:
        if column not in table:
            table[column] = None
    unknown = table.index[table[list(FACTS)].isna().any(axis=1)].tolist()

    def one(row: int) -> dict[str, Any] | None:
        try:
            content = Path(table["file"][row]).read_bytes()
            return facts_of(content, decode_image(content))
        except (OSError, PictureError):
            return None

    def before_batch(done: int) -> None:
        stop_if_cancelled(task)
        task.progress(done / len(unknown), f"Reading picture {done:,} of {len(unknown):,}")

    known: dict[int, dict[str, Any]] = {}
    bad = []
    for row, facts in zip(unknown, map_in_order(one, unknown, before_batch), strict=True):
        if facts is None:
            bad.append(row)
        else:
            known[row] = facts
    if known:
        read = pd.DataFrame.from_dict(known, orient="index").astype(object)
        for column in map(str, read.columns):
            if column not in table:
                table[column] = None
            own = table[column].reindex(read.index)
            table.loc[read.index, column] = own.where(own.notna(), read[column])
    if bad:
        names = [Path(table["file"][row]).name for row in bad]
        left_out.append(f"{count(len(bad), 'picture')} that cannot be read: {some(names)}.")
    return table.drop(index=bad).reset_index(drop=True)


def _joined(table: pd.DataFrame, left_out: list[str]) -> pd.DataFrame:
    """Each picture once, with ids that are nobody else's."""
    pictures = same_pictures(table)
    table = one_id_through_pictures(with_own_ids(table), pictures)
    kept, contradicting = merge(table, pictures)
    agreeing = ~table.index.isin(contradicting.index)
    for (loser, keeper), number in repeats(table[agreeing], pictures[agreeing]).items():
        where = "has twice" if loser == keeper else f"and {keeper} both have"
        left_out.append(f"{count(number, 'repeated picture')}, which {loser} {where}.")
    if len(contradicting):
        left_out.append(_contradictions(contradicting))
    if kept.empty:
        raise DataError(
            "Expected pictures on whose diagnosis the sets agree.", "There are none.", "Check them."
        )
    # A mask fits where every pixel is the same, but not a picture that was made smaller.
    masks = table.dropna(subset="mask_file").drop_duplicates("pixels_sha256")
    mask_of = dict(zip(masks["pixels_sha256"], masks["mask_file"], strict=True))
    kept["mask_file"] = [
        mask_of.get(pixels) if pd.isna(own) else own
        for pixels, own in zip(kept["pixels_sha256"], kept["mask_file"], strict=True)
    ]
    kept["image_id"] = unique_image_ids(kept)
    return kept


def _contradictions(rows: pd.DataFrame) -> str:
    words = []
    for _, same in rows.groupby("picture", sort=False):
        labels = zip(same["diagnosis"], same["set"], strict=True)
        said = dict.fromkeys(f"{code} in {name}" for code, name in labels)
        words.append(f"{same['image_id'].iloc[0]} ({', '.join(said)})")
    return f"{count(len(words), 'picture')} whose diagnoses contradict each other: {some(words)}."


def _check_room(table: pd.DataFrame, part: Path, owner_desk: str) -> None:
    sizes = {
        file: Path(file).stat().st_size
        for column in ("file", "mask_file")
        for file in table[column].dropna()
    }
    check_space(part, sum(size for file, size in sizes.items() if not _is_ours(file)), "")
    quota.check(owner_desk, sum(sizes.values()))


def _is_ours(file: str) -> bool:
    """Whether a file lies in a stored set: nobody writes into those, so a link stays what it is."""
    return Path(file).is_relative_to(settings.current().datasets)


def _bring(table: pd.DataFrame, part: Path, task: Task) -> pd.DataFrame:
    """Link or copy pictures and masks into the new set's folder."""
    names = file_names(table["image_id"])
    has_mask = table["mask_file"].notna()

    def one(row: int) -> tuple[str, str | None]:
        path = _put(str(table["file"][row]), part, f"images/{names[row]}")
        mask = None
        if has_mask[row]:
            mask = _put(str(table["mask_file"][row]), part, f"masks/{names[row]}")
        return path, mask

    def before_batch(done: int) -> None:
        stop_if_cancelled(task)
        task.progress(done / len(table), f"Bringing picture {done:,} of {len(table):,}")

    for folder_name in ("images", "masks") if has_mask.any() else ("images",):
        (part / folder_name).mkdir()
    with disk_errors("the data set"):
        brought = list(map_in_order(one, list(table.index), before_batch))
    table["path"] = [path for path, _ in brought]
    table["mask"] = pd.Series([mask for _, mask in brought], table.index, dtype=object)
    return table


def _put(source: str, folder: Path, target: str) -> str:
    target += PurePosixPath(source).suffix.lower()
    if _is_ours(source):
        try:
            os.link(source, folder / target)
        except OSError:
            pass  # another disk, or one without links: copied below
        else:
            return target
    shutil.copyfile(source, folder / target)
    return target


def _described(
    name: str, part: Path, table: pd.DataFrame, sets: list[Dataset], left_out: list[str]
) -> Dataset:
    table = table.drop(columns=["set", "file", "mask_file"])
    order = [*COLUMNS, *(column for column in table.columns if column not in COLUMNS)]
    table = table[order].reset_index(drop=True).infer_objects()
    for column in list(table.columns):
        if pd.api.types.infer_dtype(table[column], skipna=True).startswith("mixed"):
            # Publishers fill columns of one name with numbers here and words there.
            table[column] = table[column].map(str, na_action="ignore")
    if not table["mask"].notna().any():
        table = table.drop(columns="mask")
    return Dataset(
        name=name,
        folder=part,
        table=table,
        licence=_licences(sets),
        citation="; ".join(dict.fromkeys(d.citation.rstrip(".") for d in sets if d.citation)),
        drawn=is_drawn(table),
        title=" + ".join(dict.fromkeys(dataset.title or dataset.name for dataset in sets)),
        left_out=tuple(left_out),
    )


def _licences(sets: list[Dataset]) -> str:
    """The licences of all sets; which set has which, where they differ."""
    titles: dict[str, list[str]] = {}
    for dataset in sets:
        titles.setdefault(dataset.licence or "unknown", []).append(dataset.title or dataset.name)
    if len(titles) == 1:
        licence = next(iter(titles))
        return "" if licence == "unknown" else licence
    return "; ".join(f"{licence} ({', '.join(names)})" for licence, names in titles.items())
