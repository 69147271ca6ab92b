"""Which layers learn in a phase of training."""

from __future__ import annotations

import keras

from lesionlab.experiment import Network, Phase
from lesionlab.models.build import backbone_layer_names


def num_frozen(phase: Phase, num_layers: int) -> int:
    """How many of the backbone's first layers stay as they are.

    Args:
        phase: Its `frozen` is a number of first layers, "all", or negative: all but the last.
        num_layers: Layers of the backbone.
    """
    if phase.frozen == "all":
        return num_layers
    if phase.frozen < 0:
        return max(0, num_layers + phase.frozen)
    return min(phase.frozen, num_layers)


def apply_freezing(model: keras.Model, phase: Phase, network: Network) -> None:
    """Set what learns in this phase; counts from the next `compile` on.

    A frozen BatchNorm layer has `trainable = False`, which in Keras also makes it use its stored
    statistics while training. Calling it with `training=False` would not: the outer model's
    `training=True` wins over that inside `fit` (seen with Keras 3.15).
    """
    names = backbone_layer_names(model)
    frozen = set(names[: num_frozen(phase, len(names))])
    for layer in model.layers:
        is_batchnorm = isinstance(layer, keras.layers.BatchNormalization)
        kept = is_batchnorm and network.batchnorm == "frozen"
        layer.trainable = layer.name not in frozen and not kept
