"""What a layer makes of a picture."""

from __future__ import annotations

import keras
import numpy as np

from lesionlab.explain.probes import probe


def feature_maps(model: keras.Model, images: np.ndarray, layer_name: str) -> np.ndarray:
    """The output of one layer for the first picture of a batch.

    Args:
        model: From `build_model` or `load_bundle`.
        images: uint8 or float `(1, h, w, 3)`, 0 to 255.
        layer_name: Any layer of the model.

    Returns:
        float32 `(h', w', channels)`; a layer without places gives `(1, 1, channels)`.

    Raises:
        ModelError: The model has no such layer.
    """
    output = probe(model, (layer_name,)).predict_on_batch(images[:1])
    output = output[0] if isinstance(output, list) else output
    maps = np.asarray(output, np.float32)[0]
    return maps.reshape(1, 1, -1) if maps.ndim == 1 else maps
