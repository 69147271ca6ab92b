"""Which places spoke for a class, seen from any layer: Grad-CAM, and the check of it.

Grad-CAM: Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks via
Gradient-based Localization", equations 1 and 2. The check: Adebayo et al. 2018, "Sanity Checks for
Saliency Maps": a map that stays the same when learned weights are replaced by random ones does not
show what was learned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import Any

import keras
import numpy as np

from lesionlab.errors import ModelError
from lesionlab.explain.probes import probe
from lesionlab.explain.saliency import class_gradients
from lesionlab.explain.tails import drawn_kernels, last_kernels
from lesionlab.explain.the_end import last_maps
from lesionlab.explain.walking import (
    AS_LEARNED,
    Kernels,
    place_of,
    reached_from,
    start,
    walk,
    walk_back,
)


def grad_cam(
    model: keras.Model, images: np.ndarray, layer_name: str, class_index: int
) -> np.ndarray:
    """The heat map of a class on the grid of one layer.

    Args:
        model: From `build_model` or `load_bundle`.
        images: uint8 or float `(1, h, w, 3)`, 0 to 255.
        layer_name: A layer with maps.
        class_index: Place of the class among the outputs.

    Returns:
        float32 `(h', w')`, nowhere below zero, not stretched: equation 2 as it stands.

    Raises:
        ModelError: There is no such layer, it has no maps, or the backend gives no gradients.
    """
    _check(model, layer_name)
    layers = model.layers[: place_of(model, "logits") + 1]
    known = start(model, images)
    walk(layers, known)
    # Back from the score of the class, by the chain rule, to the layer.
    gradients = {"logits": _one_class(known["logits"], class_index)}
    behind = layers[place_of(model, layer_name) + 1 :]
    walk_back(behind, known, gradients, reached_from(model, layer_name))
    return _heat(known[layer_name], gradients[layer_name])[0]


def last_grad_cam(model: keras.Model, images: np.ndarray, class_index: int) -> np.ndarray:
    """What `grad_cam` gives at the last layer with maps, without going backwards.

    Behind it the gradient can be written down (see `saliency.class_gradients`); it is the same at
    every place where pooling takes the average, so that this is the class activation map of Zhou
    et al. 2016, equation 2, up to a factor.

    Args:
        model, images, class_index: As for `grad_cam`.

    Returns:
        float32 `(h', w')`.
    """
    outputs = probe(model, ("probabilities", last_maps(model))).predict_on_batch(images[:1])
    maps = np.asarray(outputs[1], np.float32)
    # The mean over all places is their sum, which `class_gradients` gives, over their number.
    weights = class_gradients(model, maps)[0, :, class_index] / (maps.shape[1] * maps.shape[2])
    return np.maximum(maps[0] @ weights, 0).astype(np.float32)


def checked_grad_cam(
    model: keras.Model,
    images: np.ndarray,
    layer_name: str,
    class_index: int,
    seeds: Sequence[int],
    number: int = 3,
) -> tuple[np.ndarray, np.ndarray]:
    """The heat map of a class, and those of networks whose last kernels are drawn anew.

    Args:
        images, layer_name, class_index: As for `grad_cam`.
        seeds: One drawn network each.
        number: How many of the last kernels are drawn anew, that of the logits among them.

    Returns:
        float32 `(h', w')` as `grad_cam` gives it, and `(len(seeds), h', w')`.

    Raises:
        ModelError: As `grad_cam`.
    """
    first = last_kernels(model, number)[0]
    # Numbers are drawn meanwhile: NumPy needs no turn of Python's for that.
    with ThreadPoolExecutor(1) as pool:
        drawn = pool.map(lambda seed: drawn_kernels(model, number, seed), seeds)
        ways = chain([AS_LEARNED], drawn)
        maps = _heat_of_ways(model, images, layer_name, class_index, ways, first)
    return maps[0], maps[1:]


def _heat_of_ways(
    model: keras.Model,
    images: np.ndarray,
    layer_name: str,
    class_index: int,
    ways: Iterable[Kernels],
    first: str,
) -> np.ndarray:
    """One heat map for each of several ends of a network, float32 `(ways, h', w')`.

    What lies before the ends is gone through once forwards, and once backwards with the gradients
    of all of them.

    Args:
        ways: For each end the kernels that it has in place of learned ones.
        first: Name of the layer at which the ends begin.
    """
    _check(model, layer_name)
    layers, place, cut = model.layers, place_of(model, layer_name), place_of(model, first)
    stop = place_of(model, "logits") + 1
    reached = reached_from(model, layer_name)
    known = start(model, images)
    walk(layers[:cut], known)
    maps, gradients = [], []
    for kernels in ways:
        own = dict(known)
        walk(layers[cut:stop], own, kernels)
        found = {"logits": _one_class(own["logits"], class_index)}
        walk_back(layers[max(place + 1, cut) : stop], own, found, reached, kernels)
        maps.append(own[layer_name])
        gradients.append(found)
    together = {
        name: keras.ops.concatenate([one[name] for one in gradients]) for name in gradients[0]
    }
    walk_back(layers[place + 1 : cut], known, together, reached)
    return _heat(keras.ops.concatenate(maps), together[layer_name])


def _one_class(logits: Any, class_index: int) -> Any:
    """The gradient of one class's score at all scores: 1 at its own place, else 0."""
    gradient = np.zeros(logits.shape, np.float32)
    gradient[:, class_index] = 1
    return keras.ops.convert_to_tensor(gradient)


def _check(model: keras.Model, layer_name: str) -> None:
    if keras.backend.backend() != "tensorflow":
        raise ModelError(
            "Heat maps of inner layers need TensorFlow as Keras's backend.",
            f"It is {keras.backend.backend()}.",
            "Look at the last layer, or start without KERAS_BACKEND.",
        )
    place_of(model, layer_name)
    if len(model.get_layer(layer_name).output.shape) != 4:
        raise ModelError(
            "A heat map needs a layer with maps.",
            f"The layer {layer_name!r} has no places any more.",
            "Choose a layer before the pooling.",
        )


def _heat(maps: Any, gradients: Any) -> np.ndarray:
    """Equations 1 and 2, from maps and gradients `(n, h', w', channels)`."""
    maps, gradients = (keras.ops.convert_to_numpy(one) for one in (maps, gradients))
    weights = gradients.mean(axis=(1, 2))  # (n, channels)
    return np.maximum(np.einsum("nhwc,nc->nhw", maps, weights), 0).astype(np.float32)
