"""What pages and other programs ask of the model service. Knows nothing of Keras."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from lesionlab import settings
from lesionlab.evaluation.copies import TestTime
from lesionlab.experiment import Augmentation, Experiment
from lesionlab.images.preprocess import Preprocessing
from lesionlab.service import private
from lesionlab.service.arrays import unpack
from lesionlab.service.connection import health, request, start_in_background


def warm(model: str | None = None) -> None:
    """Start the private service in the background, if there is none. Never waits.

    Args:
        model: Also load this model and compile it, so that the first real picture is answered as
            quickly as the later ones.
    """
    start_in_background(None if model is None else lambda: _first_look(model))


def _first_look(model: str) -> None:
    if model not in health().get("models", []):
        predict(model, _grey_picture(), drawn_confirmed=True)


def _grey_picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32), "grey").save(buffer, "PNG")
    return buffer.getvalue()


def ready() -> bool:
    """Whether the service is there and Keras is loaded in it."""
    return health().get("status") == "ready"


def stop() -> None:
    """End the private service of this home folder, if there is one."""
    private.stop(settings.current())


def predict(
    model: str,
    image: bytes,
    drawn_confirmed: bool = False,
    heat_map: bool = True,
    test_time: TestTime | None = None,
) -> dict[str, Any]:
    """What a model says about a picture.

    Args:
        model: A run's id or a model's name.
        image: The bytes of a picture file.
        drawn_confirmed: The user says that this is a drawn example, not a photograph.
        heat_map: Whether to ask which places spoke for the predicted class.
        test_time: Which changed copies are judged too; by default those that the model's
            temperature and thresholds were set for.

    Returns:
        `classes`, `probabilities` `{code: p}`, `malignant`, `predicted`, `abstain` (None or a
        reason), `quality` `{sharpness, exposure, warnings}`, `heat_map` (float32 `(h, w)` in
        0..1 on the network's own coarse grid, or None), `width` and `height` of the picture in
        pixels, `model` (its title, data, scores ...), `milliseconds`.

    Raises:
        LesionlabError: With a sentence for the user.
    """
    form = {
        "model": model,
        "drawn_confirmed": str(drawn_confirmed).lower(),
        "heat_map": str(heat_map).lower(),
        **({"test_time": test_time} if test_time else {}),
    }
    answer: dict[str, Any] = request(
        "POST", "/predict", data=form, files={"image": ("image", image)}
    ).json()
    if answer["heat_map"] is not None:
        answer["heat_map"] = np.asarray(answer["heat_map"], dtype=np.float32)
    return answer


def describe(model: str) -> dict[str, Any]:
    """A model's description, with its layers under `layers`."""
    found: dict[str, Any] = request("GET", "/describe", params={"model": model}).json()
    return found


def describe_experiment(experiment: Experiment) -> dict[str, Any]:
    """What a draft would build: `layers`, `num_parameters`, `weights` and `weights_sentence`."""
    found: dict[str, Any] = request(
        "POST", "/describe", json=experiment.model_dump(mode="json")
    ).json()
    return found


def layers(model: str) -> list[dict[str, Any]]:
    """The layers of a model in order: name, kind, plain words, output shape, parameters, part."""
    found: list[dict[str, Any]] = request("GET", "/layers", params={"model": model}).json()
    return found


def network_blocks(model: str) -> dict[str, Any]:
    """The blocks of a model and its skip connections: see `explain.blocks.network_blocks`."""
    found: dict[str, Any] = request("GET", "/blocks", params={"model": model}).json()
    return found


def feature_maps(
    model: str,
    layer: str,
    image: bytes,
    limit: int = 64,
    order: str = "activation",
    start: int = 0,
) -> dict[str, Any]:
    """What one layer makes of a picture.

    Args:
        order: "activation": the strongest channels first; "number": as they are numbered.
        start: How many to leave out before the first.

    Returns:
        `maps` float32 `(k, h, w)` with k at most `limit`, `indices` (k,) of their channels,
        `means` (k,) over each map, `shape` of the whole output `(h, w, channels)`, `layer`.
    """
    form = {"model": model, "layer": layer, "limit": str(limit)}
    form |= {"order": order, "start": str(start)}
    arrays = unpack(
        request("POST", "/feature-maps", data=form, files={"image": ("image", image)}).content
    )
    return {
        "maps": arrays["maps"],
        "indices": arrays["indices"],
        "means": arrays["means"],
        "shape": tuple(int(side) for side in arrays["shape"]),
        "layer": layer,
    }


def one_map_each(
    model: str, layers: list[str], image: bytes, channel: int | None = None
) -> list[dict[str, Any]]:
    """One map of each of several layers.

    Args:
        channel: Its number, the same in all; None takes the strongest of each layer.

    Returns:
        For each layer `layer`, `map` float32 `(h, w)`, `channel` and `depth` (how many it has).
    """
    form: dict[str, Any] = {"model": model, "layers": layers}
    if channel is not None:
        form["channel"] = str(channel)
    answer = request("POST", "/one-map-each", data=form, files={"image": ("image", image)})
    arrays = unpack(answer.content)
    return [
        {"layer": name, "map": arrays[f"map_{k}"]}
        | {"channel": int(arrays["channels"][k]), "depth": int(arrays["depths"][k])}
        for k, name in enumerate(layers)
    ]


def first_layer(model: str) -> dict[str, np.ndarray]:
    """The kernels of a model's first convolution, see `service.first_layer.kernels`."""
    return unpack(request("GET", "/first-layer", params={"model": model}).content)


def augment(
    augmentation: Augmentation,
    preprocessing: Preprocessing,
    image: bytes,
    count: int,
    seed: int,
) -> np.ndarray:
    """Random changes of one picture, made by the very layer that training uses.

    Returns:
        uint8 RGB `(count, h, w, 3)`.
    """
    form = {**_json(augmentation, preprocessing), "count": str(count), "seed": str(seed)}
    answer = request("POST", "/augment", data=form, files={"image": ("image", image)})
    return unpack(answer.content)["images"]


def augment_once(
    change: str, values: Sequence[float], fill: str, preprocessing: Preprocessing, image: bytes
) -> np.ndarray:
    """One change of a picture at each of some values, by the very layer that training uses.

    Args:
        change: A key of `models.fixed_change.FIXED`; `values` are in its unit.

    Returns:
        uint8 RGB `(len(values), h, w, 3)`.
    """
    form = {
        **_json(preprocessing=preprocessing),
        "change": change,
        "values": [repr(float(value)) for value in values],
        "fill": fill,
    }
    answer = request("POST", "/augment/one", data=form, files={"image": ("image", image)})
    return unpack(answer.content)["images"]


def augment_cost(
    augmentation: Augmentation, preprocessing: Preprocessing, batch: int
) -> dict[str, list[float]]:
    """Milliseconds a picture that the layers take in the service, measured now.

    Returns:
        `all`, and of `shape`, `colour` and `hole` where several are on -> times, smallest first.
    """
    form = {**_json(augmentation, preprocessing), "batch": str(batch)}
    found: dict[str, list[float]] = request("POST", "/augment/cost", data=form).json()[
        "milliseconds"
    ]
    return found


def _json(
    augmentation: Augmentation | None = None, preprocessing: Preprocessing | None = None
) -> dict[str, str]:
    parts = {"augmentation": augmentation, "preprocessing": preprocessing}
    return {name: json.dumps(part.model_dump(mode="json")) for name, part in parts.items() if part}
