"""A picture made ready step by step, as small files for a page: bounded, and made once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lesionlab.app import caches, pictures

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset
    from lesionlab.images.preprocess import Preprocessing

# Longer sides of what pages show, in pixels.
LARGE, SMALL = 480, 240


@dataclass(frozen=True)
class Step:
    """What one step did.

    Attributes:
        name: The field of the settings that turns it on.
        after: The picture after it, as a JPEG.
        share: Of the pixels, cut off or changed, 0 to 1.
        levels: By how many grey levels of 255 the changed ones changed on average.
        cuts: Whether it cuts rather than changes.
        milliseconds: How long it took.
    """

    name: str
    after: bytes
    share: float
    levels: float
    cuts: bool
    milliseconds: float


@dataclass(frozen=True)
class Story:
    """A picture before, after each step, and as the network sees it.

    Attributes:
        height: Of the picture before, in pixels, as is `width`.
        before: As a JPEG.
        steps: Those that are on, in order.
        seen: What the network gets, as a PNG without loss; as a JPEG where pictures are small.
        milliseconds: All steps and the final size together.
    """

    height: int
    width: int
    before: bytes
    steps: tuple[Step, ...]
    seen: bytes
    milliseconds: float


def story(found: Dataset, image_id: str, settings: Preprocessing, longest: int = LARGE) -> Story:
    """Make a picture of a data set ready, and tell what each step did.

    Args:
        longest: Longer side of the pictures in the story, in pixels.

    Raises:
        DataError: The set has no picture of this id.
        PictureError: Its file cannot be read.
    """
    path = caches.picture_path(found, image_id)
    return _story(path, caches.stamp(path), settings, longest)


# Keyed by the file and when it changed: a data set itself would be kept in memory by this cache.
@lru_cache(maxsize=256)
def _story(path: Path, stamp: str, settings: Preprocessing, longest: int) -> Story:
    from lesionlab.images.decode import read_image
    from lesionlab.images.preprocess import resize, steps

    first = image = read_image(path)
    told, total = [], 0.0
    for name, step in steps(settings):
        begin = time.perf_counter()
        after = step(image)
        milliseconds = 1000 * (time.perf_counter() - begin)
        total += milliseconds
        if name in type(settings).model_fields:
            cuts = name in ("remove_caption", "crop_border")
            share, levels = (cut_share(image, after), 0.0) if cuts else change(image, after)
            shown = pictures.encode(after, longest)
            told.append(Step(name, shown, share, levels, cuts, milliseconds))
        image = after
    begin = time.perf_counter()
    seen = resize(image, settings)
    total += 1000 * (time.perf_counter() - begin)
    return Story(
        height=first.shape[0],
        width=first.shape[1],
        before=pictures.encode(first, longest),
        steps=tuple(told),
        seen=pictures.encode(seen, max(seen.shape), exact=True)
        if longest > SMALL
        else pictures.encode(seen, longest),
        milliseconds=total,
    )


def cut_share(before: np.ndarray, after: np.ndarray) -> float:
    """What share of the pixels was cut off, 0 to 1."""
    return 1 - after.shape[0] * after.shape[1] / (before.shape[0] * before.shape[1])


def change(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """What share of the pixels changed, 0 to 1, and those by how many grey levels on average.

    Args:
        before: uint8 RGB `(h, w, 3)`, as is `after`.
    """
    away = np.abs(after.astype(np.int16) - before).sum(axis=2)
    changed = int(np.count_nonzero(away))
    return changed / away.size, float(away.sum()) / (3 * changed) if changed else 0.0
