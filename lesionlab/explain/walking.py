"""Walking through the layers of a network, forwards with a picture and backwards with gradients.

Layer by layer and without compiling: compiling takes longer than many such walks, and anew for
each layer that is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import keras
import numpy as np

from lesionlab.errors import ModelError
from lesionlab.explain.layer_steps import backward, forward

Kernels = Mapping[str, np.ndarray]
AS_LEARNED: Kernels = MappingProxyType({})


def sources(layer: keras.Layer) -> list[str]:
    """Names of the layers whose outputs a layer takes."""
    if isinstance(layer, keras.layers.InputLayer):
        return []
    tensors = layer.input if isinstance(layer.input, list) else [layer.input]
    return [str(tensor._keras_history.operation.name) for tensor in tensors]


def place_of(model: keras.Model, layer_name: str) -> int:
    """The place of a layer in `model.layers`, where none stands before one that it needs.

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


def start(model: keras.Model, images: np.ndarray) -> dict[str, Any]:
    """What is known before the first step: the first picture of a batch, under the input's name."""
    name = model.layers[0].name
    return {name: keras.ops.convert_to_tensor(images[:1].astype(np.float32))}


def walk(
    layers: Sequence[keras.Layer], known: dict[str, Any], kernels: Kernels = AS_LEARNED
) -> None:
    """Add to `known` what each of these layers gives; what it takes must be known by then.

    Args:
        layers: A stretch of `model.layers`.
        known: Tensors by the name of the layer that gave them; changed in place.
        kernels: Numbers to take in place of learned kernels, by layer name.
    """
    for layer in layers:
        if layer.name not in known:
            inputs = [known[name] for name in sources(layer)]
            known[layer.name] = forward(layer, inputs, kernels.get(layer.name))


def reached_from(model: keras.Model, layer_name: str) -> set[str]:
    """The layer and all that its output goes into, at once or later on."""
    reached = {layer_name}
    for layer in model.layers:
        if reached.intersection(sources(layer)):
            reached.add(layer.name)
    return reached


def walk_back(
    layers: Sequence[keras.Layer],
    known: Mapping[str, Any],
    gradients: dict[str, Any],
    reached: set[str],
    kernels: Kernels = AS_LEARNED,
) -> None:
    """Hand gradients back through a stretch of layers, from the last to the first.

    Args:
        layers: A stretch of `model.layers`.
        known: What each layer gave for one picture, see `walk`.
        gradients: Those at the outputs of layers, `(n, ...)`, n of them at once; changed in place:
            those at these layers go, those at what they take come.
        reached: Ways that end at other layers than these are left out.
        kernels: As for `walk`.
    """
    for layer in reversed(layers):
        gradient = gradients.pop(layer.name, None)
        if gradient is None:
            continue
        names = sources(layer)
        inputs = [known[name] for name in names]
        kernel = kernels.get(layer.name)
        parts = backward(layer, inputs, known[layer.name], gradient, kernel)
        for name, part in zip(names, parts, strict=True):
            if name in reached:
                gradients[name] = gradients[name] + part if name in gradients else part
