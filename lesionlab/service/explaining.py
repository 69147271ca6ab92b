"""Why a model answers as it does: the last step in numbers, where it looks, what misleads it."""

from __future__ import annotations

import numpy as np

from lesionlab.errors import ExperimentError, ModelError
from lesionlab.evaluation.calibration import apply_temperature
from lesionlab.images.decode import decode_image
from lesionlab.images.preprocess import preprocess
from lesionlab.images.spoil import Spoil, spoil
from lesionlab.service.loaded import Loaded
from lesionlab.service.predicting import ONLY_DRAWINGS

# So many covered copies go through the network at a time: few enough that a bar moves.
PIECE = 25


def pixels_of(loaded: Loaded, data: bytes, drawn_confirmed: bool) -> np.ndarray:
    """A picture as the network gets it, uint8 `(1, h, w, 3)`.

    Raises:
        ModelError: The model has only seen drawings, and nobody says that this is one: what it
            answers to a photograph is not told on a by-way either.
        PictureError: The bytes are not a picture that can be read.
    """
    check_allowed(loaded, drawn_confirmed)
    return preprocess(decode_image(data), loaded.description.experiment.preprocessing)[None]


def check_allowed(loaded: Loaded, drawn_confirmed: bool) -> None:
    """Refuse what `predict` gives no probabilities for.

    Raises:
        ModelError: See `pixels_of`.
    """
    if loaded.description.drawn and not drawn_confirmed:
        raise ModelError(ONLY_DRAWINGS, what_to_do="Say that it is a drawn example, if it is one.")


def end_numbers(loaded: Loaded, data: bytes, drawn_confirmed: bool) -> dict[str, np.ndarray]:
    """The numbers of `explain.the_end.End`, with `softened`: probabilities at the temperature."""
    # Imported here, as below, so that this module can be imported without Keras.
    from lesionlab.explain.the_end import the_end

    end = the_end(loaded.model, pixels_of(loaded, data, drawn_confirmed))
    softened = apply_temperature(end.probabilities[None], loaded.description.temperature)[0]
    return {**vars(end), "softened": softened}


def heat_maps(
    loaded: Loaded, data: bytes, code: str, layer: str, draws: int, redrawn: int, drawn: bool
) -> dict[str, np.ndarray]:
    """The heat map of a class, and those of networks whose last kernels are drawn anew.

    Args:
        code: A class of the model.
        layer: A layer with maps; the last one when empty.
        draws: How many redrawn networks to ask.
        redrawn: How many of the last kernels are drawn anew.
        drawn: The user says that this is a drawn example.

    Returns:
        `heat` float32 `(h', w')` and `redrawn` float32 `(draws, h', w')`, nowhere below zero.

    Raises:
        ModelError: There is no such class or layer, or see `pixels_of`.
    """
    from lesionlab.explain.grad_cam import checked_grad_cam, grad_cam, last_grad_cam
    from lesionlab.explain.the_end import last_maps

    pixels = pixels_of(loaded, data, drawn)
    number = class_number(loaded, code)
    last = last_maps(loaded.model)
    layer = layer or last
    if draws:
        heat, maps = checked_grad_cam(loaded.model, pixels, layer, number, range(draws), redrawn)
        return {"heat": heat, "redrawn": maps}
    if layer == last:
        heat = last_grad_cam(loaded.model, pixels, number)
    else:
        heat = grad_cam(loaded.model, pixels, layer, number)
    return {"heat": heat, "redrawn": np.zeros((0, *heat.shape), np.float32)}


def class_number(loaded: Loaded, code: str) -> int:
    """The place of a class among the outputs.

    Raises:
        ModelError: The model does not know it.
    """
    classes = list(loaded.description.classes)
    if code not in classes:
        raise ModelError(
            f"Expected one of the model's classes: {', '.join(classes)}.",
            f"Received {code[:100]!r}.",
        )
    return classes.index(code)


def covered_answers(
    loaded: Loaded, data: bytes, grid: int, begin: int, drawn_confirmed: bool
) -> dict[str, np.ndarray]:
    """The probabilities with one square of the picture covered, for the next `PIECE` squares.

    Args:
        grid: Squares a row and a column.
        begin: Number of the first square, row by row.

    Returns:
        `probabilities` float32 `(k, classes)` at the model's temperature, k at most `PIECE`;
        `squares` int `(k, 4)` with top, left, bottom, right in pixels of the prepared picture;
        `whole` float32 `(classes,)` with nothing covered.
    """
    from lesionlab.explain.occlusion import covered, places
    from lesionlab.explain.one_by_one import answers_one_by_one

    (pixels,) = pixels_of(loaded, data, drawn_confirmed)
    squares = places(pixels.shape[:2], grid)[begin : begin + PIECE]
    # The picture itself comes first.
    versions = np.concatenate([np.zeros((1, 4), squares.dtype), squares])
    _, found = answers_one_by_one(
        loaded.model, len(versions), lambda k: covered(pixels, versions[k : k + 1])[0]
    )
    found = apply_temperature(found, loaded.description.temperature)
    return {"probabilities": found[1:], "squares": squares, "whole": found[0]}


def spoiled_answers(
    loaded: Loaded, data: bytes, settings: Spoil, first: int, count: int, drawn_confirmed: bool
) -> dict[str, np.ndarray]:
    """What the model makes of a picture before and after it was spoiled.

    Args:
        first: Seed of the first spoiled picture; the others follow.
        count: How many of them, each with a seed of its own.

    Returns:
        `before` float32 `(classes,)`, `after` float32 `(count, classes)`, at the model's
        temperature; `pictures` uint8 `(count, h, w, 3)` as the network got them.
    """
    from lesionlab.explain.one_by_one import answers_one_by_one

    check_allowed(loaded, drawn_confirmed)
    image, frame = decode_image(data), loaded.description.experiment.preprocessing
    check_amount(3 * (count + 1) * frame.size[0] * frame.size[1])

    def make(k: int) -> np.ndarray:
        """The picture itself comes first."""
        return preprocess(spoil(image, settings, first + k - 1) if k else image, frame)

    pictures, found = answers_one_by_one(loaded.model, count + 1, make)
    found = apply_temperature(found, loaded.description.temperature)
    return {"before": found[0], "after": found[1:], "pictures": pictures[1:]}


def check_amount(num_bytes: int, most: int = 48_000_000) -> None:
    """Refuse more bytes of pictures than an answer should carry.

    Raises:
        ExperimentError: It is more.
    """
    if num_bytes > most:
        raise ExperimentError(
            f"Expected at most {most // 10**6} MB of pictures.",
            f"These are {num_bytes // 10**6} MB.",
            "Ask for fewer.",
        )
