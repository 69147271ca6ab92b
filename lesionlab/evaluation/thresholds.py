"""From which probability on a picture counts as suspicious."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lesionlab.diagnoses import malignant_indices
from lesionlab.evaluation.metrics import auc, proportion_interval

# What pages and cards call them.
SUSPICIONS = {"malignant": "cancer or a precursor", "mel": "melanoma"}


def suspicion_scores(probabilities: np.ndarray, classes: Sequence[str]) -> dict[str, np.ndarray]:
    """What thresholds are set on: `malignant` (cancer or precursor together) and `mel`.

    Args:
        probabilities: `(n, classes)`.
        classes: Codes of the columns.

    Returns:
        `(n,)` each, for those that the classes allow.
    """
    scores = {}
    malignant = malignant_indices(list(classes))
    if malignant:
        scores["malignant"] = probabilities[:, malignant].sum(axis=1)
    if "mel" in classes:
        scores["mel"] = probabilities[:, list(classes).index("mel")]
    return scores


def suspicion_truths(labels: np.ndarray, classes: Sequence[str]) -> dict[str, np.ndarray]:
    """Which pictures are cases, bool `(n,)`, for each score of `suspicion_scores`."""
    truths = {}
    malignant = malignant_indices(list(classes))
    if malignant:
        truths["malignant"] = np.isin(labels, malignant)
    if "mel" in classes:
        truths["mel"] = labels == list(classes).index("mel")
    return truths


def threshold_for_sensitivity(truth: np.ndarray, score: np.ndarray, target: float) -> float | None:
    """A threshold that finds the wanted share of cases, and no more than it must.

    A picture is suspicious when its score is at least the threshold. It lies halfway between the
    last case that must be found and the next lower score: at the case itself, the last digit of a
    network that computes in another order would decide.

    Args:
        truth: bool `(n,)`.
        score: `(n,)`.
        target: Wanted sensitivity, 0 to 1.

    Returns:
        The threshold; None without cases.
    """
    cases = np.sort(score[truth])[::-1]
    if not len(cases):
        return None
    # A hair less, since 0.9 * 10 is 9.000000000000002 for some numbers.
    needed = max(1, math.ceil(target * len(cases) - 1e-9))
    last = float(cases[needed - 1])
    lower = score[score < last]
    return (last + float(lower.max(initial=0))) / 2


def choose_thresholds(
    labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str], target: float
) -> dict[str, float]:
    """A threshold for each score that has cases, on pictures kept out of training.

    Args:
        labels: int `(n,)`.
        probabilities: `(n, classes)`, with the temperature applied.
        classes: Codes of the columns.
        target: Wanted sensitivity.
    """
    truths = suspicion_truths(labels, classes)
    found = {}
    for name, score in suspicion_scores(probabilities, classes).items():
        threshold = threshold_for_sensitivity(truths[name], score, target)
        if threshold is not None:
            found[name] = threshold
    return found


def score_thresholds(
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    thresholds: Mapping[str, float],
) -> dict[str, dict[str, Any]]:
    """What the thresholds do on other pictures.

    Returns:
        For each threshold that the classes allow `{threshold, auc, sensitivity,
        sensitivity_interval, specificity, specificity_interval, n, num_found, num_others,
        num_spared}`: `n` counts the cases, `num_others` the rest, the intervals are Wilson's of
        95 %, and the area is that of all thresholds.
    """
    truths = suspicion_truths(labels, classes)
    table: dict[str, dict[str, Any]] = {}
    for name, score in suspicion_scores(probabilities, classes).items():
        if name not in thresholds:
            continue
        truth, flagged = truths[name], score >= thresholds[name]
        cases, others = int(truth.sum()), int((~truth).sum())
        found, spared = int((flagged & truth).sum()), int((~flagged & ~truth).sum())
        table[name] = {
            "threshold": float(thresholds[name]),
            "auc": area if math.isfinite(area := auc(truth, score)) else None,
            "sensitivity": found / cases if cases else None,
            "sensitivity_interval": proportion_interval(found, cases),
            "specificity": spared / others if others else None,
            "specificity_interval": proportion_interval(spared, others),
            "n": cases,
            "num_found": found,
            "num_others": others,
            "num_spared": spared,
        }
    return table


def score_alarm(
    labels: np.ndarray,
    probabilities: np.ndarray,
    classes: Sequence[str],
    thresholds: Mapping[str, float],
) -> dict[str, Any] | None:
    """What the alarm does, which is raised where any of the thresholds is reached.

    Returns:
        `{cases, num_harmless, num_false}`: `cases` has `{n, num_missed}` for `malignant` and for
        `mel`, and `num_false` counts the harmless pictures with an alarm. None without thresholds
        for these classes.
    """
    scores = suspicion_scores(probabilities, classes)
    raised = [score >= thresholds[name] for name, score in scores.items() if name in thresholds]
    if not raised:
        return None
    alarm, truths = np.any(raised, axis=0), suspicion_truths(labels, classes)
    harmless = ~truths["malignant"]
    return {
        "cases": {
            name: {"n": int(truth.sum()), "num_missed": int((truth & ~alarm).sum())}
            for name, truth in truths.items()
        },
        "num_harmless": int(harmless.sum()),
        "num_false": int((harmless & alarm).sum()),
    }


def alarm_words(alarm: Mapping[str, Any]) -> str:
    """What `score_alarm` has found, in a sentence or two."""
    cases = " and ".join(
        f"for {_of(row['num_missed'], row['n'], SUSPICIONS.get(name, name))}"
        for name, row in alarm["cases"].items()
        if row["n"]
    )
    told = [f"It stayed silent {cases}" if cases else "There was no case to find"]
    if alarm["num_harmless"]:
        harmless = _of(alarm["num_false"], alarm["num_harmless"], "something harmless")
        told.append(f"{'' if cases else 'it '}was raised for {harmless}")
    return (
        f"The alarm is raised where any threshold is reached. {', and '.join(told)}. In brackets "
        "95 % intervals."
    )


def _of(count: int, total: int, what: str) -> str:
    """Such as `15 of 184 pictures of melanoma (5 to 13 %)`."""
    interval = proportion_interval(count, total)
    bounds = f" ({100 * interval[0]:.0f} to {100 * interval[1]:.0f} %)" if interval else ""
    return f"{count:,} of {total:,} pictures of {what}{bounds}"
