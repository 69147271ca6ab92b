"""The job that trains: from what was asked for to a bundle with its evaluation and card."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np
import pandas as pd

import lesionlab
from lesionlab import experiment as experiments
from lesionlab.data.leaks import may_share
from lesionlab.data.ownership import is_server
from lesionlab.data.split import write_split
from lesionlab.data.store import open_dataset
from lesionlab.errors import LesionlabError
from lesionlab.evaluation.calibration import apply_temperature, fit_temperature
from lesionlab.evaluation.card import model_card
from lesionlab.evaluation.novelty import novelty_statistics
from lesionlab.evaluation.report import (
    EVALUATION,
    PREDICTIONS,
    make_report,
    predictions_table,
    write_report,
)
from lesionlab.evaluation.thresholds import choose_thresholds
from lesionlab.experiment import Experiment
from lesionlab.files import read_json, write_json, write_text
from lesionlab.models.build import weights_of
from lesionlab.models.bundle import read_description, write_bundle
from lesionlab.models.description import (
    MOST_LETTERS,
    MOST_LETTERS_OF_SOURCES,
    Description,
    TrainingData,
)
from lesionlab.models.locate import find_model
from lesionlab.task import PartOfTask, Task
from lesionlab.training.feed import predict_rows
from lesionlab.training.material import Material, prepare
from lesionlab.training.train import Trained, train

SCORES = ("accuracy", "balanced_accuracy", "macro_auc", "ece")
NO_TEST_PART = (
    "The split has no test part: these are the validation pictures, on which the best weights, the "
    "temperature and the thresholds were chosen, so the numbers are better than on new pictures."
)


def run_train(task: Task) -> None:
    """Train what `task.spec` says, from where an earlier attempt stopped.

    The spec has `experiment` (as words) and `data` (a data set's name or folder; by default the
    experiment's own). Leaves split.csv, history.csv, evaluation.json, predictions.parquet, card.md
    and the bundle `model/` in the task's folder.

    Raises:
        LesionlabError: In words for whoever asked for it.
        Cancelled: The user asked to stop.
        TurnOver: Others wait; a checkpoint was written.
    """
    experiment = experiments.parse(task.spec["experiment"])
    dataset = open_dataset(_which_data(task, experiment), task.desk)
    material = prepare(experiment, dataset, PartOfTask(task, 0.0, 0.05))
    write_split(task.folder / "split.csv", material.dataset, material.split)
    trained = train(experiment, dataset, PartOfTask(task, 0.05, 0.95), material)
    task.progress(0.95, "Evaluating on pictures it has never seen")
    finish(experiment, trained, task, name=task.folder.name)


def _which_data(task: Task, experiment: Experiment) -> str:
    """The data set of this run; the same one when it is taken up again.

    `synthetic` means the small set until the full one is made, which may be while this run waits.
    """
    path = task.folder / "checkpoints" / "data.json"
    known = read_json(path)
    if isinstance(known, dict):
        return str(known["data"])
    asked = str(task.spec.get("data") or experiment.data.name)
    folder = is_server(task.desk) and Path(asked).is_dir()
    found = asked if folder else open_dataset(asked, task.desk).name
    write_json(path, {"data": found})
    return found


def finish(experiment: Experiment, trained: Trained, task: Task, name: str) -> Description:
    """Calibrate, evaluate and bundle a trained model.

    Args:
        experiment: What was trained.
        trained: From `train`.
        task: Its folder takes the files, the bundle under `model`.
        name: What the bundle calls itself.
    """
    model, material, position = trained
    classes = experiment.data.classes
    validation = material.rows("validation")
    labels = material.labels[validation]
    # Temperature and thresholds belong to this way of asking: see evaluation.copies.
    way = experiment.evaluation.test_time
    raw = predict_rows(model, material.pixels, validation, task, way)
    temperature = fit_temperature(labels, raw)
    calibrated = apply_temperature(raw, temperature)
    target = experiment.evaluation.target_sensitivity
    thresholds = choose_thresholds(labels, calibrated, classes, target)

    part = "test" if len(material.rows("test")) else "validation"
    rows = material.rows(part)
    probabilities = calibrated
    if part == "test":
        raw = predict_rows(model, material.pixels, rows, task, way)
        probabilities = apply_temperature(raw, temperature)
    about: dict[str, Any] = {"model": name, "data": material.dataset.name, "part": part}
    about["test_time"] = way
    notes = [NO_TEST_PART if part == "validation" else "", _start_knows(experiment, material)]
    if any(notes):
        about["note"] = " ".join(note for note in notes if note)
    table, labels = material.dataset.table.iloc[rows], material.labels[rows]
    report = make_report(labels, probabilities, classes, thresholds, about, table)
    predictions = predictions_table(table, part, labels, probabilities, classes)
    description = _describe(experiment, trained, name, temperature, thresholds, report)
    card = model_card(description, report)
    history = pd.DataFrame(position.history).drop(columns="kind")
    write_report(task.folder, report, predictions)
    write_text(task.folder / "history.csv", history.to_csv(index=False))
    write_text(task.folder / "card.md", card)
    extra = {EVALUATION: (task.folder / EVALUATION).read_bytes()}
    if material.dataset.drawn:
        # Names of real pictures stay where they are; those of drawn ones are nobody's.
        extra[PREDICTIONS] = (task.folder / PREDICTIONS).read_bytes()
    weights = weights_of(model)
    write_bundle(task.folder / "model", description, weights, history, card, extra)
    return description


def _start_knows(experiment: Experiment, material: Material) -> str:
    """That the model which training went on from may have learned from the pictures judged here."""
    weights, dataset = experiment.model.weights, material.dataset
    if weights in ("imagenet", "random"):
        return ""
    try:
        data = read_description(find_model(weights)).data
    except LesionlabError:
        # It was there when training began; a model may go, and the numbers stay.
        return ""
    if not may_share(dataset.name, dataset.citation, dataset.drawn, data.model_dump()):
        return ""
    return (
        f"Training went on from {weights}, which has learned from {data.title or data.name}, "
        "perhaps from some of these pictures, too: the numbers may be better than on new pictures."
    )


def _describe(
    experiment: Experiment,
    trained: Trained,
    name: str,
    temperature: float,
    thresholds: dict[str, float],
    report: dict[str, Any],
) -> Description:
    model, material, position = trained
    train_rows = material.rows("train")
    dataset = material.dataset
    statistics = novelty_statistics(material.pixels, train_rows, experiment.seed)
    return Description(
        name=name,
        experiment=experiment,
        classes=experiment.data.classes,
        drawn=dataset.drawn,
        data=TrainingData(
            name=dataset.name,
            title=_at_most(dataset.title, MOST_LETTERS),
            licence=_at_most(dataset.licence, MOST_LETTERS_OF_SOURCES),
            citation=_at_most(dataset.citation, MOST_LETTERS_OF_SOURCES),
            num_train=len(train_rows),
            fingerprint=dataset.portable_fingerprint,
        ),
        start_weights=position.start_weights,
        temperature=temperature,
        thresholds={key: float(np.clip(value, 0, 1)) for key, value in thresholds.items()},
        novelty={key: tuple(values) for key, values in statistics.items()},
        scores={key: report[key] for key in SCORES},
        num_parameters=model.count_params(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        version=lesionlab.__version__,
    )


def _at_most(text: str, letters: int) -> str:
    """A text that a description has room for: no training may fail at its end for long words."""
    return text if len(text) <= letters else shorten(text, letters, placeholder=" …")
