"""One layer forwards, and the gradient backwards through it, each by as few operations as can be.

For one picture, what Keras and its gradient tape do around an operation takes several times as
long as the operation itself; and a tape works out gradients of all weights, which nobody asked
for. So the common layers are written down here for TensorFlow. A layer of another kind, and every
layer on another backend, goes the general way: forwards through Keras, backwards through a tape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

Kernel = Any | None


def forward(layer: keras.Layer, inputs: Sequence[Any], kernel: Kernel = None) -> Any:
    """What a layer gives, as in inference.

    Args:
        layer: A built layer of a flat graph.
        inputs: Tensors of the backend, one a source.
        kernel: Numbers to take in place of the layer's own kernel.
    """
    if isinstance(layer, layers.Dropout):
        return inputs[0]
    if keras.backend.backend() != "tensorflow" or not _is_plain(layer):
        return _through_keras(layer, inputs, kernel)
    from tensorflow import raw_ops

    x = inputs[0]
    match layer:
        case layers.DepthwiseConv2D() | layers.Conv2D():
            return _convolution(layer, x, _kernel(layer, kernel))
        case layers.BatchNormalization():
            scale = _scale(layer)
            shift = -_numbers(layer.moving_mean) * scale
            if layer.center:
                shift = shift + _numbers(layer.beta)
            return raw_ops.AddV2(x=raw_ops.Mul(x=x, y=scale), y=shift)
        case layers.ReLU():
            return (raw_ops.Relu6 if layer.max_value else raw_ops.Relu)(features=x)
        case layers.Activation():
            return raw_ops.Relu(features=x)
        case layers.Add():
            return raw_ops.AddN(inputs=list(inputs))
        case layers.ZeroPadding2D():
            return raw_ops.Pad(input=x, paddings=[(0, 0), *layer.padding, (0, 0)])
        case layers.Dense():
            x = raw_ops.MatMul(a=x, b=_kernel(layer, kernel))
            x = raw_ops.BiasAdd(value=x, bias=_variable(layer.bias)) if layer.use_bias else x
            return raw_ops.Relu(features=x) if _activation(layer) == "relu" else x
    return _through_keras(layer, inputs, kernel)


def backward(
    layer: keras.Layer,
    inputs: Sequence[Any],
    output: Any,
    gradient: Any,
    kernel: Kernel = None,
) -> list[Any]:
    """The gradients at what a layer takes, from those at what it gives. TensorFlow alone.

    Args:
        inputs: What it took for one picture.
        output: What it gave for it.
        gradient: `(n, ...)`: any number of gradients at once.
        kernel: As for `forward`.

    Returns:
        One tensor `(n, ...)` for each input.
    """
    from tensorflow import raw_ops

    if isinstance(layer, layers.Dropout):
        return [gradient]
    if not _is_plain(layer):
        return _through_tape(layer, inputs, gradient, kernel)
    x = inputs[0]
    match layer:
        case layers.DepthwiseConv2D():
            return [
                raw_ops.DepthwiseConv2dNativeBackpropInput(
                    input_sizes=[gradient.shape[0], *x.shape[1:]],
                    filter=_kernel(layer, kernel),
                    out_backprop=gradient,
                    **_stepping(layer),
                )
            ]
        case layers.Conv2D():
            return [
                raw_ops.Conv2DBackpropInput(
                    input_sizes=[gradient.shape[0], *x.shape[1:]],
                    filter=_kernel(layer, kernel),
                    out_backprop=gradient,
                    **_stepping(layer),
                )
            ]
        case layers.BatchNormalization():
            return [raw_ops.Mul(x=gradient, y=_scale(layer))]
        case layers.ReLU():
            return [_where_active(output, gradient, is_cut_off=bool(layer.max_value))]
        case layers.Activation():
            return [_where_active(output, gradient)]
        case layers.Add():
            return [gradient] * len(inputs)
        case layers.ZeroPadding2D():
            (top, _), (left, _) = layer.padding
            return [gradient[:, top : top + x.shape[1], left : left + x.shape[2]]]
        case layers.GlobalAveragePooling2D():
            height, width = x.shape[1:3]
            share = gradient[:, None, None] / (height * width)
            return [raw_ops.BroadcastTo(input=share, shape=[gradient.shape[0], *x.shape[1:]])]
        case layers.Dense():
            if _activation(layer) == "relu":
                gradient = _where_active(output, gradient)
            return [raw_ops.MatMul(a=gradient, b=_kernel(layer, kernel), transpose_b=True)]
    return _through_tape(layer, inputs, gradient, kernel)


def _is_plain(layer: keras.Layer) -> bool:
    """Whether a layer is set up as those are that are written down here."""
    match layer:
        case layers.DepthwiseConv2D():
            # The operation takes one stride for both sides.
            same_strides = len(set(layer.strides)) == 1
            return same_strides and layer.dilation_rate == (1, 1) and _activation(layer) == "linear"
        case layers.Conv2D():
            whole = layer.groups == 1 and layer.dilation_rate == (1, 1)
            return whole and _activation(layer) == "linear"
        case layers.BatchNormalization():
            return layer.axis in (-1, 3)
        case layers.ReLU():
            return layer.max_value in (None, 6) and not layer.negative_slope and not layer.threshold
        case layers.Activation():
            return _activation(layer) == "relu"
        case layers.Dense():
            return _activation(layer) in ("linear", "relu") and len(layer.input.shape) == 2
        case layers.GlobalAveragePooling2D():
            return not layer.keepdims
    return True


def _activation(layer: keras.Layer) -> str:
    return str(getattr(layer.activation, "__name__", ""))


def _stepping(layer: keras.Layer) -> dict[str, Any]:
    return {"strides": [1, *layer.strides, 1], "padding": layer.padding.upper()}


def _convolution(layer: keras.Layer, x: Any, kernel: Any) -> Any:
    from tensorflow import raw_ops

    depthwise = isinstance(layer, layers.DepthwiseConv2D)
    operation = raw_ops.DepthwiseConv2dNative if depthwise else raw_ops.Conv2D
    x = operation(input=x, filter=kernel, **_stepping(layer))
    return raw_ops.BiasAdd(value=x, bias=_variable(layer.bias)) if layer.use_bias else x


def _where_active(output: Any, gradient: Any, is_cut_off: bool = False) -> Any:
    """The gradient where a unit was above zero, and below 6 where it is cut off there."""
    from tensorflow import raw_ops

    operation = raw_ops.Relu6Grad if is_cut_off else raw_ops.ReluGrad
    if gradient.shape[0] == 1:
        return operation(gradients=gradient, features=output)
    mask = operation(gradients=raw_ops.OnesLike(x=output), features=output)
    return raw_ops.Mul(x=gradient, y=mask)


def _scale(layer: keras.layers.BatchNormalization) -> np.ndarray:
    """What a batch normalisation multiplies each map by."""
    scale = 1 / np.sqrt(_numbers(layer.moving_variance) + layer.epsilon)
    return scale * _numbers(layer.gamma) if layer.scale else scale


def _variable(variable: Any) -> Any:
    """The tensor in a variable, without the way around it."""
    from tensorflow import raw_ops

    found = variable.value
    return raw_ops.ReadVariableOp(resource=found.handle, dtype=found.dtype)


def _numbers(variable: Any) -> np.ndarray:
    return np.asarray(_variable(variable).numpy(), np.float32)


def _kernel(layer: keras.Layer, kernel: Kernel) -> Any:
    return _variable(layer.kernel) if kernel is None else kernel


def _through_keras(layer: keras.Layer, inputs: Sequence[Any], kernel: Kernel) -> Any:
    mapping = [] if kernel is None else [(layer.kernel, keras.ops.convert_to_tensor(kernel))]
    given = list(inputs) if isinstance(layer.input, list) else inputs[0]
    if not mapping:
        return layer(given, training=False)
    with keras.StatelessScope(state_mapping=mapping):
        return layer(given, training=False)


def _through_tape(
    layer: keras.Layer, inputs: Sequence[Any], gradient: Any, kernel: Kernel
) -> list[Any]:
    import tensorflow

    tiled = [tensorflow.repeat(one, gradient.shape[0], axis=0) for one in inputs]
    with tensorflow.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(tiled)
        output = _through_keras(layer, tiled, kernel)
    found: list[Any] = tape.gradient(output, tiled, output_gradients=gradient)
    return found
