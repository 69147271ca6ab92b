"""Pictures decoded once: a memory-mapped file that every run and desk shares.

The key says which pictures, in which order, and how they were preprocessed. The file is written
aside from front to back and renamed. (Writing through a memory map would end the whole process when
the disk is full, where a plain write gives an error.)
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from lesionlab.data import cache
from lesionlab.data.dataset import Dataset
from lesionlab.data.parallel import map_in_order
from lesionlab.errors import Cancelled, DataError, PictureError, disk_errors
from lesionlab.files import replacing
from lesionlab.images.decode import read_image
from lesionlab.images.preprocess import Preprocessing, preprocess

# Part of the key: a change in how pictures are decoded or resized must give new pixels.
FORMAT = 1
# How often one who waits for another's decoding looks whether to stop.
WAIT_SECONDS = 0.5


def cached_pixels(
    dataset: Dataset,
    preprocessing: Preprocessing,
    progress: Callable[[float, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> np.memmap:
    """The pixels of a data set as a network sees them, decoded only when nobody did so before.

    Args:
        progress: Told the fraction done (0..1) and a sentence.
        cancelled: Asked now and then whether to stop.

    Returns:
        uint8 RGB `(n, height, width, 3)`, read-only, rows in table order.

    Raises:
        DataError: A picture cannot be read; the sentence names it. DiskError: the disk is full.
        Cancelled: `cancelled` said so; what was written is gone again.
    """
    if not len(dataset):
        raise DataError(
            "Expected at least one picture.", "The data set is empty.", "Choose another."
        )
    path = cache_path(dataset, preprocessing)
    shape = (len(dataset), *preprocessing.size, 3)
    tell = progress or (lambda fraction, message: None)
    stop = cancelled or (lambda: False)
    pixels = _open(path, shape)
    if pixels is None:
        with disk_errors("the pixel cache"):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = _acquire(path.with_suffix(".lock"), tell, stop)
        with lock:
            # Whoever held the lock before may have written what we need.
            pixels = _open(path, shape)
            if pixels is None:
                cache.trim(room=math.prod(shape))
                _write(path, shape, dataset, preprocessing, tell, stop)
                pixels = np.load(path, mmap_mode="r")
                cache.trim(keep=path)
    cache.note_origin(path, dataset.folder)
    tell(1.0, f"{len(dataset):,} pictures decoded")
    return pixels


def cache_path(dataset: Dataset, preprocessing: Preprocessing) -> Path:
    """Where the pixels lie or would lie."""
    words = f"{FORMAT}\n{dataset.fingerprint}\n{preprocessing.model_dump_json()}"
    key = hashlib.sha256(words.encode()).hexdigest()[:32]
    return cache.place("pixels") / f"{key}.npy"


def _open(path: Path, shape: tuple[int, ...]) -> np.memmap | None:
    """The pixels if they are there and whole; being used makes them young again."""
    try:
        pixels = np.load(path, mmap_mode="r", allow_pickle=False)
        cache.mark_used(path)
    except (FileNotFoundError, ValueError, EOFError):
        return None
    return pixels if pixels.shape == shape and pixels.dtype == np.uint8 else None


def _acquire(path: Path, tell: Callable[[float, str], None], stop: Callable[[], bool]) -> FileLock:
    lock = FileLock(path)
    while True:
        if stop():
            raise Cancelled
        try:
            lock.acquire(timeout=WAIT_SECONDS)
            return lock
        except Timeout:
            tell(0.0, "Another job decodes the same pictures; waiting for it")


def _write(
    path: Path,
    shape: tuple[int, ...],
    dataset: Dataset,
    preprocessing: Preprocessing,
    tell: Callable[[float, str], None],
    stop: Callable[[], bool],
) -> None:
    def one(row: int) -> np.ndarray:
        try:
            return preprocess(read_image(dataset.image_path(row)), preprocessing)
        except PictureError as error:
            raise DataError(
                f"Expected every picture of {dataset.title or dataset.name} to be readable.",
                error.received,
                "Take it out of the folder, or import the data set: that leaves such pictures out.",
            ) from error

    def before_batch(done: int) -> None:
        if stop():
            raise Cancelled
        tell(done / shape[0], f"Decoding picture {done:,} of {shape[0]:,}")

    for left in path.parent.glob(f".{path.name}.*.part"):
        left.unlink(missing_ok=True)
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    with replacing(path) as part, part.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for pixels in map_in_order(one, range(shape[0]), before_batch):
            file.write(pixels.tobytes())
