"""What is trained in a phase, and on what: pixels, or features where the network stays as it is.

When nothing before the head learns and no picture is changed, the network gives the same features
in every epoch. They are then computed once, and only the head is trained, on them: the same
losses in a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np

from lesionlab.evaluation.copies import TestTime
from lesionlab.evaluation.infer import predict_probabilities
from lesionlab.experiment import Experiment
from lesionlab.models.augment import COLUMNS, Augment, draw_parameters, is_identity
from lesionlab.models.build import backbone_layer_names, is_head
from lesionlab.models.fused_batchnorm import with_fused_batchnorm
from lesionlab.task import Task, stop_if_cancelled
from lesionlab.training.material import Material
from lesionlab.training.mixing import COLUMNS as MIXING
from lesionlab.training.mixing import Mix, mixes

FEATURE_BATCH = 64
CUT = "pooling"


class Feed(NamedTuple):
    """One way to train a phase.

    Attributes:
        model: What is compiled: from `inputs` to logits `(n, classes)`.
        inputs: From positions among all pictures, int `(b,)`, the epoch's parameters, and how the
            batch is mixed, `(b, 6)`, if it is, to what `model` takes.
        parameters: Draws the parameters of an epoch (counted from 0), a row a picture.
        validate: Gives the probabilities of rows, float32 `(m, classes)`.
        note: Which way this is and why, for people.
    """

    model: keras.Model
    inputs: Callable[[np.ndarray, np.ndarray, np.ndarray | None], Any]
    parameters: Callable[[int], np.ndarray]
    validate: Callable[[np.ndarray], np.ndarray]
    note: str


def make_feed(experiment: Experiment, material: Material, model: keras.Model, task: Task) -> Feed:
    """The quickest way to train a phase that gives the same losses as the plain one.

    Args:
        experiment: Its augmentation and seed are used.
        material: The pictures.
        model: From `build_model`, already frozen for the phase.
        task: Asked to stop while features are computed.
    """
    reason = why_not_once(model, experiment)
    if reason:
        return _pixel_feed(experiment, material, model, task, reason)
    return _feature_feed(material, model, task)


def why_not_once(model: keras.Model, experiment: Experiment) -> str:
    """Why the network must run in every epoch; empty when once is enough."""
    if not is_identity(experiment.augmentation):
        return "pictures are changed anew in every epoch"
    if mixes(experiment):
        return "pictures are mixed anew in every epoch"
    for name in backbone_layer_names(model):
        layer = model.get_layer(name)
        if layer.trainable and layer.weights:
            return f"its layers learn, {name} first"
        if isinstance(layer, keras.layers.Dropout):
            return "it drops units at random"
    return ""


def _pixel_feed(
    experiment: Experiment, material: Material, model: keras.Model, task: Task, reason: str
) -> Feed:
    augmentation, seed = experiment.augmentation, experiment.seed
    logits = keras.Model(model.input, model.get_layer("logits").output, name="classifier_logits")
    logits = with_fused_batchnorm(logits)
    size = tuple(material.pixels.shape[1:3])
    plain, mixed = is_identity(augmentation), mixes(experiment)
    if mixed or not plain:
        # Inside the compiled step, so that a GPU gets uint8 pictures and changes them itself.
        images = keras.Input((*size, 3), name="pictures", dtype="uint8")
        taken, changed = [images], images
        if not plain:
            taken.append(keras.Input((len(COLUMNS),), name="changes"))
            changed = Augment(augmentation, name="augment")(changed, taken[-1])
        if mixed:
            taken.append(keras.Input((len(MIXING),), name="mixing"))
            changed = Mix(name="mix")(changed, taken[-1])
        logits = keras.Model(taken, logits(changed), name="changed_classifier")

    def inputs(rows: np.ndarray, parameters: np.ndarray, mixing: np.ndarray | None) -> Any:
        given = [material.pixels[rows]]
        given += [] if plain else [parameters[rows]]
        given += [] if mixing is None else [mixing]
        return given if len(given) > 1 else given[0]

    def draw(epoch: int) -> np.ndarray:
        # The 1 keeps these draws apart from those of the epoch's order.
        rng = np.random.default_rng([seed, epoch, 1])
        return draw_parameters(augmentation, len(material.labels), size, rng)

    def validate(rows: np.ndarray) -> np.ndarray:
        return predict_rows(model, material.pixels, rows, task)

    note = f"The whole network runs in every step, because {reason}."
    return Feed(logits, inputs, draw, validate, note)


def _feature_feed(material: Material, model: keras.Model, task: Task) -> Feed:
    head = _head(model)
    features = _features(material, model, task)

    def validate(rows: np.ndarray) -> np.ndarray:
        chunks = []
        for chunk in _chunks(rows):
            stop_if_cancelled(task)
            chunks.append(head.predict_on_batch(features[chunk]))
        logits = np.concatenate(chunks)
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities: np.ndarray = exponentials / exponentials.sum(axis=1, keepdims=True)
        return probabilities

    note = (
        "Everything before the head stays as it is and pictures are not changed, so the network "
        "ran over them once; only the head is trained, on what it gave."
    )
    empty = np.empty((0, 0), np.float32)
    return Feed(head, lambda rows, *_: features[rows], lambda _: empty, validate, note)


def _head(model: keras.Model) -> keras.Model:
    """The layers behind the cut on an input of their own, sharing weights with `model`."""
    features = keras.Input(model.get_layer(CUT).output.shape[1:], name="features")
    x = features
    for layer in model.layers:
        if is_head(layer.name) and layer.name not in (CUT, "probabilities"):
            x = layer(x)
    return keras.Model(features, x, name="head")


def _features(material: Material, model: keras.Model, task: Task) -> np.ndarray:
    """What the cut gives for the training and validation pictures, float32 `(n, features)`.

    Rows of the test part stay zero: nothing may look at them.
    """
    network = keras.Model(model.input, model.get_layer(CUT).output, name="network")
    features = np.zeros((len(material.labels), network.output.shape[-1]), np.float32)
    used = np.concatenate([material.rows("train"), material.rows("validation")])
    for number, rows in enumerate(_chunks(used)):
        stop_if_cancelled(task)
        share = number * FEATURE_BATCH / len(used)
        task.progress(0, f"Running the network once over all pictures, {share:.0%}")
        # Filled up to one shape: another one would be compiled anew.
        images = material.pixels[np.resize(rows, min(FEATURE_BATCH, len(used)))]
        features[rows] = network.predict_on_batch(images)[: len(rows)]
    return features


def predict_rows(
    model: keras.Model,
    pixels: np.ndarray,
    rows: np.ndarray,
    task: Task,
    test_time: TestTime = "none",
) -> np.ndarray:
    """Probabilities of some rows, float32 `(m, classes)`, read from the file chunk by chunk."""
    chunks = [
        predict_probabilities(model, pixels[chunk], cancelled=task.cancelled, test_time=test_time)
        for chunk in np.array_split(rows, max(1, -(-len(rows) // (8 * FEATURE_BATCH))))
    ]
    return np.concatenate(chunks)


def _chunks(rows: np.ndarray) -> list[np.ndarray]:
    return [rows[start : start + FEATURE_BATCH] for start in range(0, len(rows), FEATURE_BATCH)]
