"""What one layer makes of a picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from lesionlab.images.decode import decode_image
from lesionlab.images.preprocess import preprocess
from lesionlab.service.loaded import Loaded


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
