"""The last kernels of a network, as random numbers in place of what was learned."""

from __future__ import annotations

import zlib

import keras
import numpy as np


def last_kernels(model: keras.Model, number: int) -> list[str]:
    """Names of the last layers that have a kernel, at most `number`, from first to last."""
    names = [
        layer.name
        for layer in model.layers
        if any(variable.name == "kernel" for variable in layer.weights)
    ]
    return names[-number:]


def drawn_kernels(model: keras.Model, number: int, seed: int) -> dict[str, np.ndarray]:
    """The last kernels drawn anew.

    Each is drawn from a normal distribution with mean zero and the learned kernel's own root mean
    square, so that numbers keep their size on the way and only what the kernels have learned is
    gone.

    Args:
        number: How many, at least 1.
        seed: The same seed gives the same numbers.
    """
    drawn = {}
    for name in last_kernels(model, number):
        learned = np.asarray(keras.ops.convert_to_numpy(model.get_layer(name).kernel), np.float32)
        rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
        size = np.sqrt(np.mean(learned**2))
        drawn[name] = size * rng.standard_normal(learned.shape, np.float32)
    return drawn
