"""The addresses that the service answers, one short function each."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar, cast

from fastapi import APIRouter, Body, Depends, File, Form, Query, Request, Response, UploadFile
from fastapi.security import HTTPBearer
from pydantic import BaseModel, ValidationError

from lesionlab import __version__, experiment
from lesionlab.errors import ExperimentError
from lesionlab.evaluation.copies import TestTime
from lesionlab.experiment import Augmentation
from lesionlab.images.preprocess import Preprocessing
from lesionlab.service import arrays, augmenting, describing, first_layer, looking, predicting
from lesionlab.service.answers import ErrorAnswer, Health, Prediction
from lesionlab.service.state import Service

# The gate has checked the token before a body is read; this tells the OpenAPI page about it.
router = APIRouter(
    dependencies=[Depends(HTTPBearer(auto_error=False))],
    responses={code: {"model": ErrorAnswer} for code in (401, 404, 413, 422, 503)},
)
Parts = TypeVar("Parts", bound=BaseModel)

Picture = Annotated[UploadFile, File(description="JPEG, PNG, WebP, TIFF or BMP, at most 30 MB")]
ModelName = Annotated[str, Form(description="a run's id or a model's name")]
ModelQuery = Annotated[str, Query(description="a run's id or a model's name")]
AugmentationJson = Annotated[str, Form(description="JSON, as in an experiment")]
PreprocessingJson = Annotated[str, Form(description="JSON, as in an experiment")]
NPZ_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {arrays.MEDIA_TYPE: {}}}}


def service_of(request: Request) -> Service:
    return cast(Service, request.app.state.service)


Running = Annotated[Service, Depends(service_of)]


@router.get("/health", response_model=Health)
def health(service: Running) -> dict[str, Any]:
    """Whether the service is there, and whether Keras is loaded yet."""
    return {
        "status": service.status,
        "version": __version__,
        "models": service.models.held(),
        "seconds_at_work": service.seconds_at_work,
    }


@router.post("/predict", response_model=Prediction)
def predict(
    service: Running,
    image: Picture,
    model: ModelName = "",
    drawn_confirmed: Annotated[bool, Form()] = False,
    heat_map: Annotated[bool, Form()] = False,
    test_time: Annotated[TestTime | None, Form(description="by default the model's own")] = None,
) -> dict[str, Any]:
    """Probabilities for one picture. Research and teaching only: not a medical device."""
    loaded = service.loaded(model)
    with service.passes.one():
        # Read here, so that those who wait hold no picture in memory.
        data = image.file.read()
        return predicting.predict_picture(loaded, data, drawn_confirmed, heat_map, test_time)


@router.get("/describe")
def describe(service: Running, model: ModelQuery = "") -> dict[str, Any]:
    """A model's description: its experiment, data, scores, thresholds and layers."""
    return describing.describe_model(service.loaded(model))


@router.post("/describe")
def describe_draft(service: Running, draft: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
    """What an experiment (its TOML as JSON) would build and start from."""
    parsed = experiment.parse(draft)
    service.wait_until_ready()
    # As for models: strangers have no folder of this machine looked at.
    return service.drafts.describe(parsed, allow_paths=service.private)


@router.get("/layers")
def layers(service: Running, model: ModelQuery = "") -> list[dict[str, Any]]:
    """The layers of a model, in order."""
    return describing.model_layers(service.loaded(model))


@router.post("/feature-maps", response_class=Response, responses=NPZ_ANSWER)
def feature_maps(
    service: Running,
    image: Picture,
    layer: Annotated[str, Form()],
    model: ModelName = "",
    limit: Annotated[int, Form(ge=1, le=4096)] = 64,
    order: Annotated[looking.Order, Form()] = "activation",
    start: Annotated[int, Form(ge=0)] = 0,
    drawn_confirmed: Annotated[bool, Form()] = False,
) -> Response:
    """What a layer makes of a picture: `maps` (k, h, w), `indices`, `means`, `shape`, as npz."""
    loaded = service.loaded(model)
    data = image.file.read()
    with service.passes.one():
        return _npz(
            **looking.strongest_maps(loaded, layer, data, limit, order, start, drawn_confirmed)
        )


@router.get("/blocks")
def blocks(service: Running, model: ModelQuery = "") -> dict[str, Any]:
    """The blocks of a model with its skip connections, worked out from the graph of its layers."""
    return looking.blocks(service.loaded(model))


@router.post("/one-map-each", response_class=Response, responses=NPZ_ANSWER)
def one_map_each(
    service: Running,
    image: Picture,
    layers: Annotated[list[str], Form(max_length=200)],
    model: ModelName = "",
    channel: Annotated[int | None, Form(ge=0)] = None,
    drawn_confirmed: Annotated[bool, Form()] = False,
) -> Response:
    """One map of each layer, of this number or the strongest: `map_0` ..., `channels`, as npz."""
    loaded = service.loaded(model)
    with service.passes.one():
        data = image.file.read()
        return _npz(**looking.one_map_each(loaded, layers, data, channel, drawn_confirmed))


@router.get("/first-layer", response_class=Response, responses=NPZ_ANSWER)
def first_layer_kernels(service: Running, model: ModelQuery = "") -> Response:
    """The first kernels of a model: `before` and `after` training (n, k, k, 3), as npz."""
    return _npz(**first_layer.kernels(service.loaded(model)))


@router.post("/augment", response_class=Response, responses=NPZ_ANSWER)
def augment(
    service: Running,
    image: Picture,
    augmentation: AugmentationJson = "{}",
    preprocessing: PreprocessingJson = "{}",
    count: Annotated[int, Form(ge=1, le=augmenting.MAX_SAMPLES)] = 12,
    seed: Annotated[int, Form(ge=0, lt=2**31)] = 0,
) -> Response:
    """Random changes of a picture by the layer that training uses: `images` (n, h, w, 3), npz."""
    changes = _part(Augmentation, "augmentation", augmentation)
    frame = _part(Preprocessing, "preprocessing", preprocessing)
    augmenting.check_amount(count, frame.size)
    service.wait_until_ready()
    with service.passes.one():
        return _npz(images=augmenting.augmented(changes, frame, image.file.read(), count, seed))


@router.post("/augment/one", response_class=Response, responses=NPZ_ANSWER)
def augment_once(
    service: Running,
    image: Picture,
    change: Annotated[str, Form(description="rotation, shift_x, shift_y, zoom, shear, ...")],
    values: Annotated[list[float], Form(min_length=1, max_length=augmenting.MAX_SAMPLES)],
    fill: Annotated[str, Form()] = "nearest",
    preprocessing: PreprocessingJson = "{}",
) -> Response:
    """One change of a picture at each of some chosen values: `images` (n, h, w, 3), as npz."""
    frame = _part(Preprocessing, "preprocessing", preprocessing)
    augmenting.check_amount(len(values), frame.size)
    service.wait_until_ready()
    with service.passes.one():
        content = image.file.read()
        return _npz(images=augmenting.changed_once(change, values, fill, frame, content))


@router.post("/augment/cost")
def augment_cost(
    service: Running,
    augmentation: AugmentationJson = "{}",
    preprocessing: PreprocessingJson = "{}",
    batch: Annotated[int, Form(ge=1, le=augmenting.MAX_SAMPLES)] = 16,
) -> dict[str, Any]:
    """How long the layer takes on this machine, in milliseconds a picture, measured now."""
    changes = _part(Augmentation, "augmentation", augmentation)
    frame = _part(Preprocessing, "preprocessing", preprocessing)
    augmenting.check_amount(batch, frame.size)
    service.wait_until_ready()
    # Whoever waits for another measurement takes no place from those who want a picture.
    with augmenting.one_measurement(), service.passes.one():
        return augmenting.cost(changes, frame.size, batch)


@router.post("/shutdown", include_in_schema=False)
def shutdown(service: Running) -> dict[str, bool]:
    """End a private service; whoever started it wants another one."""
    if service.private:
        service.stopping.set()
    return {"stopping": service.private}


def _npz(**named: Any) -> Response:
    return Response(arrays.pack(**named), media_type=arrays.MEDIA_TYPE)


def _part(kind: type[Parts], name: str, text: str) -> Parts:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join([name, *(str(part) for part in first["loc"])])
        raise ExperimentError(
            f"The value of {key} cannot be used: {first['msg']}.", what_to_do="Mend this value."
        ) from error
