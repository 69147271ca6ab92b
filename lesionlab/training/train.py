"""Train a network: from an experiment and a data set to a model with its best weights."""

from __future__ import annotations

from typing import NamedTuple

import keras

from lesionlab.data.dataset import Dataset
from lesionlab.experiment import Experiment
from lesionlab.models.batchnorm import is_folded, start_statistics_anew
from lesionlab.models.build import build_model
from lesionlab.models.weights import find_start, load_start
from lesionlab.task import Task
from lesionlab.training.checkpoint import Checkpoint, Checkpoints
from lesionlab.training.distillation import teachers_answers
from lesionlab.training.examples import Examples
from lesionlab.training.loop import CHECKPOINT_SECONDS, Loop
from lesionlab.training.material import Material, prepare
from lesionlab.training.position import Position

# Enough to measure what passes through a network; more changes nothing that can be seen.
PICTURES_TO_MEASURE = 64


class Trained(NamedTuple):
    """What a training gives.

    Attributes:
        model: With its best weights.
        material: The pictures and their parts.
        position: The history of its epochs, the best one, and what it started from.
    """

    model: keras.Model
    material: Material
    position: Position


def train(
    experiment: Experiment,
    dataset: Dataset,
    task: Task,
    material: Material | None = None,
    checkpoint_seconds: float = CHECKPOINT_SECONDS,
) -> Trained:
    """Train, from the last checkpoint in `task.folder` where there is one.

    Args:
        experiment: All that is decided.
        dataset: The pictures to learn from.
        task: Its folder takes the checkpoints, its metrics the learning curve.
        material: The pictures dealt out and decoded, where that is done already.
        checkpoint_seconds: How often to write a checkpoint within an epoch.

    Raises:
        DataError: The data does not fit the experiment.
        WeightsError: The weights to start from cannot be had.
        TrainingError: The loss is not a number, or a teacher does not fit.
        Cancelled: The user asked to stop.
        TurnOver: Others wait; a checkpoint was written.
    """
    if experiment.training.deterministic:
        make_deterministic()
    if material is None:
        material = prepare(experiment, dataset, task)
    checkpoints = Checkpoints(task.folder / "checkpoints")
    answers = teachers_answers(experiment, material, task, checkpoints)
    task.progress(0, "Building the network")
    checkpoint = checkpoints.load()
    model, start = _model(experiment, material, checkpoint)
    examples = Examples(experiment, material, answers)
    loop = Loop(experiment, examples, model, task, checkpoints, start, checkpoint_seconds)
    return Trained(model, material, loop.run())


def _model(
    experiment: Experiment, material: Material, checkpoint: Checkpoint | None
) -> tuple[keras.Model, Position | Checkpoint]:
    """The network, with the weights to start from unless a checkpoint brings its own."""
    size, classes = experiment.preprocessing.size, experiment.data.classes
    network = experiment.model
    if checkpoint is not None:
        model = build_model(network, len(classes), size, experiment.seed, load_weights=False)
        return model, checkpoint
    start = find_start(network, size)
    model = build_model(network, len(classes), size, experiment.seed, load_weights=False)
    load_start(model, network, start, classes)
    if network.batchnorm == "train" and is_folded(model):
        rows = material.rows("train")[:PICTURES_TO_MEASURE]
        start_statistics_anew(model, material.pixels[rows])
    fingerprint = material.dataset.fingerprint
    return model, Position(fingerprint=fingerprint, start_weights=start.sentence)


def make_deterministic() -> None:
    """Let the same seed give the same numbers to the last bit, at some cost in speed.

    For the whole process and for good. JAX is so by itself.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        tensorflow.config.experimental.enable_op_determinism()
