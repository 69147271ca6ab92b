"""BatchNorm that learns, computed in one pass in place of a dozen.

Keras computes mean, variance and the scaled result by operations of their own, each of which goes
through all maps and leaves another copy of them; for a MobileNetV2 that is half of a training step
on a CPU. TensorFlow has one operation for all of it, and one for its gradient.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers


class FusedBatchNormalization(layers.Layer):
    """Calls a BatchNorm layer by TensorFlow's fused operation while it trains.

    It has no weights of its own: scale, offset and statistics are the layer's.
    """

    def __init__(self, batchnorm: layers.BatchNormalization) -> None:
        """Take the layer whose work this does.

        Args:
            batchnorm: A built layer with scale and offset, over the channels of pictures.
        """
        super().__init__(name=f"{batchnorm.name}_fused", dtype=batchnorm.dtype_policy)
        self.batchnorm = batchnorm

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """The layer's answer.

        Args:
            inputs: `(n, h, w, channels)`.
            training: Whether the batch's own mean and variance count, and move the stored ones.
        """
        layer = self.batchnorm
        if not training:
            return layer(inputs, training=False)
        import tensorflow

        result, mean, unbiased = tensorflow.compat.v1.nn.fused_batch_norm(
            inputs, layer.gamma, layer.beta, epsilon=layer.epsilon, is_training=True
        )
        # The operation gives the variance of a sample, Keras's layer stores the plain mean square.
        num = tensorflow.cast(tensorflow.size(inputs) // inputs.shape[-1], unbiased.dtype)
        for stored, found in (
            (layer.moving_mean, mean),
            (layer.moving_variance, unbiased * (num - 1) / num),
        ):
            stored.assign(stored * layer.momentum + found * (1 - layer.momentum))
        return result

    def compute_output_shape(self, input_shape: Any) -> Any:
        """As what goes in."""
        return input_shape


def with_fused_batchnorm(model: keras.Model) -> keras.Model:
    """The same network of the same layers, in which BatchNorm that learns is fused.

    Weights are shared with `model`, and stand in the same order. Without TensorFlow it is `model`
    itself: the other backends' compilers fuse what they are given.

    Args:
        model: Already frozen for the phase of training; a frozen BatchNorm stays as it is.
    """
    if keras.backend.backend() != "tensorflow":
        return model

    def call(layer: layers.Layer, *args: Any, **kwargs: Any) -> Any:
        return (
            FusedBatchNormalization(layer)(*args)
            if _can_be_fused(layer)
            else layer(*args, **kwargs)
        )

    return keras.models.clone_model(model, clone_function=lambda layer: layer, call_function=call)


def _can_be_fused(layer: layers.Layer) -> bool:
    return (
        isinstance(layer, layers.BatchNormalization)
        and layer.trainable
        and layer.scale
        and layer.center
        and len(layer.input.shape) == 4
        and layer.axis in (-1, 3)
    )
