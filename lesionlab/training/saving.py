"""What of a training is written down and taken up again: weights, averages, optimizer, dropout."""

from __future__ import annotations

import keras
import numpy as np

from lesionlab.errors import TrainingError
from lesionlab.models.build import random_state_of, restore_random_state, weights_of
from lesionlab.models.optimizers import optimizer_state
from lesionlab.models.weights import assign
from lesionlab.training.averaging import WeightAverage
from lesionlab.training.checkpoint import Checkpoint
from lesionlab.training.position import Position

Arrays = dict[str, np.ndarray]


def arrays_of(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, average: WeightAverage | None
) -> Arrays:
    """Everything that changes while training, by what it is: `model/…`, `optimizer/…`."""
    parts = {
        "model": weights_of(model),
        "random": random_state_of(model),
        "optimizer": optimizer_state(optimizer),
        "average": average.state() if average is not None else {},
    }
    return {f"{name}/{key}": a for name, arrays in parts.items() for key, a in arrays.items()}


def take_up(
    checkpoint: Checkpoint, model: keras.Model, fingerprint: str
) -> tuple[Position, Arrays]:
    """Put a checkpoint's weights into the model.

    Args:
        checkpoint: With arrays of `arrays_of`.
        model: Built as the one that was saved.
        fingerprint: Of the data set at hand.

    Returns:
        Where the training stood, and the arrays of what is only made when its phase begins.

    Raises:
        TrainingError: The checkpoint is of other data, or of another model.
    """
    position = Position.from_dict(checkpoint.state)
    if position.fingerprint != fingerprint:
        raise TrainingError(
            "A training is taken up again on the pictures that it began with.",
            "The data set has changed since.",
            "Start a new run.",
        )
    assign(model, part_of(checkpoint.arrays, "model"))
    restore_random_state(model, part_of(checkpoint.arrays, "random"))
    later = ("optimizer/", "average/")
    return position, {key: a for key, a in checkpoint.arrays.items() if key.startswith(later)}


def part_of(arrays: Arrays, name: str) -> Arrays:
    """The arrays under `<name>/`, without it."""
    return {key[len(name) + 1 :]: a for key, a in arrays.items() if key.startswith(name + "/")}
