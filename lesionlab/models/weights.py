"""Where a network's weights come from: ImageNet, a model of ours, or random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import Literal

import keras
import numpy as np

from lesionlab.errors import ModelError, WeightsError
from lesionlab.experiment import Network
from lesionlab.models.build import backbone_layer_names, weights_of
from lesionlab.models.description import FROM_RANDOM
from lesionlab.models.imagenet import download, find_imagenet
from lesionlab.models.networks import NETWORKS


@dataclass(frozen=True)
class Start:
    """What a network starts from.

    Attributes:
        kind: `imagenet`, `random`, or `model` (one of ours).
        path: The weights file or the bundle folder; None for random numbers.
        sentence: What it is, for people.
    """

    kind: Literal["imagenet", "random", "model"]
    path: Path | None
    sentence: str


def find_start(
    network: Network, size: tuple[int, int] = (224, 224), allow_paths: bool = True
) -> Start:
    """Find what `network.weights` names; ImageNet weights are downloaded when they must be.

    Args:
        network: The network with its wish.
        size: Height and width of the pictures: of several published files the fitting one.
        allow_paths: False where the wish comes from the network.

    Raises:
        WeightsError: They cannot be had, and `network.fallback` allows no random numbers; the
            sentence says what to do in their place.
        LesionlabError: There is no model of ours by that name, or it is damaged.
    """
    title = NETWORKS[network.network].title
    if network.weights == "random":
        return Start("random", None, f"{title} {FROM_RANDOM}.")
    if network.weights == "imagenet":
        try:
            path = find_imagenet(network, size) or download(network, size)
        except WeightsError as error:
            if network.fallback == "none":
                raise
            return Start(
                "random",
                None,
                f"{title} {FROM_RANDOM}, because its ImageNet weights cannot be had. "
                f"{error.received} It will do much worse than with them.",
            )
        return Start(
            "imagenet",
            path,
            f"{title} starts from weights that have learned ImageNet's million photographs.",
        )
    from lesionlab.models.bundle import read_description
    from lesionlab.models.locate import find_model

    folder = find_model(network.weights, allow_paths)
    description = read_description(folder)
    theirs = description.experiment.model
    # Only MobileNetV2 comes in several widths; elsewhere alpha means nothing.
    widths = (theirs.alpha, network.alpha) if network.network == "mobilenetv2" else (1.0, 1.0)
    if theirs.network != network.network or widths[0] != widths[1]:
        raise WeightsError(
            f"To go on from {network.weights} the network must be {theirs.network} with "
            f"alpha {theirs.alpha}.",
            f"The experiment asks for {network.network} with alpha {network.alpha}.",
            "Choose that network, or other weights.",
        )
    data = description.data
    kind = "drawn pictures" if description.drawn else "photographs"
    # Kept in the new model's description, which has room for so many letters and no more.
    source = shorten(data.title or data.name, 300)
    licence = f" (licence {shorten(data.licence, 300)})" if data.licence else ""
    return Start(
        "model",
        folder,
        f"{title} goes on from our model {network.weights}, which has learned from {kind}: "
        f"{source}{licence}.",
    )


def load_start(
    model: keras.Model, network: Network, start: Start, classes: Sequence[str] | None = None
) -> None:
    """Put the weights of `start` into a model built from `network`.

    Args:
        model: A model of `build_model`.
        network: What it was built from.
        start: From `find_start`.
        classes: Class names; the head of a model of ours is taken over when its are the same.

    Raises:
        WeightsError: The file is damaged or belongs to another network.
        BundleError: The bundle is damaged.
    """
    if start.path is None:
        return
    if start.kind == "imagenet":
        _load_imagenet(model, network, start.path)
        return
    from lesionlab.models.bundle import read_description, read_weights, verify_bundle

    verify_bundle(start.path)
    description = read_description(start.path)
    weights = read_weights(start.path)
    backbone = set(backbone_layer_names(model))
    same_classes = classes is not None and tuple(classes) == description.classes
    theirs = description.experiment.model
    if not same_classes or theirs.hidden != network.hidden:
        weights = {key: w for key, w in weights.items() if key.partition("/")[0] in backbone}
    try:
        assign(model, weights, partly=True)
    except ModelError as error:
        raise WeightsError(
            f"The model {start.path.name} should fit the network.", error.received
        ) from error


def _load_imagenet(model: keras.Model, network: Network, path: Path) -> None:
    backbone = keras.Model(model.input, model.get_layer("pooling").input)
    try:
        backbone.load_weights(path)
        whole = all(np.isfinite(weight).all() for weight in weights_of(backbone).values())
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        whole, reason = False, f"{type(error).__name__}: {error}".splitlines()[0]
    else:
        reason = "It holds numbers that are not finite."
    if not whole:
        raise WeightsError(
            f"Expected weights of {NETWORKS[network.network].title} with alpha {network.alpha}.",
            f"The file {path.name} is damaged or of another network. {reason[:200]}",
            f"Delete {path} and try again.",
        )
    if network.network == "resnet50":
        # Published for blue green red; our pictures are red green blue (backbones.py).
        kernel = model.get_layer("conv1_conv").kernel
        kernel.assign(keras.ops.convert_to_numpy(kernel)[:, :, ::-1, :])


def assign(model: keras.Model, weights: dict[str, np.ndarray], partly: bool = False) -> None:
    """Assign weights by name; everything is checked before the first one is assigned.

    Args:
        model: A model of `build_model`.
        weights: Arrays under `<layer>/<variable>`.
        partly: Whether weights of the model may be left as they are.

    Raises:
        ModelError: A name, a shape or a value is not what the model has.
    """
    variables = {f"{layer.name}/{v.name}": v for layer in model.layers for v in layer.weights}
    unknown = sorted(set(weights) - set(variables))
    missing = [] if partly else sorted(set(variables) - set(weights))
    expected = f"Expected the {len(variables)} weights of this network."
    if unknown or missing:
        word = f"has no place for {unknown[0]}" if unknown else f"lacks {missing[0]}"
        number = len(unknown) + len(missing)
        raise ModelError(expected, f"One {word} ({number} names differ).")
    for key, weight in weights.items():
        if tuple(variables[key].shape) != weight.shape:
            raise ModelError(
                expected, f"{key} has shape {weight.shape}, not {tuple(variables[key].shape)}."
            )
        if not np.isfinite(weight).all():
            raise ModelError(expected, f"{key} holds numbers that are not finite.")
    for key, weight in weights.items():
        variables[key].assign(weight)
