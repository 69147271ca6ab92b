"""What a run says about its fold: the numbers by which choices are made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lesionlab.evaluation.calibration import (
    apply_temperature,
    expected_calibration_error,
    fit_temperature,
)
from lesionlab.evaluation.metrics import evaluate_probabilities, proportion_interval
from lesionlab.evaluation.regroup import regroup
from lesionlab.evaluation.report import PREDICTIONS
from lesionlab.models.bundle import read_description

LEAST_SPECIFICITY = 0.85


def fold_scores(run: Path, lesions: pd.Series) -> dict[str, Any]:
    """The targets' numbers in HAM10000's seven classes.

    Args:
        run: A finished run's folder, judged on its validation part.
        lesions: Of each picture, by its path.

    Returns:
        `num` pictures, `num_melanomas` among them, `macro_auc`, `balanced_accuracy`, `accuracy`,
        `melanoma_sensitivity` (the highest at a specificity of 0.85 or more) and `ece` (each half
        of the lesions with the temperature that was fitted on the other); the first four scores
        also as `<name>_interval` (95 %).
    """
    description = read_description(run / "model")
    table = pd.read_parquet(run / PREDICTIONS)
    raw = apply_temperature(
        table[[f"p_{code}" for code in description.classes]].to_numpy(np.float64),
        1 / description.temperature,
    )
    codes = list(description.classes)
    truths = table["truth"].map(codes.index).to_numpy()
    one_hot = np.eye(len(codes))[truths]
    seven, classes = regroup(raw, codes, "ham7")
    labels = regroup(one_hot, codes, "ham7")[0].argmax(axis=1)
    found = evaluate_probabilities(labels, seven, classes)
    melanoma = classes.index("mel")
    others = np.sort(seven[labels != melanoma, melanoma])
    threshold = np.quantile(others, LEAST_SPECIFICITY, method="inverted_cdf")
    half = pd.util.hash_pandas_object(table["path"].map(lesions), index=False).to_numpy() % 2 == 0
    errors = []
    for fitted, judged in ((half, ~half), (~half, half)):
        temperature = fit_temperature(truths[fitted], raw[fitted])
        answers = regroup(apply_temperature(raw[judged], temperature), codes, "ham7")[0]
        errors.append(expected_calibration_error(labels[judged], answers))
    alarm = seven[labels == melanoma, melanoma] > threshold
    names = ("macro_auc", "balanced_accuracy", "accuracy")
    return {
        "num": len(table),
        "num_melanomas": len(alarm),
        **{name: found[name] for name in names},
        "melanoma_sensitivity": float(alarm.mean()),
        "ece": float(np.mean(errors)),
        **{f"{name}_interval": found[f"{name}_interval"] for name in names},
        "melanoma_sensitivity_interval": proportion_interval(int(alarm.sum()), len(alarm)),
    }
