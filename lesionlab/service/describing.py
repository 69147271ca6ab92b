"""What a network is made of: of a trained model, or of a draft that nobody has trained yet."""

from __future__ import annotations

import gc
import json
import threading
from collections import OrderedDict
from typing import Any

from lesionlab.errors import LesionlabError
from lesionlab.experiment import Experiment, Network
from lesionlab.service.loaded import Loaded

KEPT_TABLES = 64


def describe_model(loaded: Loaded) -> dict[str, Any]:
    """The description of a trained model, with its layers."""
    return {**loaded.description.model_dump(mode="json"), "layers": model_layers(loaded)}


def model_layers(loaded: Loaded) -> list[dict[str, Any]]:
    """The layers of a trained model, in order."""
    from lesionlab.models.layer_table import layer_table

    return layer_table(loaded.model)


class Drafts:
    """The layer tables of drafts. One is built only when its network was not seen lately."""

    def __init__(self) -> None:
        self._tables: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def describe(self, experiment: Experiment, allow_paths: bool = True) -> dict[str, Any]:
        """What this experiment would build, and what its weights would start from.

        Args:
            allow_paths: Whether the weights may be named by the path of a bundle.

        Returns:
            `layers`, `num_parameters`, `weights` (`imagenet`, `random`, `model` or `missing`) and
            `weights_sentence`.

        Raises:
            ModelError: The network cannot be built at this size.
        """
        size = experiment.preprocessing.size
        kind, sentence = weights_start(experiment.model, size, allow_paths)
        return {**self._table(experiment), "weights": kind, "weights_sentence": sentence}

    def _table(self, experiment: Experiment) -> dict[str, Any]:
        # Building ResNet-50 takes seconds, so what does not change the table is left out of the
        # key: a slider of the dropout moves no layer.
        same = {"weights": "random", "fallback": "none", "batchnorm": "train", "dropout": 0.5}
        if experiment.model.dropout == 0:
            del same["dropout"]
        network = experiment.model.model_copy(update=same)
        num_classes, size = len(experiment.data.classes), experiment.preprocessing.size
        key = json.dumps([network.model_dump(mode="json"), num_classes, size])
        # One draft is built at a time; a second page that asks for the same finds it made.
        with self._lock:
            if key not in self._tables:
                self._tables[key] = _build_table(network, num_classes, size)
            self._tables.move_to_end(key)
            if len(self._tables) > KEPT_TABLES:
                self._tables.popitem(last=False)
            return self._tables[key]


def _build_table(network: Network, num_classes: int, size: tuple[int, int]) -> dict[str, Any]:
    from lesionlab.models.build import build_model
    from lesionlab.models.layer_table import layer_table

    model = build_model(network, num_classes, size, seed=0, load_weights=False)
    table = {"layers": layer_table(model), "num_parameters": int(model.count_params())}
    del model
    # Keras models are full of reference cycles; without this their memory stays.
    gc.collect()
    return table


def weights_start(
    network: Network, size: tuple[int, int], allow_paths: bool = True
) -> tuple[str, str]:
    """What a training would start from as things are now, found without downloading anything.

    Returns:
        The kind (`imagenet`, `random`, `model`, or `missing`) and a sentence for people.
    """
    from lesionlab.models.weights import find_imagenet, find_start

    try:
        if network.weights == "imagenet" and find_imagenet(network, size) is None:
            return "imagenet", (
                "The ImageNet weights are not on this machine yet: Keras would download them."
            )
        start = find_start(network, size, allow_paths)
    except LesionlabError as error:
        return "missing", error.sentence
    where = " They are on this machine." if start.kind == "imagenet" else ""
    return start.kind, start.sentence + where
