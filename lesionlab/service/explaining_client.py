"""What pages ask of the model service to explain an answer. Knows nothing of Keras."""

from __future__ import annotations

import json

import numpy as np

from lesionlab.images.spoil import Spoil
from lesionlab.service.arrays import unpack
from lesionlab.service.connection import request


def end_numbers(model: str, image: bytes, drawn_confirmed: bool) -> dict[str, np.ndarray]:
    """The last step of a model in numbers: see `service.explaining.end_numbers`."""
    return _ask("/end", image, model=model, drawn_confirmed=drawn_confirmed)


def heat_maps(
    model: str,
    image: bytes,
    code: str,
    layer: str,
    drawn_confirmed: bool,
    draws: int = 0,
    redrawn: int = 3,
) -> dict[str, np.ndarray]:
    """`heat` of a class and `redrawn` maps as a check: see `service.explaining.heat_maps`."""
    return _ask(
        "/heat-map",
        image,
        model=model,
        code=code,
        layer=layer,
        draws=draws,
        redrawn=redrawn,
        drawn_confirmed=drawn_confirmed,
    )


def covered_answers(
    model: str, image: bytes, grid: int, begin: int, drawn_confirmed: bool
) -> dict[str, np.ndarray]:
    """Answers with a square covered, from square `begin` on: see `service.explaining`."""
    return _ask(
        "/covered", image, model=model, grid=grid, begin=begin, drawn_confirmed=drawn_confirmed
    )


def spoiled_answers(
    model: str, image: bytes, settings: Spoil, first: int, count: int, drawn_confirmed: bool
) -> dict[str, np.ndarray]:
    """`before`, `after` and `pictures` of a spoiled picture: see `service.explaining`."""
    return _ask(
        "/spoiled",
        image,
        model=model,
        settings=json.dumps(settings.model_dump(mode="json")),
        first=first,
        count=count,
        drawn_confirmed=drawn_confirmed,
    )


def _ask(path: str, image: bytes, **form: str | int | bool) -> dict[str, np.ndarray]:
    words = {name: str(value) for name, value in form.items()}
    answer = request("POST", path, data=words, files={"image": ("image", image)})
    return unpack(answer.content)
