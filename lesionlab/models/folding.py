"""BatchNorm folded into the convolutions before it, for a network that only answers.

With stored statistics BatchNorm multiplies each channel by a number and adds another; so does a
convolution with other kernels and a bias (Jacob et al. 2018, "Quantization and Training of Neural
Networks for Efficient Integer-Arithmetic-Only Inference", section 3.2). That saves a pass over all
maps behind each convolution.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D)


def with_folded_batchnorm(model: keras.Model) -> keras.Model:
    """A copy of a network that gives the same answers in less time, and cannot learn.

    Args:
        model: From `build_model` or `load_bundle`; its weights at this moment are taken.
    """
    batchnorms = _behind_convolutions(model)
    gone = {batchnorm.name for batchnorm in batchnorms.values()}

    def copy(layer: layers.Layer) -> layers.Layer:
        config = layer.get_config()
        if layer.name in batchnorms:
            config["use_bias"] = True
        return type(layer).from_config(config)

    def call(layer: layers.Layer, *args: Any, **kwargs: Any) -> Any:
        return args[0] if layer.name in gone else layer(*args, **kwargs)

    folded = keras.models.clone_model(model, clone_function=copy, call_function=call)
    for layer in (layer for layer in folded.layers if layer.weights):
        original = model.get_layer(layer.name)
        weights = [ops.convert_to_numpy(weight) for weight in original.weights]
        if layer.name in batchnorms:
            weights = _folded(original, batchnorms[layer.name])
        for variable, weight in zip(layer.weights, weights, strict=True):
            variable.assign(weight)
    return folded


def _behind_convolutions(model: keras.Model) -> dict[str, layers.BatchNormalization]:
    """Convolutions whose only reader is a BatchNorm of their channels: name -> that layer."""
    readers: dict[str, list[layers.Layer]] = {}
    for layer in model.layers:
        for tensor in keras.tree.flatten(layer.input):
            readers.setdefault(tensor._keras_history.operation.name, []).append(layer)
    return {
        layer.name: found[0]
        for layer in model.layers
        if isinstance(layer, CONVOLUTIONS)
        and layer.activation is keras.activations.linear
        and len(found := readers.get(layer.name, [])) == 1
        and isinstance(found[0], layers.BatchNormalization)
        and found[0].axis in (-1, 3)
    }


def _folded(convolution: layers.Layer, batchnorm: layers.BatchNormalization) -> list[np.ndarray]:
    """Kernel and bias of a convolution that does both."""
    number = {v.name: ops.convert_to_numpy(v).astype(np.float64) for v in batchnorm.weights}
    factor = number.get("gamma", 1) / np.sqrt(number["moving_variance"] + batchnorm.epsilon)
    bias = ops.convert_to_numpy(convolution.bias) if convolution.use_bias else 0
    # A kernel's last axis is the output channel; a depthwise kernel's last two together are.
    kernel = ops.convert_to_numpy(convolution.kernel)
    depthwise = isinstance(convolution, layers.DepthwiseConv2D)
    along = factor.reshape(kernel.shape[2:]) if depthwise else factor
    offset = number.get("beta", 0) + (bias - number["moving_mean"]) * factor
    return [(kernel * along).astype(np.float32), offset.astype(np.float32)]
