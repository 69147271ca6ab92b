"""The last part of a network by itself: as it was learned, or with its weights drawn anew."""

from __future__ import annotations

import threading
import zlib
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import keras
import numpy as np

from lesionlab.errors import ModelError


@dataclass
class Redrawn:
    """The end of a network with weights of its own.

    Attributes:
        begins: Names of the layers whose outputs it takes, in order.
        model: From these outputs to the logits; its layers have the names of the learned ones.
        lock: Held while its weights are drawn and used.
    """

    begins: tuple[str, ...]
    model: keras.Model
    lock: threading.Lock = field(default_factory=threading.Lock)


_redrawn: WeakKeyDictionary[keras.Model, dict[int, Redrawn]] = WeakKeyDictionary()
_lock = threading.Lock()


def inputs_after(model: keras.Model, first: int) -> tuple[str, ...]:
    """The layers whose outputs the layers from place `first` on take from those before it.

    Keras lists layers so that none stands before one that it needs: with short cuts there may be
    several such outputs.
    """
    later = {layer.name for layer in model.layers[first:]}
    found: dict[str, None] = {}
    for layer in model.layers[first:]:
        tensors = layer.input if isinstance(layer.input, list) else [layer.input]
        for tensor in tensors:
            name = tensor._keras_history.operation.name
            if name not in later:
                found[name] = None
    return tuple(found)


def place_of(model: keras.Model, layer_name: str) -> int:
    """The place of a layer in `model.layers`.

    Raises:
        ModelError: There is none of this name.
    """
    for place, layer in enumerate(model.layers):
        if layer.name == layer_name:
            return place
    raise ModelError(
        f"Expected one of the model's {len(model.layers)} layers.",
        f"There is no layer {layer_name[:100]!r}.",
        "The list of layers is in the Look inside page and at /layers.",
    )


def last_kernels(model: keras.Model, number: int) -> list[str]:
    """Names of the last layers that have a kernel, at most `number`, from first to last."""
    names = [
        layer.name
        for layer in model.layers
        if any(variable.name == "kernel" for variable in layer.weights)
    ]
    return names[-number:]


def redrawn_end(model: keras.Model, number: int) -> Redrawn:
    """The part of a network from its last `number` kernels on, as a copy; kept.

    Args:
        number: How many kernels, at least 1; the copy starts at the first of them.
    """
    with _lock:
        kept = _redrawn.setdefault(model, {})
        if number not in kept:
            first = place_of(model, last_kernels(model, number)[0])
            begins = inputs_after(model, first)
            inputs = [model.get_layer(name).output for name in begins]
            end = keras.Model(inputs, model.get_layer("logits").output)
            kept[number] = Redrawn(begins, keras.models.clone_model(end))
        return kept[number]


def draw_weights(end: keras.Model, learned: keras.Model, seed: int) -> None:
    """Fill a copied end: kernels drawn anew, all else as it was learned.

    Each kernel is drawn from a normal distribution with mean zero and the learned kernel's own
    root mean square, so that numbers keep their size on the way and only what the kernels have
    learned is gone.

    Args:
        end: From `redrawn_end`; changed in place.
        seed: The same seed gives the same numbers.
    """
    for layer in end.layers:
        if not layer.weights:
            continue
        for variable, source in zip(
            layer.weights, learned.get_layer(layer.name).weights, strict=True
        ):
            values = np.asarray(keras.ops.convert_to_numpy(source), np.float32)
            if variable.name == "kernel":
                rng = np.random.default_rng([seed, zlib.crc32(layer.name.encode())])
                size = np.sqrt(np.mean(values**2))
                values = size * rng.standard_normal(values.shape, np.float32)
            variable.assign(values)
