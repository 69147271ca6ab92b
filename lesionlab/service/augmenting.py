"""What the augmentation layer makes of a picture: at random, at a chosen value, and how quickly."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from lesionlab.errors import ExperimentError, ServiceError
from lesionlab.experiment import Augmentation
from lesionlab.images.decode import decode_image
from lesionlab.images.preprocess import Preprocessing, preprocess

# Twelve samples at the largest size, and some room.
MAX_PIXELS = 16_000_000
# Samples at a time.
MAX_SAMPLES = 64
# Pixels changed at a time: as float32 numbers they take 24 MB, a few times over.
CHUNK_PIXELS = 2_000_000
# How long a measurement waits for another one: they would measure each other.
PATIENCE = 20.0
_measuring = threading.Lock()


def check_amount(count: int, size: tuple[int, int]) -> None:
    """Refuse more pixels at a time than the memory of a small machine holds as numbers.

    Raises:
        ExperimentError: It would be more.
    """
    if count * size[0] * size[1] > MAX_PIXELS:
        raise ExperimentError(
            f"Expected at most {MAX_PIXELS // 10**6} megapixels of samples.",
            f"{count} of {size[0]}×{size[1]} are more.",
            "Ask for fewer, or for smaller ones.",
        )


def augmented(
    augmentation: Augmentation, preprocessing: Preprocessing, data: bytes, count: int, seed: int
) -> np.ndarray:
    """Random changes of one picture by the layer that training uses.

    The first samples of a seed stay the same when more are asked for.

    Returns:
        uint8 RGB `(count, h, w, 3)`.

    Raises:
        PictureError: The bytes are not a picture that can be read.
    """
    from lesionlab.models.augment import draw_parameters

    pixels = preprocess(decode_image(data), preprocessing)
    rng = np.random.default_rng(seed)
    parameters = draw_parameters(augmentation, MAX_SAMPLES, preprocessing.size, rng)
    return _changed(augmentation, pixels, parameters[:count])


def changed_once(
    change: str, values: Sequence[float], fill: str, preprocessing: Preprocessing, data: bytes
) -> np.ndarray:
    """One change of a picture at each of some values, by the layer that training uses.

    Returns:
        uint8 RGB `(len(values), h, w, 3)`.

    Raises:
        ExperimentError: There is no such change, or a value is out of range.
        PictureError: The bytes are not a picture that can be read.
    """
    from lesionlab.models.fixed_change import fixed_change

    settings, parameters = fixed_change(change, values, preprocessing.size, fill)
    return _changed(settings, preprocess(decode_image(data), preprocessing), parameters)


def _changed(augmentation: Augmentation, pixels: np.ndarray, rows: np.ndarray) -> np.ndarray:
    from lesionlab.models.augment import Augment

    layer = Augment(augmentation)
    many = max(1, CHUNK_PIXELS // (pixels.shape[0] * pixels.shape[1]))
    changed = np.empty((len(rows), *pixels.shape), np.uint8)
    for start in range(0, len(rows), many):
        part = rows[start : start + many]
        images = np.asarray(layer(np.repeat(pixels[None], len(part), axis=0), part))
        changed[start : start + many] = np.clip(np.rint(images), 0, 255)
    return changed


@contextmanager
def one_measurement() -> Iterator[None]:
    """Hold the only place for a measurement while the block runs.

    Raises:
        ServiceError: It did not become free in time.
    """
    if not _measuring.acquire(timeout=PATIENCE):
        raise ServiceError(
            "The model service measures one thing at a time.",
            f"Others were being measured for {PATIENCE:.0f} s.",
            "Try again in a moment.",
        )
    try:
        yield
    finally:
        _measuring.release()


def cost(augmentation: Augmentation, size: tuple[int, int], batch: int) -> dict[str, Any]:
    """Milliseconds a picture, measured now.

    Returns:
        `milliseconds` {`all` or a step: measured times, smallest first}, `batch`, `size`.
    """
    from lesionlab.models.augment_cost import measure_cost

    found = measure_cost(augmentation, size, batch)
    # Keras models are full of reference cycles; without this their memory stays.
    gc.collect()
    return {"milliseconds": found, "batch": batch, "size": list(size)}
