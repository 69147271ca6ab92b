"""Pictures to measure with: soft blotches with a little noise, which pack like skin."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

# Height and width of a picture of HAM10000, and of a phone.
HAM, PHONE = (450, 600), (3000, 4000)


def jpeg(size: tuple[int, int], seed: int = 0) -> bytes:
    """A JPEG of this height and width, about 0.7 bits a pixel."""
    rng = np.random.default_rng(seed)
    blotches = Image.fromarray(rng.integers(90, 230, (7, 9, 3), dtype=np.uint8))
    height, width = size
    smooth = np.asarray(blotches.resize((width, height), Image.Resampling.BICUBIC)).astype(np.int16)
    noise = rng.integers(-5, 6, (*size, 1), dtype=np.int16)
    file = io.BytesIO()
    Image.fromarray(np.clip(smooth + noise, 0, 255).astype(np.uint8)).save(file, "JPEG", quality=90)
    return file.getvalue()


def class_folders(folder: Path, num_images: int, size: tuple[int, int]) -> Path:
    """A data set of two class folders with this many pictures."""
    for number in range(num_images):
        path = folder / ("nv", "mel")[number % 2] / f"{number:04d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(size, seed=number))
    return folder
