"""The blocks of a network, and what its layers make of a picture."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from lesionlab.images.decode import decode_image
from lesionlab.images.preprocess import preprocess
from lesionlab.models.description import Description
from lesionlab.service.loaded import Loaded

Order = Literal["activation", "number"]


def blocks(loaded: Loaded) -> dict[str, Any]:
    """The network as blocks with its skip connections: see `explain.blocks.network_blocks`."""
    # Imported here so that this module can be imported without Keras.
    from lesionlab.explain.blocks import network_blocks
    from lesionlab.models.layer_table import layer_table

    table = layer_table(loaded.model)
    kernels = {
        layer.name: tuple(layer.kernel_size)
        for layer in loaded.model.layers
        if hasattr(layer, "kernel_size")
    }
    return network_blocks(table, kernels, learned_layers(loaded.description, table))


def learned_layers(description: Description, table: list[dict[str, Any]]) -> set[str]:
    """Names of the layers that learned in at least one phase of the training."""
    from lesionlab.models.freezing import num_frozen

    experiment = description.experiment
    body = [row["name"] for row in table if row["part"] == "backbone"]
    frozen = min(num_frozen(phase, len(body)) for phase in experiment.training.phases)
    kept = set(body[:frozen])
    if experiment.model.batchnorm == "frozen":
        kept |= {row["name"] for row in table if row["kind"] == "BatchNormalization"}
    return {row["name"] for row in table} - kept


def strongest_maps(
    loaded: Loaded,
    layer: str,
    data: bytes,
    limit: int,
    order: Order = "activation",
    start: int = 0,
    drawn_confirmed: bool = False,
) -> dict[str, Any]:
    """Feature maps of a layer, those with the highest mean activation first, or by number.

    Args:
        limit: At most so many maps.
        start: How many to leave out before them.

    Returns:
        `maps` float32 `(k, h, w)`, `indices` int `(k,)`, `means` float32 `(k,)`: the activation
        of each, and `shape` int `(3,)`: height, width and channels of the whole output. A layer
        without places, such as a dense one, counts as 1×1.

    Raises:
        ModelError: The model has no such layer; or it has only seen drawings, the layer is one of
            the last that answer, and nobody says that the picture is drawn.
        PictureError: The bytes are not a picture that can be read.
    """
    from lesionlab.explain.feature_maps import feature_maps

    _check_allowed(loaded, [layer], drawn_confirmed)
    maps = feature_maps(loaded.model, _pixels(loaded, data), layer)  # (h, w, channels)
    means = maps.mean(axis=(0, 1))
    ranked = np.arange(len(means))
    if order == "activation":
        ranked = np.argsort(-means, kind="stable")
    ranked = ranked[start : start + limit]
    return {
        "maps": np.ascontiguousarray(np.moveaxis(maps[..., ranked], -1, 0)),
        "indices": ranked,
        "means": means[ranked],
        "shape": np.array(maps.shape),
    }


def one_map_each(
    loaded: Loaded,
    layers: list[str],
    data: bytes,
    channel: int | None,
    drawn_confirmed: bool = False,
) -> dict[str, np.ndarray]:
    """One map of each of several layers.

    Args:
        channel: The number of the map, the same in all; None takes the one with the highest mean
            activation of each layer.

    Returns:
        `channels` int `(layers,)`, `depths` int `(layers,)`, and `map_0`, `map_1`, ...: float32
        `(h, w)` in the order of the layers.

    Raises:
        ModelError: The model has no such layer, or the layer no such map; or as `strongest_maps`.
        PictureError: The bytes are not a picture that can be read.
    """
    from lesionlab.errors import ModelError
    from lesionlab.explain.feature_maps import maps_of_layers

    _check_allowed(loaded, layers, drawn_confirmed)
    found = maps_of_layers(loaded.model, _pixels(loaded, data), layers)
    depths = [maps.shape[-1] for maps in found]
    if channel is not None and not 0 <= channel < min(depths):
        raise ModelError(
            f"Expected the number of a map, 0 to {min(depths) - 1}.",
            f"Received {channel}.",
            "Choose another map.",
        )
    channels = [
        int(maps.mean(axis=(0, 1)).argmax()) if channel is None else channel for maps in found
    ]
    named = {
        f"map_{k}": np.ascontiguousarray(maps[..., number])
        for k, (maps, number) in enumerate(zip(found, channels, strict=True))
    }
    return {"channels": np.array(channels), "depths": np.array(depths), **named}


def _check_allowed(loaded: Loaded, layers: list[str], drawn_confirmed: bool) -> None:
    """Refuse the numbers of the head where `predict` gives no probabilities: they are the answer.

    What the convolutions make of a photograph is shown, and says nothing about it.
    """
    from lesionlab.service.explaining import check_allowed

    there = {layer.name: layer for layer in loaded.model.layers}
    if any(name in there and len(there[name].output.shape) < 4 for name in layers):
        check_allowed(loaded, drawn_confirmed)


def _pixels(loaded: Loaded, data: bytes) -> np.ndarray:
    return preprocess(decode_image(data), loaded.description.experiment.preprocessing)[None]
