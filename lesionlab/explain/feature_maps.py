"""What layers make of a picture."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from lesionlab.explain.walking import place_of, start, walk


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
    return maps_of_layers(model, images, (layer_name,))[0]


def maps_of_layers(
    model: keras.Model, images: np.ndarray, layer_names: Sequence[str]
) -> list[np.ndarray]:
    """The outputs of several layers, each as `feature_maps` gives it, in one forward pass.

    Nothing is compiled, and what lies behind the last of these layers is not worked out.

    Raises:
        ModelError: The model has no layer of one of these names.
    """
    last = max(place_of(model, name) for name in layer_names)
    known = start(model, images)
    walk(model.layers[: last + 1], known)
    found = []
    for name in layer_names:
        maps = np.asarray(keras.ops.convert_to_numpy(known[name]), np.float32)[0]
        found.append(maps.reshape(1, 1, -1) if maps.ndim == 1 else maps)
    return found
