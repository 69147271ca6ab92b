"""The layers of a model as a table that people can read."""

from __future__ import annotations

from typing import Any

import keras

from lesionlab.models.build import backbone_layer_names, is_head

# What each kind of layer does, in plain words.
PLAIN = {
    "InputLayer": "Takes the picture: a number from 0 to 255 for each pixel and colour.",
    "Rescaling": "Brings the colours to the range that the network was made for.",
    "Conv2D": "Slides small learned filters over the picture; each answers to one pattern.",
    "DepthwiseConv2D": "Slides one learned filter over each map by itself, which is cheap.",
    "BatchNormalization": "Brings each map to a common scale, so that learning stays steady.",
    "ReLU": "Keeps what is positive and sets the rest to zero.",
    "Activation": "Passes each number through a simple curve.",
    "MaxPooling2D": "Keeps the strongest of each few neighbours: half the side, less detail.",
    "ZeroPadding2D": "Adds a rim of zeros, so that filters reach the border.",
    "Add": "Adds the maps of a short cut to those that came the long way.",
    "GlobalAveragePooling2D": "Averages each map over all places: one number a map.",
    "GlobalMaxPooling2D": "Takes the strongest place of each map: one number a map.",
    "Dense": "Weighs all numbers together, with learned weights.",
    "Dropout": "Leaves out numbers at random while learning, so that none is relied on alone.",
}
PLAIN_BY_NAME = {
    "logits": "Weighs all numbers into one score a class.",
    "probabilities": "Turns the scores into probabilities that sum to one (softmax).",
}


def layer_table(model: keras.Model) -> list[dict[str, Any]]:
    """A row a layer, in Keras's order, JSON-ready.

    Returns:
        Rows with `name`, `kind`, `plain`, `output_shape` (without the batch), `parameters`,
        `part` ("input", "backbone" or "head"), `index` (place within the backbone from 0, the unit
        in which `frozen` counts; None elsewhere) and `inputs` (names of the layers before it).
    """
    index = {name: k for k, name in enumerate(backbone_layer_names(model))}
    return [
        {
            "name": layer.name,
            "kind": type(layer).__name__,
            "plain": PLAIN_BY_NAME.get(layer.name) or PLAIN[type(layer).__name__],
            "output_shape": list(layer.output.shape[1:]),
            "parameters": int(layer.count_params()),
            "part": _part(layer.name, index),
            "index": index.get(layer.name),
            "inputs": _inputs(layer),
        }
        for layer in model.layers
    ]


def _part(name: str, index: dict[str, int]) -> str:
    if is_head(name):
        return "head"
    return "backbone" if name in index else "input"


def _inputs(layer: keras.layers.Layer) -> list[str]:
    if isinstance(layer, keras.layers.InputLayer):
        return []
    tensors = layer.input if isinstance(layer.input, list) else [layer.input]
    return [tensor._keras_history.operation.name for tensor in tensors]
