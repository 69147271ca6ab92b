"""The networks without their heads, from scaled pixels to the last feature maps.

Every function takes and gives symbolic tensors of one flat graph: no model inside a model, since
BatchNorm inside a nested model would train although it is meant to be frozen. Every layer has a
name of its own, because Keras's counters differ from build to build.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from lesionlab.experiment import Network

SMALL_CNN_FILTERS = (24, 48, 96, 128, 192)
# ImageNet's mean colour, red green blue, as Keras's ResNet weights were trained with.
IMAGENET_MEAN = (123.68, 116.779, 103.939)


def build_backbone(network: Network, image: Any) -> Any:
    """Add scaling and backbone to the graph.

    Args:
        image: Symbolic tensor `(n, h, w, 3)` with values 0 to 255.

    Returns:
        Symbolic tensor of the last feature maps `(n, h', w', features)`.
    """
    if network.network == "small-cnn":
        return _small_cnn(layers.Rescaling(1 / 127.5, offset=-1.0, name="scaling")(image))
    if network.network == "mobilenetv2":
        scaled = layers.Rescaling(1 / 127.5, offset=-1.0, name="scaling")(image)
        base = keras.applications.MobileNetV2(
            input_tensor=scaled, alpha=network.alpha, include_top=False, weights=None
        )
    else:
        # Keras's ResNet wants blue green red. We keep red green blue and turn the first kernel
        # around when ImageNet weights are read (weights.py): the same numbers come out, and no
        # layer is needed that other programs would not know.
        offset = [-mean for mean in IMAGENET_MEAN]
        scaled = layers.Rescaling(1.0, offset=offset, name="scaling")(image)
        base = keras.applications.ResNet50(input_tensor=scaled, include_top=False, weights=None)
    return base.output


def _small_cnn(x: Any) -> Any:
    """Five blocks of convolution, BatchNorm, ReLU; all but the last halve the side.

    The last block keeps its side (h/16), so that heat maps of a 128-pixel picture have 8 by 8
    fields, each of which sees more than half of the picture.
    """
    for number, filters in enumerate(SMALL_CNN_FILTERS, start=1):
        name = f"block{number}"
        # No bias: the BatchNorm behind it would take it away again.
        x = layers.Conv2D(
            filters,
            3,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            name=f"{name}_convolution",
        )(x)
        x = layers.BatchNormalization(name=f"{name}_batchnorm")(x)
        x = layers.ReLU(name=f"{name}_relu")(x)
        if number < len(SMALL_CNN_FILTERS):
            x = layers.MaxPooling2D(2, padding="same", name=f"{name}_pool")(x)
    return x
