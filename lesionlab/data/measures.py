"""Brightness, skin tone and perceptual hash of every picture of a data set, measured once.

An import writes them into the table. For sets that lack them they are measured on demand and kept
in HOME/cache/measures, a file a set, by the fingerprint of its pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lesionlab.data import cache
from lesionlab.data.dataset import Dataset
from lesionlab.data.lookalikes import MOST_SEARCHED
from lesionlab.data.parallel import map_in_order
from lesionlab.errors import Cancelled, DataError, PictureError
from lesionlab.files import replacing
from lesionlab.images.decode import read_image
from lesionlab.images.measures import measure
from lesionlab.images.with_pillow import size_in_file
from lesionlab.task import Task

# Part of the key: a change in what is measured must give new numbers.
FORMAT = 1
COLUMNS = ("brightness", "ita", "phash", "width", "height")
# Larger sets without the columns are not measured: that would take the processor for an hour.
MOST_MEASURED = 200_000


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of the pictures of a data set, a row each, in the table's order.

    Attributes:
        brightness: Mean L* of the picture, float32 `(n,)`, 0 to 100; not a number where the
            picture could not be read.
        ita: Individual Typology Angle in degrees, float32 `(n,)`; not a number where too little
            skin is seen.
        hashes: Perceptual hashes, uint64 `(n, 4)`: the 8×8 lowest frequencies are the first 64
            bits, then those to the right of them, below, and below on the right. `(0, 4)` in sets
            too large to compare, of which nobody asks for them.
        known: Where there is a hash, bool `(n,)`.
        widths: Pixels, int32 `(n,)`; likewise `heights`; 0 where the picture could not be read.
    """

    brightness: np.ndarray
    ita: np.ndarray
    hashes: np.ndarray
    known: np.ndarray
    widths: np.ndarray
    heights: np.ndarray

    def __len__(self) -> int:
        return len(self.brightness)


def stored_measures(dataset: Dataset) -> Measured | None:
    """The measures that an import has left in the table, or None when it lacks them."""
    table = dataset.table
    if not set(COLUMNS) <= set(table.columns) or not bool(table["phash"].notna().any()):
        return None
    return from_table(table)


def cached_measures(dataset: Dataset) -> Measured | None:
    """The measures that were made on demand, or None when they were not."""
    if len(dataset) > MOST_MEASURED:
        return None
    path = cache_path(dataset)
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError):
        return None
    cache.mark_used(path)
    return from_table(table) if len(table) == len(dataset) else None


def cache_path(dataset: Dataset) -> Path:
    """Where measures made on demand lie or would lie.

    Raises:
        DataError: A picture file of the set is gone.
    """
    return cache.place("measures") / f"{dataset.fingerprint}-{FORMAT}.parquet"


def measure_dataset(
    dataset: Dataset,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Measured:
    """The measures of a data set, from wherever they are; measured and kept when nowhere.

    Args:
        progress: Told the fraction done (0..1) and a sentence.
        cancelled: Asked now and then whether to stop.

    Raises:
        DataError: The set is too large, or a picture file is gone. DiskError: the disk is full.
        Cancelled: `cancelled` said so.
    """
    found = stored_measures(dataset) or cached_measures(dataset)
    if found is not None:
        return found
    if len(dataset) > MOST_MEASURED:
        raise DataError(
            f"Expected at most {MOST_MEASURED:,} pictures to measure.",
            f"{dataset.title or dataset.name} has {len(dataset):,}.",
            "Import the set: pictures are measured while they are copied.",
        )
    path = cache_path(dataset)
    total = len(dataset)

    def before_batch(done: int) -> None:
        if cancelled and cancelled():
            raise Cancelled
        if progress:
            progress(done / total, f"Measuring picture {done:,} of {total:,}")

    def one(row: int) -> dict[str, Any]:
        return measure_row(dataset, row)

    table = pd.DataFrame(list(map_in_order(one, range(total), before_batch)), columns=list(COLUMNS))
    with replacing(path) as temporary:
        table.to_parquet(temporary, index=False)
    cache.note_origin(path, dataset.folder)
    cache.trim(keep=path)
    return from_table(table)


def measure_row(dataset: Dataset, row: int) -> dict[str, Any]:
    """The measures of one picture of a set; without values where its file cannot be read."""
    path = dataset.image_path(row)
    try:
        image = read_image(path)
    except PictureError:
        return {"width": 0, "height": 0}
    found = measure(image, _mask(dataset, row))
    height, width = size_in_file(path, image)
    words = {name: found[name] for name in ("brightness", "ita", "phash")}
    return {**words, "width": width, "height": height}


def _mask(dataset: Dataset, row: int) -> np.ndarray | None:
    name = dataset.table["mask"].iat[row] if "mask" in dataset.table else None
    if not isinstance(name, str):
        return None
    try:
        return read_image(dataset.folder / name)[..., 0]
    except PictureError:
        return None


def from_table(table: pd.DataFrame) -> Measured:
    """Measures from the columns of a table.

    Args:
        table: The columns `COLUMNS`; `phash` as 64 hexadecimal characters, or missing.
    """
    texts = table["phash"].where(table["phash"].notna(), None).astype("str")
    known = (texts.str.len() == 64).to_numpy(bool, na_value=False)
    hashes = np.zeros((0, 4), np.uint64)
    if int(known.sum()) <= MOST_SEARCHED:
        digits = "".join(texts[known].to_numpy(dtype=object))
        hashes = np.zeros((len(table), 4), np.uint64)
        hashes[known] = _blocks(np.frombuffer(bytes.fromhex(digits), np.uint8))
    return Measured(
        brightness=_numbers(table["brightness"]),
        ita=_numbers(table["ita"]),
        hashes=hashes,
        known=known,
        widths=np.nan_to_num(_numbers(table["width"])).astype(np.int32),
        heights=np.nan_to_num(_numbers(table["height"])).astype(np.int32),
    )


def _blocks(content: np.ndarray) -> np.ndarray:
    """Bits of 16 rows of 16, as bytes, to four words of 8 rows of 8, `(n, 4)`."""
    # A byte is half a row, so that no bit has to leave its byte.
    halves = np.ascontiguousarray(content.reshape(-1, 2, 8, 2).swapaxes(2, 3))
    return halves.reshape(-1).view(np.uint64).reshape(-1, 4)


def _numbers(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float32, na_value=np.nan)


def run_measure(task: Task) -> None:
    """The job `measure-data`: measure the pictures of the set that its spec names as `dataset`.

    Raises:
        DataError: The desk of the job sees no such set, or it cannot be measured. Cancelled: the
            user said so.
    """
    from lesionlab.data.store import open_dataset

    name = task.spec.get("dataset")
    if not isinstance(name, str):
        raise DataError(
            "Expected the name of a data set.", f"Received {name!r}.", "Choose one on the page."
        )
    dataset = open_dataset(name, task.desk)
    measure_dataset(dataset, task.progress, task.cancelled)
    task.progress(1.0, f"{len(dataset):,} pictures measured")
