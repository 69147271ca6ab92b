"""How a network comes from its last maps to one score a class, number by number."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from lesionlab.explain.probes import probe


@dataclass(frozen=True)
class End:
    """The last step of a network for one picture.

    Attributes:
        pooled: One number a map of the last maps, float32 `(channels,)`.
        features: What the last layer weighs, float32 `(features,)`: `pooled` itself, or the
            numbers of the last hidden layer.
        kernel: Its weights, float32 `(features, classes)`.
        bias: float32 `(classes,)`.
        logits: float32 `(classes,)`, `features @ kernel + bias`.
        probabilities: float32 `(classes,)`, as the network itself gives them.
    """

    pooled: np.ndarray
    features: np.ndarray
    kernel: np.ndarray
    bias: np.ndarray
    logits: np.ndarray
    probabilities: np.ndarray


def last_maps(model: keras.Model) -> str:
    """Name of the layer whose maps are pooled."""
    return str(model.get_layer("pooling").input._keras_history.operation.name)


def the_end(model: keras.Model, images: np.ndarray) -> End:
    """The numbers behind the answer for the first picture of a batch.

    Args:
        model: From `build_model` or `load_bundle`.
        images: uint8 or float `(1, h, w, 3)`, 0 to 255.
    """
    outputs = probe(model, ("probabilities", last_maps(model))).predict_on_batch(images[:1])
    probabilities, maps = (np.asarray(output, np.float32)[0] for output in outputs)
    average = isinstance(model.get_layer("pooling"), keras.layers.GlobalAveragePooling2D)
    pooled = maps.mean(axis=(0, 1)) if average else maps.max(axis=(0, 1))
    features = pooled
    for layer in model.layers:
        if not isinstance(layer, keras.layers.Dense):
            continue
        kernel, bias = (
            np.asarray(keras.ops.convert_to_numpy(part), np.float32)
            for part in (layer.kernel, layer.bias)
        )
        if layer.name == "logits":
            break
        features = np.maximum(features @ kernel + bias, 0)
    return End(pooled, features, kernel, bias, features @ kernel + bias, probabilities)
