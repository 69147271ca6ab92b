"""What layers make of a picture."""

from __future__ import annotations

from collections.abc import Sequence

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
    return maps_of_layers(model, images, (layer_name,))[0]


def maps_of_layers(
    model: keras.Model, images: np.ndarray, layer_names: Sequence[str]
) -> list[np.ndarray]:
    """The outputs of several layers, each as `feature_maps` gives it, in one forward pass.

    Nothing is compiled: for one picture that takes several times as long as the pass itself, and
    anew for each layer that is asked for.

    Raises:
        ModelError: The model has no layer of one of these names.
    """
    outputs = probe(model, tuple(layer_names))(images[:1].astype(np.float32), training=False)
    found = []
    for output in outputs if isinstance(outputs, list | tuple) else [outputs]:
        maps = np.asarray(keras.ops.convert_to_numpy(output), np.float32)[0]
        found.append(maps.reshape(1, 1, -1) if maps.ndim == 1 else maps)
    return found
