"""The addresses at which the service explains an answer, one short function each."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, Form, Response
from fastapi.security import HTTPBearer
from pydantic import ValidationError

from lesionlab.errors import ExperimentError
from lesionlab.images.spoil import Spoil
from lesionlab.service import arrays, explaining
from lesionlab.service.answers import ErrorAnswer
from lesionlab.service.routes import NPZ_ANSWER, ModelName, Picture, Running

router = APIRouter(
    dependencies=[Depends(HTTPBearer(auto_error=False))],
    responses={code: {"model": ErrorAnswer} for code in (401, 404, 413, 422, 503)},
)
Confirmed = Annotated[bool, Form(description="this is a drawn example, not a photograph")]
options: dict[str, Any] = {"response_class": Response, "responses": NPZ_ANSWER}


@router.post("/end", **options)
def end(
    service: Running, image: Picture, model: ModelName = "", drawn_confirmed: Confirmed = False
) -> Response:
    """The last step in numbers: `pooled`, `features`, `kernel`, `bias`, `logits`, as npz."""
    loaded = service.loaded(model)
    with service.passes.one():
        return _npz(explaining.end_numbers(loaded, image.file.read(), drawn_confirmed))


@router.post("/heat-map", **options)
def heat_map(
    service: Running,
    image: Picture,
    code: Annotated[str, Form(description="a class of the model")],
    model: ModelName = "",
    layer: Annotated[str, Form(description="the last one with maps when empty")] = "",
    draws: Annotated[int, Form(ge=0, le=16)] = 0,
    redrawn: Annotated[int, Form(ge=1, le=12)] = 3,
    drawn_confirmed: Confirmed = False,
) -> Response:
    """Grad-CAM of a class: `heat` (h, w), and `redrawn` (draws, h, w) as a check, as npz."""
    loaded = service.loaded(model)
    data = image.file.read()
    with service.passes.one():
        return _npz(
            explaining.heat_maps(loaded, data, code, layer, draws, redrawn, drawn_confirmed)
        )


@router.post("/covered", **options)
def covered(
    service: Running,
    image: Picture,
    begin: Annotated[int, Form(ge=0, lt=1024)],
    model: ModelName = "",
    grid: Annotated[int, Form(ge=2, le=32)] = 12,
    drawn_confirmed: Confirmed = False,
) -> Response:
    """Probabilities with a square covered, some squares at a time, as npz."""
    if begin >= grid * grid:
        raise ExperimentError(
            f"A grid of {grid}×{grid} has squares up to {grid * grid - 1}.",
            f"Received {begin} as the first.",
            "Ask for less.",
        )
    loaded = service.loaded(model)
    with service.passes.one():
        data = image.file.read()
        return _npz(explaining.covered_answers(loaded, data, grid, begin, drawn_confirmed))


@router.post("/spoiled", **options)
def spoiled(
    service: Running,
    image: Picture,
    settings: Annotated[str, Form(description="JSON: hairs, ruler, ink, bubbles, blur, ...")],
    model: ModelName = "",
    first: Annotated[int, Form(ge=0, lt=2**31)] = 0,
    count: Annotated[int, Form(ge=1, le=24)] = 1,
    drawn_confirmed: Confirmed = False,
) -> Response:
    """Probabilities `before` and `after` marks were drawn on a picture, as npz."""
    try:
        wanted = Spoil.model_validate_json(settings)
    except ValidationError as error:
        first_error = error.errors()[0]
        key = ".".join(["settings", *(str(part) for part in first_error["loc"])])
        raise ExperimentError(
            f"The value of {key} cannot be used: {first_error['msg']}.",
            what_to_do="Mend this value.",
        ) from error
    loaded = service.loaded(model)
    data = image.file.read()
    with service.passes.one():
        return _npz(explaining.spoiled_answers(loaded, data, wanted, first, count, drawn_confirmed))


def _npz(named: dict[str, np.ndarray]) -> Response:
    return Response(arrays.pack(**named), media_type=arrays.MEDIA_TYPE)
