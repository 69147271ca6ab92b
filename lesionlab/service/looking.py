"""What one layer makes of a picture, and what the augmentation layer makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from lesionlab.errors import ExperimentError
from lesionlab.experiment import Augmentation
from lesionlab.images.decode import decode_image
from lesionlab.images.preprocess import Preprocessing, preprocess
from lesionlab.service.loaded import Loaded

# Twelve samples at the largest size, and some room.
MAX_PIXELS = 16_000_000


def strongest_maps(loaded: Loaded, layer: str, data: bytes, limit: int) -> dict[str, Any]:
    """The feature maps of a layer with the highest mean activation.

    Returns:
        `maps` float32 `(k, h, w)`, `indices` int `(k,)`, `shape` int `(3,)`: height, width and
        channels of the whole output. A layer without places, such as a dense one, counts as 1×1.

    Raises:
        ModelError: The model has no such layer.
        PictureError: The bytes are not a picture that can be read.
    """
    # Imported here so that this module can be imported without Keras.
    from lesionlab.explain.feature_maps import feature_maps

    pixels = preprocess(decode_image(data), loaded.description.experiment.preprocessing)
    maps = feature_maps(loaded.model, pixels[None], layer)  # (h, w, channels)
    order = np.argsort(-maps.mean(axis=(0, 1)), kind="stable")[:limit]
    return {
        "maps": np.ascontiguousarray(np.moveaxis(maps[..., order], -1, 0)),
        "indices": order,
        "shape": np.array(maps.shape),
    }


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

    Returns:
        uint8 RGB `(count, h, w, 3)`.

    Raises:
        PictureError: The bytes are not a picture that can be read.
    """
    from lesionlab.models.augment import Augment, draw_parameters

    pixels = preprocess(decode_image(data), preprocessing)
    rng = np.random.default_rng(seed)
    parameters = draw_parameters(augmentation, count, preprocessing.size, rng)
    changed = Augment(augmentation)(np.repeat(pixels[None], count, axis=0), parameters)
    return np.clip(np.rint(np.asarray(changed)), 0, 255).astype(np.uint8)
