"""Whether a model does as well for women and men, the young and the old, each site and clinic.

One score for all hides groups for which it is worse (Buolamwini and Gebru 2018, "Gender Shades";
Mitchell et al. 2019 ask for such scores in a model card).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lesionlab.evaluation.metrics import (
    balanced_accuracy,
    balanced_accuracy_interval,
    macro_auc,
    macro_auc_interval,
)
from lesionlab.evaluation.thresholds import score_thresholds

# Below these a score says more about chance than about the model.
LEAST_PICTURES, LEAST_MELANOMAS = 20, 10
BANDS = ((0, "under 30"), (30, "30 to 44"), (45, "45 to 59"), (60, "60 to 74"), (75, "75 and over"))
COLUMNS = ("sex", "age", "site", "source")
UNKNOWN = "unknown"


def groups_of(table: pd.DataFrame, column: str) -> np.ndarray | None:
    """The group of each row, text `(n,)`; ages become bands.

    Args:
        table: Of a data set.
        column: One of `COLUMNS`.

    Returns:
        None where nothing is known of any row.
    """
    if column not in table or table[column].isna().all():
        return None
    if column == "age":
        ages = pd.to_numeric(table["age"], errors="coerce").to_numpy(dtype=float)
        starts = np.array([start for start, _ in BANDS])
        names = np.array([UNKNOWN, *(name for _, name in BANDS)], dtype=object)
        places = np.searchsorted(starts, np.nan_to_num(ages, nan=-1.0), side="right")
        found: np.ndarray = names[places]
        return found
    values = table[column].astype(object)
    return values.where(values.notna(), UNKNOWN).astype(str).to_numpy(dtype=object)


def subgroup_scores(
    table: pd.DataFrame,
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    thresholds: Mapping[str, float],
) -> list[dict[str, Any]]:
    """The scores of each group, JSON-ready, a row a group.

    Args:
        table: The rows that were predicted, in order, with some of `COLUMNS`.
        labels: int `(n,)`.
        probabilities: `(n, classes)`, with the temperature applied.
        classes: Codes of the columns.
        thresholds: Of the model, by name.

    Returns:
        Rows `{by, group, n, num_melanomas}`, and in groups of at least 20 pictures also
        `macro_auc, balanced_accuracy` with their intervals, and, with at least 10 melanomas,
        `melanoma_sensitivity` with its own. Bands of age in order, other groups by size. A column
        with one group only is left out: its score is that of all.
    """
    rows = []
    melanoma = list(classes).index("mel") if "mel" in classes else -1
    for column in COLUMNS:
        groups = groups_of(table, column)
        if groups is None or len(set(groups)) < 2:
            continue
        for group in _in_order(groups, column):
            chosen = groups == group
            truth, answers = labels[chosen], probabilities[chosen]
            row: dict[str, Any] = {"by": column, "group": group, "n": len(truth)}
            row["num_melanomas"] = int((truth == melanoma).sum())
            if len(truth) >= LEAST_PICTURES:
                row |= _scores(truth, answers, classes, thresholds)
            rows.append(row)
    return rows


def _scores(
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    thresholds: Mapping[str, float],
) -> dict[str, Any]:
    area = macro_auc(labels, probabilities)
    predicted = probabilities.argmax(axis=1)
    found = {
        "macro_auc": area if np.isfinite(area) else None,
        "macro_auc_interval": macro_auc_interval(labels, probabilities),
        "balanced_accuracy": balanced_accuracy(labels, predicted, len(classes)),
        "balanced_accuracy_interval": balanced_accuracy_interval(labels, probabilities),
    }
    row = score_thresholds(labels, probabilities, classes, thresholds).get("mel")
    if row and row["n"] >= LEAST_MELANOMAS:
        found["melanoma_sensitivity"] = row["sensitivity"]
        found["melanoma_sensitivity_interval"] = row["sensitivity_interval"]
    return found


def _in_order(groups: np.ndarray, column: str) -> list[str]:
    names, counts = np.unique(groups, return_counts=True)
    if column == "age":
        order = [*(name for _, name in BANDS), UNKNOWN]
        return [name for name in order if name in names]
    return [str(names[k]) for k in np.argsort(-counts, kind="stable")]
