"""What pages call the kinds of layers; the names that Keras gives them stand in the full list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NAMES = {
    "InputLayer": "Picture",
    "Rescaling": "Colours brought to range",
    "Conv2D": "Convolution",
    "DepthwiseConv2D": "Convolution, map by map",
    "SeparableConv2D": "Convolution in two steps",
    "BatchNormalization": "Batch normalisation",
    "ReLU": "ReLU",
    "Activation": "ReLU",
    "MaxPooling2D": "Max pooling",
    "AveragePooling2D": "Average pooling",
    "ZeroPadding2D": "Rim of zeros",
    "Cropping2D": "Rim cut off",
    "Add": "Addition of both ways",
    "Concatenate": "Maps put together",
    "Multiply": "Maps weighed",
    "GlobalAveragePooling2D": "Average of each map",
    "GlobalMaxPooling2D": "Largest value of each map",
    "Dense": "Weighted sums",
    "Dropout": "Dropout",
}


def name_of(layer: Mapping[Any, Any]) -> str:
    """A layer's kind in plain words.

    Args:
        layer: `kind` as Keras has it, and `name`: a softmax is told by it. A kind that is not
            known here keeps its own name.
    """
    if layer["name"] == "logits":
        return "Scores"
    if layer["name"] == "probabilities":
        return "Softmax"
    kind = str(layer["kind"])
    return NAMES.get(kind, kind)
