"""The bundle of a finished training, with the report and the card of how it was judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from lesionlab.evaluation.card import model_card
from lesionlab.evaluation.report import EVALUATION, PREDICTIONS
from lesionlab.models.bundle import read_weights, write_bundle
from lesionlab.models.description import Description
from lesionlab.training.job import SCORES


def write_judged_bundle(
    folder: Path,
    trained: Path,
    description: Description,
    history: pd.DataFrame,
    report: dict[str, Any],
    predictions: bytes,
    **card: Any,
) -> None:
    """Write a bundle with the weights of another one.

    Args:
        folder: Where it shall stand.
        trained: The bundle with the weights.
        description: What it says of itself; its scores are taken from `report`.
        history: Learning curves, a row an epoch.
        report: As in evaluation.json.
        predictions: predictions.parquet.
        card: What else the model card tells, as `model_card` takes it.
    """
    scores = {key: report[key] for key in SCORES}
    description = description.model_copy(update={"scores": scores})
    extra = {EVALUATION: json.dumps(report, indent=1).encode(), PREDICTIONS: predictions}
    words = model_card(description, report, **card)
    write_bundle(folder, description, read_weights(trained), history, words, extra)
