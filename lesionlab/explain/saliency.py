"""Which places of a picture spoke for a class: Grad-CAM in one forward pass.

Grad-CAM (Selvaraju et al. 2017, equations 1 and 2) weighs the last feature maps by the mean
gradient of a class's score, and keeps what is positive. Behind these maps our networks have only
pooling and dense layers with ReLU, whose gradient can be written down: so no backward pass is
needed. With average pooling and one linear layer it is the class activation map of Zhou et al.
(2016, equation 2) up to a factor.
"""

from __future__ import annotations

import keras
import numpy as np

from lesionlab.explain.probes import probe


def predict_with_heat_map(model: keras.Model, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and heat maps of all classes.

    Args:
        model: From `build_model` or `load_bundle`.
        images: uint8 or float `(n, h, w, 3)`, 0 to 255.

    Returns:
        Probabilities, float32 `(n, classes)`; heat on the network's last, coarse grid, float32
        `(n, h', w', classes)`. Each class's map has 1 at its hottest place, and is all zero
        where nothing speaks for the class.
    """
    last_maps = model.get_layer("pooling").input._keras_history.operation.name
    outputs = probe(model, ("probabilities", last_maps)).predict_on_batch(images)
    probabilities, features = (np.asarray(output, np.float32) for output in outputs)
    weights = class_gradients(model, features)  # (n, channels, classes)
    heat = np.maximum(np.einsum("nhwc,nck->nhwk", features, weights), 0)
    hottest = heat.max(axis=(1, 2), keepdims=True)
    return probabilities, np.divide(heat, hottest, out=np.zeros_like(heat), where=hottest > 0)


def class_gradients(model: keras.Model, features: np.ndarray) -> np.ndarray:
    """The gradient of each class's score, summed over the places of each feature map.

    Average pooling hands each of its m places 1/m of the gradient, max pooling hands all of it to
    the strongest place: the sum is the gradient at the pooled number either way. It is passed back
    through the dense layers by hand; a ReLU lets it through where its unit was active.

    Args:
        features: float32 `(n, h, w, channels)`, the maps before pooling.

    Returns:
        float32 `(n, channels, classes)`.
    """
    pooling = model.get_layer("pooling")
    average = isinstance(pooling, keras.layers.GlobalAveragePooling2D)
    units = features.mean(axis=(1, 2)) if average else features.max(axis=(1, 2))
    kernels, active = [], []
    for layer in model.layers:
        if not isinstance(layer, keras.layers.Dense):
            continue
        kernel, bias = (keras.ops.convert_to_numpy(v) for v in (layer.kernel, layer.bias))
        kernels.append(kernel)
        active.append(units > 0)
        units = np.maximum(units @ kernel + bias, 0)
    gradient = np.broadcast_to(kernels[-1], (len(features), *kernels[-1].shape))
    for kernel, mask in zip(kernels[-2::-1], active[:0:-1], strict=True):
        gradient = np.einsum("ij,njk->nik", kernel, gradient * mask[:, :, None])
    return np.ascontiguousarray(gradient, np.float32)
