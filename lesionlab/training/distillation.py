"""What teachers say about the training pictures: computed once, then learned from beside labels.

Distilling an ensemble into one small network: Hinton, Vinyals and Dean (2015).
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from lesionlab.data.pixels import cached_pixels
from lesionlab.errors import DataError, TrainingError, TurnOver
from lesionlab.evaluation.calibration import apply_temperature
from lesionlab.evaluation.infer import predict_probabilities
from lesionlab.evaluation.regroup import regroup
from lesionlab.experiment import Experiment
from lesionlab.models.bundle import read_description
from lesionlab.models.description import Description
from lesionlab.models.locate import find_model
from lesionlab.models.rebuild import load_bundle
from lesionlab.task import Task, stop_if_cancelled
from lesionlab.training.checkpoint import Checkpoints
from lesionlab.training.material import Material

CHUNK = 512


class Teacher(NamedTuple):
    """A model to learn from: what it is called, where it stands and what it says of itself."""

    reference: str
    folder: Path
    description: Description


def teachers_answers(
    experiment: Experiment, material: Material, task: Task, checkpoints: Checkpoints
) -> np.ndarray | None:
    """The soft targets of the training pictures.

    Each teacher sees them with its own preprocessing, as they are and mirrored along both axes
    (and turned, if it is one that wants that); the mean of its probabilities is calibrated, added
    up into the classes of the experiment, and averaged over the teachers. Training changes
    pictures, but the answers stay: a lesion is what it is when it is turned. What a teacher said
    is kept beside the checkpoints.

    Args:
        experiment: Its teachers, temperature and classes.
        material: The pictures.
        task: Shows progress and says when to stop.
        checkpoints: Where answers are kept.

    Returns:
        At the temperature of the distillation, float32 `(n training pictures, classes)`; None
        without teachers.

    Raises:
        TrainingError: A teacher cannot answer in these classes, or has only seen drawings.
        JobError: There is no such model.
        Cancelled: The user asked to stop.
        TurnOver: Others wait; the answers of a whole teacher were kept.
    """
    distillation = experiment.training.distillation
    about = {"data": material.dataset.fingerprint, "class_set": experiment.data.class_set}
    kept: dict[int, np.ndarray] = {}
    teachers: dict[int, Teacher] = {}
    for number, reference in enumerate(distillation.teachers):
        found = checkpoints.kept(_name(number))
        if found is not None and found.state == {**about, "teacher": reference}:
            kept[number] = found.arrays["answers"]
        else:
            # All of them are looked at before the first one begins its long work.
            teachers[number] = _find(reference, experiment, material)
    for number, teacher in teachers.items():
        place = f"Teacher {number + 1} of {len(distillation.teachers)}"
        kept[number] = _ask(teacher, experiment.data.class_set, material, task, place)
        state = {**about, "teacher": teacher.reference}
        checkpoints.keep(_name(number), {"answers": kept[number]}, state)
        if task.should_yield():
            raise TurnOver
    if not kept:
        return None
    return apply_temperature(np.mean(list(kept.values()), axis=0), distillation.temperature)


def _name(number: int) -> str:
    return f"teacher-{number}"


def _find(reference: str, experiment: Experiment, material: Material) -> Teacher:
    folder = find_model(reference)
    teacher = Teacher(reference, folder, read_description(folder))
    classes = teacher.description.classes
    try:
        regroup(np.full((1, len(classes)), 1 / len(classes)), classes, experiment.data.class_set)
    except DataError as error:
        raise TrainingError(
            f"Expected teachers that can answer {', '.join(experiment.data.classes)}.",
            f"{reference} knows {', '.join(classes)}.",
            "Choose another teacher, or train on its classes (data.class_set).",
        ) from error
    if teacher.description.drawn and not material.dataset.drawn:
        raise TrainingError(
            "Expected teachers that have seen photographs.",
            f"{reference} has only seen drawings.",
            "Choose another teacher.",
        )
    return teacher


def _ask(
    teacher: Teacher, class_set: str, material: Material, task: Task, place: str
) -> np.ndarray:
    """One teacher's probabilities, float32 `(n training pictures, classes of the set)`."""
    description = teacher.description
    model = load_bundle(teacher.folder)
    preprocessing = description.experiment.preprocessing
    pixels = cached_pixels(
        material.dataset,
        preprocessing,
        progress=lambda _, message: task.progress(0, message),
        cancelled=task.cancelled,
    )
    rows = material.rows("train")
    own_way = description.experiment.evaluation.test_time
    chunks = []
    for start in range(0, len(rows), CHUNK):
        stop_if_cancelled(task)
        done = start / len(rows)
        task.progress(0, f"{place} ({teacher.reference}) looks at the pictures, {done:.0%}")
        chunks.append(
            predict_probabilities(
                model,
                pixels[rows[start : start + CHUNK]],
                cancelled=task.cancelled,
                test_time="flips" if own_way == "none" else own_way,
            )
        )
    calibrated = apply_temperature(np.concatenate(chunks), description.temperature)
    probabilities, _ = regroup(calibrated, description.classes, class_set)
    return probabilities.astype(np.float32)
