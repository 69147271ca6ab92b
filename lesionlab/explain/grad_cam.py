"""Which places spoke for a class, seen from any layer: Grad-CAM, and the check of it.

Grad-CAM: Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks via
Gradient-based Localization", equations 1 and 2. The check: Adebayo et al. 2018, "Sanity Checks for
Saliency Maps": a map that stays the same when learned weights are replaced by random ones does not
show what was learned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from lesionlab.errors import ModelError
from lesionlab.explain.probes import probe
from lesionlab.explain.saliency import class_gradients
from lesionlab.explain.tails import draw_weights, inputs_after, place_of, redrawn_end
from lesionlab.explain.the_end import last_maps

Forward = Callable[[list[Any]], tuple[Any, Any]]


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
    begins = _begins(model, layer_name)
    end = keras.Model(
        [model.get_layer(name).output for name in begins], model.get_layer("logits").output
    )
    place = begins.index(layer_name)

    def forward(values: list[Any]) -> tuple[Any, Any]:
        return values[place], end(values, training=False)

    return _heat(*_gradient(forward, _outputs(model, images, begins), class_index))


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


def redrawn_grad_cam(
    model: keras.Model,
    images: np.ndarray,
    layer_name: str,
    class_index: int,
    seeds: Sequence[int],
    number: int = 3,
) -> np.ndarray:
    """The same map from networks whose last kernels are drawn anew.

    Args:
        images, layer_name, class_index: As for `grad_cam`.
        seeds: One map each.
        number: How many of the last kernels are drawn anew, that of the logits among them.

    Returns:
        float32 `(len(seeds), h', w')`.

    Raises:
        ModelError: As `grad_cam`.
    """
    _check(model, layer_name)
    redrawn = redrawn_end(model, number)
    inside = any(layer.name == layer_name for layer in redrawn.model.layers)
    inside = inside and layer_name not in redrawn.begins
    begins = redrawn.begins if inside else _begins(model, layer_name)
    values = _outputs(model, images, begins)
    with redrawn.lock:
        forward = _within(redrawn.model, layer_name) if inside else _before(model, redrawn, begins)
        if not inside:
            forward = _watching(forward, begins.index(layer_name))
        maps = []
        for seed in seeds:
            draw_weights(redrawn.model, model, seed)
            maps.append(_heat(*_gradient(forward, values, class_index)))
    return np.stack(maps)


def _within(end: keras.Model, layer_name: str) -> Forward:
    """Both numbers from the redrawn end: the layer is part of it."""
    both = keras.Model(end.inputs, [end.get_layer(layer_name).output, end.outputs[0]])

    def forward(values: list[Any]) -> tuple[Any, Any]:
        maps, logits = both(values, training=False)
        return maps, logits

    return forward


def _before(model: keras.Model, redrawn: Any, begins: tuple[str, ...]) -> Forward:
    """From the layer through learned layers to the redrawn end."""
    missing = [name for name in redrawn.begins if name not in begins]
    inputs = [model.get_layer(name).output for name in begins]
    between = (
        keras.Model(inputs, [model.get_layer(name).output for name in missing]) if missing else None
    )

    def forward(values: list[Any]) -> tuple[Any, Any]:
        known = dict(zip(begins, values, strict=True))
        if between is not None:
            made = between(values, training=False)
            known |= dict(zip(missing, made if isinstance(made, list) else [made], strict=True))
        return None, redrawn.model([known[name] for name in redrawn.begins], training=False)

    return forward


def _watching(forward: Forward, place: int) -> Forward:
    def watched(values: list[Any]) -> tuple[Any, Any]:
        return values[place], forward(values)[1]

    return watched


def _begins(model: keras.Model, layer_name: str) -> tuple[str, ...]:
    """The layer, and those outputs before it that reach the answer past it."""
    others = inputs_after(model, place_of(model, layer_name) + 1)
    return (layer_name, *(name for name in others if name != layer_name))


def _check(model: keras.Model, layer_name: str) -> None:
    place_of(model, layer_name)
    if len(model.get_layer(layer_name).output.shape) != 4:
        raise ModelError(
            "A heat map needs a layer with maps.",
            f"The layer {layer_name!r} has no places any more.",
            "Choose a layer before the pooling.",
        )


def _outputs(model: keras.Model, images: np.ndarray, names: tuple[str, ...]) -> list[np.ndarray]:
    found = probe(model, names).predict_on_batch(images[:1])
    return [np.asarray(one, np.float32) for one in (found if isinstance(found, list) else [found])]


def _heat(maps: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """Equations 1 and 2, from maps and gradient `(1, h', w', channels)`."""
    weights = gradient.mean(axis=(1, 2))  # (1, channels)
    return np.maximum(np.einsum("hwc,c->hw", maps[0], weights[0]), 0).astype(np.float32)


def _gradient(
    forward: Forward, values: list[np.ndarray], class_index: int
) -> tuple[np.ndarray, np.ndarray]:
    """The maps, and the gradient of one class's logit at them.

    Called without compiling: for one picture and one class, compiling would take longer than the
    pass itself.
    """
    if keras.backend.backend() != "tensorflow":
        raise ModelError(
            "Heat maps of inner layers need TensorFlow as Keras's backend.",
            f"It is {keras.backend.backend()}.",
            "Look at the last layer, or start without KERAS_BACKEND.",
        )
    import tensorflow

    tensors = [tensorflow.convert_to_tensor(value) for value in values]
    with tensorflow.GradientTape() as tape:
        tape.watch(tensors)
        maps, logits = forward(tensors)
        score = logits[0, class_index]
    gradient = tape.gradient(score, maps)
    found = np.zeros(maps.shape, np.float32) if gradient is None else gradient.numpy()
    return maps.numpy(), found
