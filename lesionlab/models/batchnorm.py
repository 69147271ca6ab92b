"""BatchNorm that was folded away, made to learn again.

Some published weights have BatchNorm folded into the convolutions: its statistics are mean 0 and
variance 1, whatever really passes through. As long as it is frozen that is right. In training it
would bring every map to a common scale that the network has never seen, and all that it has
learned would be lost at the first step.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops

CHUNK = 16


def is_folded(model: keras.Model) -> bool:
    """Whether the statistics of all BatchNorm layers are 0 and 1 although the network has learned.

    A network of random numbers has such statistics too, but no offsets yet.
    """
    found = _batchnorms(model)
    statistics = [(_numpy(layer.moving_mean), _numpy(layer.moving_variance)) for layer in found]
    untouched = all((mean == 0).all() and (variance == 1).all() for mean, variance in statistics)
    return bool(found) and untouched and any(_numpy(layer.beta).any() for layer in found)


def start_statistics_anew(model: keras.Model, pixels: np.ndarray) -> None:
    """Measure what passes through each BatchNorm, and set scale and offset to undo it.

    The network's answers stay what they were, and its first training step starts from them.

    Args:
        model: A model whose BatchNorm is folded.
        pixels: uint8 `(n, h, w, 3)`, some pictures of the training part; 64 are enough.
    """
    found = _batchnorms(model)
    outputs = []
    for layer in found:
        outputs += [ops.mean(layer.input, axis=(1, 2)), ops.mean(layer.input**2, axis=(1, 2))]
    measure = keras.Model(model.input, outputs)
    chunks = [
        [
            np.asarray(moment, np.float64)
            for moment in measure.predict_on_batch(pixels[k : k + CHUNK])
        ]
        for k in range(0, len(pixels), CHUNK)
    ]
    moments = [np.concatenate(parts).mean(axis=0) for parts in zip(*chunks, strict=True)]
    for layer, mean, square in zip(found, moments[::2], moments[1::2], strict=True):
        variance = np.maximum(square - mean**2, 0)
        old_deviation = np.sqrt(_numpy(layer.moving_variance) + layer.epsilon)
        slope = _numpy(layer.gamma) / old_deviation
        offset = _numpy(layer.beta) - slope * _numpy(layer.moving_mean)
        layer.gamma.assign(slope * np.sqrt(variance + layer.epsilon))
        layer.beta.assign(offset + slope * mean)
        layer.moving_mean.assign(mean)
        layer.moving_variance.assign(variance)


def _batchnorms(model: keras.Model) -> list[layers.BatchNormalization]:
    return [layer for layer in model.layers if isinstance(layer, layers.BatchNormalization)]


def _numpy(variable: keras.Variable) -> np.ndarray:
    return np.asarray(ops.convert_to_numpy(variable), np.float64)
