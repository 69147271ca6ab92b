"""Evaluate a model of ours: on the test part of its own run, or on other data."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lesionlab.data.dataset import Dataset, for_classes
from lesionlab.data.leaks import may_share
from lesionlab.data.pixels import cached_pixels
from lesionlab.data.split import read_split, split_dataset
from lesionlab.data.store import open_dataset
from lesionlab.errors import DataError, ModelError
from lesionlab.evaluation.calibration import apply_temperature
from lesionlab.evaluation.copies import TestTime, other_way_note
from lesionlab.evaluation.regroup import class_set_for, regroup
from lesionlab.evaluation.report import (
    EVALUATION,
    PREDICTIONS,
    make_report,
    predictions_table,
    write_report,
)
from lesionlab.experiment import Experiment
from lesionlab.files import read_json, write_json
from lesionlab.models.bundle import read_description
from lesionlab.models.description import Description
from lesionlab.models.locate import find_model
from lesionlab.task import Task

LEARNED_FROM = ("train", "validation")


def evaluate_model(
    reference: str,
    data: str | None = None,
    part: str = "test",
    *,
    task: Task,
    test_time: TestTime | None = None,
) -> dict[str, Any]:
    """Evaluate a model; leaves evaluation.json and predictions.parquet in the task's folder.

    Without `data` this is the evaluation that was made with the model, on its own test part. Data
    labelled with coarser classes is answered in those: a model of the eight classes on the seven
    (ak + scc = akiec), or on benign and malignant. Of the data that the model has learned from,
    only the part that it has not seen counts.

    Args:
        reference: A run's id, a model's name, or a bundle's path.
        data: A data set's name or folder; a desk names sets that it may see.
        part: Of the model's own split, when the data is its own.
        task: Shows progress; its folder takes the files, and its desk says what may be opened.
        test_time: Which changed copies are judged too; by default those that the model's
            temperature and thresholds were set for. Another choice is noted in the report, and
            without `data` the model's own data are judged anew.

    Returns:
        What evaluation.json holds.

    Raises:
        JobError: There is no such model.
        ModelError: It came without an evaluation, and no data was named.
        DataError: There is no such data, or none with a class that the model knows.
    """
    folder = find_model(reference)
    description = read_description(folder)
    own_way = description.experiment.evaluation.test_time
    way = test_time or own_way
    if data is None:
        if way == own_way:
            return _stored(folder, reference, part, task)
        data = description.data.name
    dataset = open_dataset(data, task.desk)
    classes = description.classes
    class_set = class_set_for(dataset.table["diagnosis"], classes)
    labelled = for_classes(dataset, class_set)
    rows, of_part = _rows_to_judge(folder, description, labelled, part)
    raw = _predict(folder, description.experiment, labelled, rows, way, task)
    probabilities, answers = regroup(
        apply_temperature(raw, description.temperature), classes, class_set
    )
    places = {code: k for k, code in enumerate(answers)}
    table = labelled.table.iloc[rows]
    labels = table["label"].map(places).to_numpy(dtype=np.int64)
    about = {"model": reference, "data": labelled.name, "part": of_part, "test_time": way}
    report = make_report(labels, probabilities, answers, description.thresholds, about, table)
    notes = [
        _left_out(dataset, labelled),
        _may_know(description, labelled) if of_part == "all" else "",
        other_way_note(own_way, way),
    ]
    if any(notes):
        report["note"] = " ".join(note for note in notes if note)
    predictions = predictions_table(table, of_part, labels, probabilities, answers)
    write_report(task.folder, report, predictions)
    return report


def _left_out(dataset: Dataset, labelled: Dataset) -> str:
    left_out = len(dataset) - len(labelled)
    if not left_out:
        return ""
    return (
        f"{left_out:,} of {len(dataset):,} pictures are of classes that the model does not know; "
        "they were left out."
    )


def _may_know(description: Description, labelled: Dataset) -> str:
    data = description.data
    if not may_share(labelled.name, labelled.citation, labelled.drawn, data.model_dump()):
        return ""
    return (
        f"The model has learned from {data.num_train:,} pictures of {data.title or data.name}, and "
        "nothing tells which of these are among them: the numbers may be better than on new "
        "pictures."
    )


def _stored(folder: Path, reference: str, part: str, task: Task) -> dict[str, Any]:
    """The evaluation that a run left beside its model, or that travels in the bundle."""
    for place in (folder.parent, folder) if folder.name == "model" else (folder,):
        report = read_json(place / EVALUATION)
        if not isinstance(report, dict) or part not in ("test", report.get("part")):
            continue
        if place != task.folder:
            if (place / PREDICTIONS).is_file():
                shutil.copyfile(place / PREDICTIONS, task.folder / PREDICTIONS)
            write_json(task.folder / EVALUATION, report)
        return report
    raise ModelError(
        "Expected a model with an evaluation of its own, or data to evaluate it on.",
        f"{reference} came without one.",
        "Name a data set with --data.",
    )


def _rows_to_judge(
    folder: Path, description: Description, labelled: Dataset, part: str
) -> tuple[np.ndarray, str]:
    """Rows that the model has not learned from, and the name of the part that they are."""
    every = np.arange(len(labelled))
    if labelled.name != description.data.name:
        return every, "all"
    parts = _known_parts(folder, description, labelled)
    if parts is None:
        return every, "all"
    rows = np.flatnonzero(parts == part)
    if not len(rows):
        # Without a test part, what is left is what it has never seen: the pictures beyond a cap.
        part, rows = "unseen", np.flatnonzero(~np.isin(parts, LEARNED_FROM))
    if not len(rows):
        raise DataError(
            "Expected pictures that the model has not met while it was made.",
            f"It has learned from all of {labelled.name}, or its best weights, temperature and "
            "thresholds were chosen on them.",
            "Evaluate it on other data.",
        )
    return rows, part


def _known_parts(folder: Path, description: Description, labelled: Dataset) -> np.ndarray | None:
    """The part of each row in the model's own split; empty text for a row without one.

    None where the data only have the name of those that the model has learned from.
    """
    experiment = description.experiment
    path = folder.parent / "split.csv"
    if folder.name == "model" and path.is_file():
        table = read_split(path)
        parts = table["part"].to_numpy(dtype=object)
        if "bytes" in table:
            # Another folder of the same name has other files under the same names, of which a few
            # may be as long by chance.
            here = pd.Series(labelled.file_sizes(), labelled.table["path"].astype(str))
            same = table["path"].map(here).eq(table["bytes"].astype(int)).to_numpy()
            if same.mean() < 0.5:
                return None
            table, parts = table[same], parts[same]
    else:
        # A bundle from elsewhere: the same pictures, plan and seed are dealt out the same way.
        try:
            own, parts = _deal_again(experiment, labelled)
        except DataError:
            return None
        table, known_by = own.table, description.data.fingerprint
        if known_by and own.portable_fingerprint != known_by:
            return None
        if (parts == "train").sum() != description.data.num_train:
            return None
    known = dict(zip(table["path"].astype(str), parts, strict=True))
    found = [known.get(str(path), "") for path in labelled.table["path"]]
    return np.asarray(found, dtype=object)


def _deal_again(experiment: Experiment, labelled: Dataset) -> tuple[Dataset, np.ndarray]:
    choice = experiment.data
    own = for_classes(labelled, choice.class_set, choice.per_class, experiment.split.seed)
    return own, split_dataset(own, experiment.split).parts


def _predict(
    folder: Path,
    experiment: Experiment,
    dataset: Dataset,
    rows: np.ndarray,
    test_time: TestTime,
    task: Task,
) -> np.ndarray:
    """Probabilities of rows at temperature 1, float32 `(m, classes of the model)`."""
    # Imported here: pages and commands that only read results must not load Keras.
    from lesionlab.evaluation.infer import predict_probabilities
    from lesionlab.models.folding import with_folded_batchnorm
    from lesionlab.models.rebuild import load_bundle

    model = with_folded_batchnorm(load_bundle(folder))
    pixels = cached_pixels(dataset, experiment.preprocessing, task.progress, task.cancelled)
    size = 512
    chunks = []
    for start in range(0, len(rows), size):
        task.progress(start / len(rows), f"Judging picture {start + 1:,} of {len(rows):,}")
        chunk = pixels[rows[start : start + size]]
        answers = predict_probabilities(model, chunk, cancelled=task.cancelled, test_time=test_time)
        chunks.append(answers)
    return np.concatenate(chunks)
