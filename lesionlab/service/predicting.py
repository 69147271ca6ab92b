"""One picture, one model, one honest answer: for the service and for the command line."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from lesionlab.diagnoses import malignant_indices
from lesionlab.evaluation.calibration import apply_temperature
from lesionlab.evaluation.copies import TestTime
from lesionlab.evaluation.novelty import is_unlike
from lesionlab.images.decode import decode_image
from lesionlab.images.preprocess import preprocess
from lesionlab.images.quality import measure_quality
from lesionlab.models.description import Description
from lesionlab.service.loaded import Loaded

ONLY_DRAWINGS = "This model has only seen drawings and cannot judge a photograph."
UNLIKE = (
    "This picture is unlike those that the model has learned from. Its numbers say nothing "
    "reliable here."
)


def predict_picture(
    loaded: Loaded,
    data: bytes,
    drawn_confirmed: bool = False,
    heat_map: bool = True,
    test_time: TestTime | None = None,
) -> dict[str, Any]:
    """Ask a model about a picture.

    Args:
        loaded: The model.
        data: The bytes of a picture file.
        drawn_confirmed: The user says that this is a drawn example, not a photograph.
        heat_map: Whether to say which places spoke for the predicted class.
        test_time: Which changed copies are judged too; by default those that the model's
            temperature and thresholds were set for.

    Returns:
        JSON-ready: `classes`, `probabilities` `{code: p}`, `malignant`, `predicted`, `abstain`
        (None or a reason), `quality`, `heat_map` (rows of numbers in 0..1 on the network's last,
        coarse grid, or None), `width`, `height`, `model`, `milliseconds`. A model that has only
        seen drawings gives no probabilities for what is not confirmed to be one; a picture unlike
        the training pictures gets a reason in `abstain` beside them.

    Raises:
        PictureError: The bytes are not a picture that can be read.
    """
    begin = time.perf_counter()
    description = loaded.description
    image = decode_image(data)
    quality = measure_quality(image)
    answer: dict[str, Any] = {
        "classes": list(description.classes),
        "probabilities": {},
        "malignant": None,
        "predicted": None,
        "abstain": ONLY_DRAWINGS,
        "quality": {
            "sharpness": float(quality.sharpness),
            "exposure": float(quality.exposure),
            "warnings": list(quality.warnings),
        },
        "heat_map": None,
        "height": image.shape[0],
        "width": image.shape[1],
        "model": about(loaded.reference, description),
    }
    if drawn_confirmed or not description.drawn:
        pixels = preprocess(image, description.experiment.preprocessing)
        own = description.experiment.evaluation.test_time
        probabilities, heat = _look(loaded, pixels, heat_map, test_time or own)
        probabilities = apply_temperature(probabilities[None], description.temperature)[0]
        answer |= _judgement(description, probabilities)
        answer["abstain"] = UNLIKE if is_unlike(pixels, description.novelty) else None
        answer["heat_map"] = None if heat is None else np.round(heat, 4).tolist()
    answer["milliseconds"] = round(1000 * (time.perf_counter() - begin), 1)
    return answer


def about(reference: str, description: Description) -> dict[str, Any]:
    """What a reader of a prediction must know of the model."""
    words = description.model_dump(mode="json")
    return {
        "reference": reference,
        "title": description.experiment.title or description.name,
        **{key: words[key] for key in ("drawn", "data", "scores", "thresholds", "temperature")},
    }


def _judgement(description: Description, probabilities: np.ndarray) -> dict[str, Any]:
    classes = description.classes
    malignant = malignant_indices(classes)
    return {
        "probabilities": {code: float(p) for code, p in zip(classes, probabilities, strict=True)},
        "malignant": float(probabilities[malignant].sum()) if malignant else None,
        "predicted": classes[int(probabilities.argmax())],
    }


def _look(
    loaded: Loaded, pixels: np.ndarray, heat_map: bool, test_time: TestTime
) -> tuple[np.ndarray, np.ndarray | None]:
    """Probabilities `(classes,)`, and the heat map `(h, w)` of the likeliest class if wished."""
    # Imported here so that the web process can import this module's sentences without Keras.
    from lesionlab.evaluation.infer import predict_probabilities

    if not heat_map:
        return predict_probabilities(loaded.model, pixels[None], test_time=test_time)[0], None
    from lesionlab.explain.saliency import predict_with_heat_map

    probabilities, heat = predict_with_heat_map(loaded.model, pixels[None])
    if test_time != "none":
        # The map is that of the picture as it lies; the answer is the mean over its copies.
        probabilities = predict_probabilities(loaded.model, pixels[None], test_time=test_time)
    return probabilities[0], heat[0, ..., int(probabilities[0].argmax())]
