"""The result of an evaluation, and the table of every prediction it was computed from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lesionlab.evaluation.calibration import (
    calibration_error_interval,
    expected_calibration_error,
)
from lesionlab.evaluation.metrics import evaluate_probabilities
from lesionlab.evaluation.subgroups import subgroup_scores
from lesionlab.evaluation.thresholds import score_alarm, score_thresholds
from lesionlab.files import replacing, write_json

EVALUATION = "evaluation.json"
PREDICTIONS = "predictions.parquet"


def make_report(
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    thresholds: Mapping[str, float],
    about: Mapping[str, Any],
    table: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """All that an evaluation says, JSON-ready.

    Args:
        labels: int `(n,)`.
        probabilities: `(n, classes)`, with the temperature applied.
        classes: Codes of the columns.
        thresholds: Of the model, by name.
        about: What was evaluated on what: `model`, `data`, `part` and further words.
        table: The rows that were predicted; with it the report has scores of `subgroups`.
    """
    report = {
        **about,
        **evaluate_probabilities(labels, probabilities, classes),
        "ece": expected_calibration_error(labels, probabilities),
        "ece_interval": calibration_error_interval(labels, probabilities),
        "thresholds": score_thresholds(labels, probabilities, classes, thresholds),
        "alarm": score_alarm(labels, probabilities, classes, thresholds),
    }
    if table is not None:
        groups = subgroup_scores(table, labels, probabilities, classes, thresholds)
        report |= {"subgroups": groups} if groups else {}
    return report


def predictions_table(
    table: pd.DataFrame,
    part: str,
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
) -> pd.DataFrame:
    """A row a picture: `image_id, path, part, truth, predicted` and `p_<code>` a class.

    Args:
        table: The rows of the data set that were predicted, in order.
        part: Of the split.
        labels: int `(n,)`.
        probabilities: `(n, classes)`, with the temperature applied.
        classes: Codes of the columns.
    """
    codes = np.asarray(classes, dtype=object)
    columns: dict[str, Any] = {
        "image_id": table["image_id"].astype(str).to_numpy(),
        "path": table["path"].astype(str).to_numpy(),
        "part": part,
        "truth": codes[labels],
        "predicted": codes[probabilities.argmax(axis=1)],
    }
    columns |= {f"p_{code}": probabilities[:, k] for k, code in enumerate(classes)}
    return pd.DataFrame(columns)


def write_report(folder: Path, report: Mapping[str, Any], predictions: pd.DataFrame) -> None:
    """Write evaluation.json and predictions.parquet, the numbers last."""
    with replacing(folder / PREDICTIONS) as temporary:
        predictions.to_parquet(temporary, index=False)
    write_json(folder / EVALUATION, dict(report))
