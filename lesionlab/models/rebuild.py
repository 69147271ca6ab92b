"""From a bundle back to a Keras model: built by our own code, then filled with its weights."""

from __future__ import annotations

from pathlib import Path

import keras

from lesionlab.errors import BundleError, ModelError
from lesionlab.models.build import build_model, check_size
from lesionlab.models.bundle import TAKE_AGAIN, read_description, read_weights, verify_bundle
from lesionlab.models.weights import assign


def load_bundle(folder: Path) -> keras.Model:
    """Rebuild the model of a bundle.

    The description decides what is built, after its size is checked; Keras's own loading is
    never used, since it is not safe on a file that somebody else made.

    Raises:
        BundleError: Anything in the bundle is off; the sentence says what.
    """
    verify_bundle(folder)
    description = read_description(folder)
    experiment = description.experiment
    size = experiment.preprocessing.size
    try:
        check_size(experiment.model, len(description.classes), size)
        weights = read_weights(folder)
        model = build_model(
            experiment.model, len(description.classes), size, experiment.seed, load_weights=False
        )
        assign(model, weights)
    except ModelError as error:
        raise BundleError(
            f"The model {description.name} does not fit its own description. {error.expected}",
            error.received,
            TAKE_AGAIN,
        ) from error
    return model
