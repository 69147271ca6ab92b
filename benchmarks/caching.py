"""The cache of decoded pixels: writing it once, and reading it as a training does."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

from benchmarks.pictures import HAM, class_folders
from benchmarks.result import Result
from lesionlab.data.pixels import cached_pixels
from lesionlab.data.store import open_dataset
from lesionlab.images.preprocess import Preprocessing

NUM_IMAGES, BATCH = 400, 32
SIZE = (224, 224)


def measure(home: Path) -> list[Result]:
    """Pictures a second written with all cores, and read in shuffled batches."""
    os.environ["LESIONLAB_HOME"] = str(home)
    dataset = open_dataset(str(class_folders(home / "to-cache", NUM_IMAGES, HAM)))
    preprocessing = Preprocessing(size=SIZE)
    begin = time.perf_counter()
    pixels = cached_pixels(dataset, preprocessing)
    written = NUM_IMAGES / (time.perf_counter() - begin)
    order = np.random.default_rng(0).permutation(np.tile(np.arange(NUM_IMAGES), 10))
    begin = time.perf_counter()
    for start in range(0, len(order), BATCH):
        np.ascontiguousarray(pixels[np.sort(order[start : start + BATCH])])
    read = len(order) / (time.perf_counter() - begin)
    note = f"{NUM_IMAGES} JPEGs of {HAM[0]}×{HAM[1]} to {SIZE[0]}×{SIZE[1]}"
    return [
        Result("pixel cache, writing", written, "images/s", note=f"{note}, {os.cpu_count()} cores"),
        Result("pixel cache, reading", read, "images/s", note=f"in shuffled batches of {BATCH}"),
    ]
