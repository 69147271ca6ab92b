"""Optimizers with their own rate for the head, learning rates by step, and state in and out."""

from __future__ import annotations

import math

import keras
import numpy as np

from lesionlab.errors import TrainingError
from lesionlab.experiment import Phase
from lesionlab.models.build import is_head

HEAD = "head"
BACKBONE = "backbone"


def make_optimizer(model: keras.Model, phase: Phase) -> keras.optimizers.Optimizer:
    """The optimizer of a phase; the head learns at `head_factor` times the learning rate.

    Args:
        model: A model of `build_model`, already frozen for the phase.
        phase: Its optimizer, rates and decay.

    Returns:
        A plain Keras optimizer, or Keras's MultiOptimizer where the head has a rate of its own.
    """
    if phase.head_factor == 1:
        return _optimizer(phase, phase.learning_rate, phase.optimizer)
    heads = [layer.name for layer in model.layers if layer.weights and is_head(layer.name)]
    head = _optimizer(phase, phase.learning_rate * phase.head_factor, HEAD)
    default = _optimizer(phase, phase.learning_rate, BACKBONE)
    # The variables' paths start with the layer's name; fixed names make the pattern sure.
    paths = {f"({'|'.join(heads)})/.*": head}
    return keras.optimizers.MultiOptimizer(keras.optimizers.OptimizerMap(default, paths))


def _optimizer(phase: Phase, learning_rate: float, name: str) -> keras.optimizers.Optimizer:
    common = {
        "weight_decay": phase.weight_decay or None,
        "global_clipnorm": phase.clip_norm,
        "name": name,
    }
    optimizer: keras.optimizers.Optimizer
    if phase.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(learning_rate, phase.momentum, phase.nesterov, **common)
    elif phase.optimizer == "adam":
        optimizer = keras.optimizers.Adam(learning_rate, **common)
    else:
        # AdamW takes no None for "no decay".
        common["weight_decay"] = phase.weight_decay
        optimizer = keras.optimizers.AdamW(learning_rate, **common)
    if phase.weight_decay:
        # Pulling biases and BatchNorm's scales towards zero only hurts (He et al. 2019,
        # Bag of Tricks, section 3.1).
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def learning_rate_at(phase: Phase, step: int, steps_per_epoch: int) -> float:
    """The learning rate of one step, for the backbone.

    Args:
        phase: Its rate, warm-up and schedule.
        step: Step within the phase, from 0.
        steps_per_epoch: Batches an epoch.
    """
    warmup = phase.warmup_epochs * steps_per_epoch
    if step + 1 < warmup:
        # Goyal et al. (2017), section 2.2: the same amount more at every step.
        return phase.learning_rate * (step + 1) / warmup
    if phase.schedule == "step":
        return phase.learning_rate * phase.step_factor ** (
            step // steps_per_epoch // phase.step_epochs
        )
    if phase.schedule == "cosine":
        # Loshchilov and Hutter (2017), SGDR, equation 5, without restarts.
        length = phase.epochs * steps_per_epoch - warmup
        done = min((step - warmup) / length, 1.0) if step > warmup else 0.0
        fall = 0.5 * (1 + math.cos(math.pi * done))
        return phase.learning_rate * (phase.final_factor + (1 - phase.final_factor) * fall)
    return phase.learning_rate


def set_learning_rate(
    optimizer: keras.optimizers.Optimizer, rate: float, head_factor: float = 1
) -> None:
    """Set the rate of the next steps.

    Args:
        optimizer: From `make_optimizer`, compiled or not.
        rate: The backbone's rate.
        head_factor: How many times faster the head learns.
    """
    for inner in _inner(optimizer):
        inner.learning_rate = rate * head_factor if inner.name == HEAD else rate


def _inner(optimizer: keras.optimizers.Optimizer) -> list[keras.optimizers.Optimizer]:
    wrapped = getattr(optimizer, "inner_optimizer", optimizer)
    return list(getattr(wrapped, "optimizers", [wrapped]))


def optimizer_state(optimizer: keras.optimizers.Optimizer) -> dict[str, np.ndarray]:
    """Everything that the optimizer remembers, inner optimizers included.

    Returns:
        Arrays under `<position>/<variable name>`: names alone are not unique, and the position
        does not change between two builds of the same model and phase.
    """
    return {
        key: np.array(keras.ops.convert_to_numpy(variable))
        for key, variable in _variables(optimizer).items()
    }


def restore_optimizer(
    optimizer: keras.optimizers.Optimizer, model: keras.Model, state: dict[str, np.ndarray]
) -> None:
    """Give a new optimizer of the same model and phase the memory of an old one.

    Keras's own reload can skip this with no more than a warning; here what does not fit is an
    error.

    Raises:
        TrainingError: The state is of another model or phase.
    """
    if not optimizer.built:
        optimizer.build(model.trainable_variables)
    variables = _variables(optimizer)
    unlike = sorted(set(variables) ^ set(state)) or sorted(
        key for key in variables if tuple(variables[key].shape) != state[key].shape
    )
    if unlike:
        raise TrainingError(
            "Expected the optimizer of this model and phase.",
            f"The checkpoint's differs in {len(unlike)} variables, first {unlike[0]}.",
            "Start the training anew.",
        )
    for key, variable in variables.items():
        variable.assign(state[key])


def _variables(optimizer: keras.optimizers.Optimizer) -> dict[str, keras.Variable]:
    return {f"{k:04d}/{v.name}": v for k, v in enumerate(optimizer.variables)}
