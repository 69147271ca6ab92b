"""From the words of an experiment to a Keras model: backbone, new head, fixed names."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

from lesionlab.errors import ModelError
from lesionlab.experiment import Network
from lesionlab.models.backbones import build_backbone
from lesionlab.models.networks import MAX_PARAMETERS, MAX_SIDE, NETWORKS, num_parameters

INPUT_LAYERS = ("image", "scaling")
HEAD_LAYERS = ("pooling", "dropout", "logits", "probabilities")
# MobileNetV2 comes with 0.999: on a few hundred pictures its statistics would lag behind for
# thousands of steps, and validation would look broken while the network learns well.
BATCHNORM_MOMENTUM = 0.9


def build_model(
    network: Network,
    num_classes: int,
    size: tuple[int, int],
    seed: int,
    load_weights: bool = True,
    classes: Sequence[str] | None = None,
) -> keras.Model:
    """Build a network for pictures of one size.

    The graph is flat and scales its own input: `image` takes values 0 to 255 (uint8 or float) in
    shape `(n, height, width, 3)`; `probabilities` gives float32 `(n, num_classes)`, rows sum to 1.
    The same seed gives the same numbers, whatever was built before.

    Args:
        network: What to build, and where its weights come from.
        num_classes: Number of outputs.
        size: Height and width in pixels.
        seed: Seed of the random start.
        load_weights: False leaves every weight random (to be filled from a bundle).
        classes: Class names. A model to go on from hands over its head when its are the same.

    Raises:
        ModelError: The size or the number of parameters is out of range.
        WeightsError: The weights cannot be had.
    """
    check_size(network, num_classes, size)
    image = keras.Input((*size, 3), name="image", dtype="float32")
    features = build_backbone(network, image)
    model = keras.Model(image, _head(network, features, num_classes, seed), name="classifier")
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = BATCHNORM_MOMENTUM
    _initialise(model, seed)
    if load_weights:
        # Imported here, since weights.py builds models itself to go on from.
        from lesionlab.models.weights import find_start, load_start

        load_start(model, network, find_start(network, size), classes)
    return model


def check_size(network: Network, num_classes: int, size: tuple[int, int]) -> None:
    """Refuse what is too small to work or too large to build, before anything is built.

    Raises:
        ModelError: The size or the number of parameters is out of range.
    """
    facts = NETWORKS[network.network]
    if min(size) < facts.min_size or max(size) > MAX_SIDE:
        raise ModelError(
            f"{facts.title} takes pictures from {facts.min_size} to {MAX_SIDE} pixels a side.",
            f"Received {size[0]}×{size[1]}.",
            "Change preprocessing.size.",
        )
    if num_classes < 2:
        raise ModelError("A classifier needs at least two classes.", f"Received {num_classes}.")
    if num_parameters(network, num_classes) > MAX_PARAMETERS:
        raise ModelError(
            f"A network may have {MAX_PARAMETERS:,} parameters.",
            f"This one would have {num_parameters(network, num_classes):,}.",
            "Make model.hidden smaller.",
        )


def _head(network: Network, x: Any, num_classes: int, seed: int) -> Any:
    pool = layers.GlobalAveragePooling2D if network.pooling == "avg" else layers.GlobalMaxPooling2D
    x = pool(name="pooling")(x)
    for number, units in enumerate(network.hidden, start=1):
        x = layers.Dense(units, activation="relu", name=f"hidden_{number}")(x)
    if network.dropout > 0:
        x = layers.Dropout(network.dropout, seed=seed, name="dropout")(x)
    x = layers.Dense(num_classes, name="logits")(x)
    # float32 also under mixed precision: small probabilities would be lost otherwise.
    return layers.Activation("softmax", dtype="float32", name="probabilities")(x)


def _initialise(model: keras.Model, seed: int) -> None:
    """Draw every kernel anew from a seed of the layer's own.

    Keras draws from one global stream, so that a network's numbers would depend on what was
    built before it; a global seed would also disturb others in the process.
    """
    for layer in model.layers:
        for variable in layer.weights:
            if variable.name == "kernel":
                variable.assign(random_kernel(layer, variable.shape, seed))


def random_kernel(layer: keras.Layer, shape: Sequence[int], seed: int) -> Any:
    """The random numbers from which a layer's kernel starts: always the same for one seed.

    Args:
        layer: A layer of `build_model`, built or loaded.
        shape: Of its kernel.
        seed: That of the experiment.
    """
    initializer = getattr(layer, "depthwise_initializer", None) or layer.kernel_initializer
    own_seed = zlib.crc32(f"{seed}/{layer.name}".encode()) % 2**31
    drawn = type(initializer).from_config({**initializer.get_config(), "seed": own_seed})
    return drawn(shape, dtype="float32")


def is_head(layer_name: str) -> bool:
    """Whether a layer of ours belongs to the head."""
    return layer_name in HEAD_LAYERS or layer_name.startswith("hidden_")


def backbone_layer_names(model: keras.Model) -> list[str]:
    """Names of the layers between scaling and head, in Keras's order: the units of `frozen`."""
    names = (layer.name for layer in model.layers)
    return [name for name in names if name not in INPUT_LAYERS and not is_head(name)]


def weights_of(model: keras.Model) -> dict[str, np.ndarray]:
    """Every weight under the key `<layer>/<variable>`, as a copy in float32."""
    return {
        f"{layer.name}/{variable.name}": np.array(
            keras.ops.convert_to_numpy(variable), dtype=np.float32
        )
        for layer in model.layers
        for variable in layer.weights
    }


def random_state_of(model: keras.Model) -> dict[str, np.ndarray]:
    """The dropout generators' states, which a training must take up again to go on exactly."""
    return {
        f"{layer.name}/seed": np.array(keras.ops.convert_to_numpy(layer.seed_generator.state))
        for layer in model.layers
        if isinstance(layer, layers.Dropout) and layer.seed_generator is not None
    }


def restore_random_state(model: keras.Model, state: dict[str, np.ndarray]) -> None:
    """Give the dropout generators the states that `random_state_of` took."""
    for key, value in state.items():
        model.get_layer(key.partition("/")[0]).seed_generator.state.assign(value)
