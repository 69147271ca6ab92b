"""How good probabilities are: accuracy, balanced accuracy, AUC, and the table of a class.

All of it is computed from saved probabilities, never by Keras while it trains, so that every
number can be checked again from predictions.parquet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import norm, rankdata

NUM_RESAMPLES = 200


def evaluate_probabilities(
    labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]
) -> dict[str, Any]:
    """Score predictions.

    Sensitivity, specificity and precision of a class take the most probable class as the answer.
    Balanced accuracy is the mean sensitivity of the classes that occur.

    Args:
        labels: int `(n,)`, positions in `classes`.
        probabilities: `(n, classes)`, rows summing to 1.
        classes: Codes, in the order of the columns.

    Returns:
        JSON-ready words: `n, accuracy, balanced_accuracy, macro_auc`, the last three also as
        `<name>_interval` (95 %), `per_class{code: {n, auc, sensitivity, specificity, precision}}`,
        the last four with intervals, too, `confusion` (a row a true class, a column a predicted
        one) and `classes`. What cannot be computed, such as the AUC of a class that does not occur,
        is None.
    """
    labels = np.asarray(labels, dtype=np.int64)
    counts = confusion_matrix(labels, probabilities.argmax(axis=1), len(classes))
    scores = scores_of_counts(counts, classes)
    draws = _drawn_aucs(labels, probabilities)
    for k, code in enumerate(classes):
        right, cases, called = int(counts[k, k]), int(counts[k].sum()), int(counts[:, k].sum())
        others = len(labels) - cases
        scores["per_class"][code] = {
            "auc": _json(auc(labels == k, probabilities[:, k])),
            **scores["per_class"][code],
            "auc_interval": _percentiles(draws[k][np.isfinite(draws[k])]),
            "sensitivity_interval": proportion_interval(right, cases),
            "specificity_interval": proportion_interval(others - called + right, others),
            "precision_interval": proportion_interval(right, called),
        }
    return scores | {
        "accuracy_interval": proportion_interval(int(np.trace(counts)), len(labels)),
        "balanced_accuracy_interval": balanced_accuracy_interval(labels, probabilities),
        "macro_auc": _json(macro_auc(labels, probabilities)),
        "macro_auc_interval": _macro_interval(draws),
    }


def guessing(report: dict[str, Any]) -> float:
    """The balanced accuracy of blind guessing, and of giving always the same answer.

    Args:
        report: As `evaluate_probabilities` gives it. Classes of which there is no picture do not
            count, there as here.
    """
    return 1 / max(1, sum(row["n"] > 0 for row in report["per_class"].values()))


def scores_of_counts(counts: np.ndarray, classes: Sequence[str]) -> dict[str, Any]:
    """What can be told from a confusion matrix alone, in the words of `evaluate_probabilities`.

    Args:
        counts: `(classes, classes)`, a row a true class, a column an answer. Expected counts, such
            as those of a guess, need not be whole numbers.
    """
    num_images = counts.sum()
    per_class = {
        code: {
            "sensitivity": _ratio(counts[k, k], counts[k].sum()),
            "specificity": _ratio(
                num_images - counts[k].sum() - counts[:, k].sum() + counts[k, k],
                num_images - counts[k].sum(),
            ),
            "precision": _ratio(counts[k, k], counts[:, k].sum()),
            "n": round(float(counts[k].sum())),
        }
        for k, code in enumerate(classes)
    }
    found = [row["sensitivity"] for row in per_class.values() if row["sensitivity"] is not None]
    return {
        "n": round(float(num_images)),
        "accuracy": _ratio(np.trace(counts), num_images),
        "balanced_accuracy": float(np.mean(found)) if found else None,
        "per_class": per_class,
        "confusion": counts.tolist(),
        "classes": list(classes),
    }


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, num_classes: int) -> np.ndarray:
    """Counts, int `(classes, classes)`: a row a true class, a column a predicted one."""
    counts = np.zeros((num_classes, num_classes), np.int64)
    np.add.at(counts, (labels, predicted), 1)
    return counts


def auc(truth: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC curve: how often a case scores above a non-case, ties counting half.

    By the rank sum of Mann and Whitney (1947). NaN when cases or non-cases are missing.

    Args:
        truth: bool `(n,)`, true for a case.
        score: `(n,)`, higher for a likelier case.
    """
    num_cases = int(truth.sum())
    num_others = len(truth) - num_cases
    if not num_cases or not num_others:
        return math.nan
    rank_sum = rankdata(score)[truth].sum()
    return float((rank_sum - num_cases * (num_cases + 1) / 2) / (num_cases * num_others))


def macro_auc(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean AUC of every class against the rest, over the classes that occur; NaN if none does."""
    values = [auc(labels == k, probabilities[:, k]) for k in range(probabilities.shape[1])]
    known = [value for value in values if not math.isnan(value)]
    return float(np.mean(known)) if known else math.nan


def macro_auc_interval(
    labels: np.ndarray, probabilities: np.ndarray, seed: int = 0
) -> list[float] | None:
    """95 % interval of the macro AUC by bootstrap over images (percentile method), seeded.

    None with fewer than two classes.
    """
    return _macro_interval(_drawn_aucs(labels, probabilities, seed))


def _drawn_aucs(labels: np.ndarray, probabilities: np.ndarray, seed: int = 0) -> np.ndarray:
    """The AUC of each class in each draw, `(classes, NUM_RESAMPLES)`; NaN where there is none."""
    num_classes = probabilities.shape[1]
    found = np.full((num_classes, NUM_RESAMPLES), math.nan)
    occurring = np.unique(labels)
    if len(occurring) < 2:
        return found
    counts = drawn_counts(len(labels), seed)
    for k in occurring:
        found[k] = _aucs(labels == k, probabilities[:, k], counts)
    return found


def _macro_interval(draws: np.ndarray) -> list[float] | None:
    """Of the mean over the classes that have an AUC in a draw; None where no draw has any."""
    known = np.isfinite(draws)
    num_known = known.sum(axis=0)
    sums = np.where(known, draws, 0).sum(axis=0)
    return _percentiles(sums[num_known > 0] / num_known[num_known > 0])


def _aucs(truth: np.ndarray, score: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """`auc` of many draws at once: the scores are sorted once for all of them.

    Args:
        truth: bool `(n,)`; `score` `(n,)`.
        counts: How often each draw took each row, `(draws, n)`.

    Returns:
        float64 `(draws,)`; NaN where a draw has no case or no other.
    """
    order = np.argsort(score, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(score[order]) != 0))
    found = []
    # Block by block, so that a hundred thousand pictures stay below some 100 MB.
    for block in np.array_split(counts, max(1, counts.size // 4_000_000)):
        drawn = block[:, order]
        cases = np.add.reduceat(drawn * truth[order], starts, axis=1, dtype=np.float64)
        others = np.add.reduceat(drawn * ~truth[order], starts, axis=1, dtype=np.float64)
        below = np.cumsum(others, axis=1) - others
        pairs = cases.sum(axis=1) * others.sum(axis=1)
        won = (cases * (below + others / 2)).sum(axis=1)
        found.append(np.divide(won, pairs, out=np.full(len(block), math.nan), where=pairs > 0))
    return np.concatenate(found)


def balanced_accuracy(labels: np.ndarray, predicted: np.ndarray, num_classes: int) -> float:
    """Mean sensitivity of the classes that occur; NaN without pictures."""
    cases = np.bincount(labels, minlength=num_classes)
    found = np.bincount(labels[labels == predicted], minlength=num_classes)
    there = cases > 0
    return float((found[there] / cases[there]).mean()) if there.any() else math.nan


def balanced_accuracy_interval(
    labels: np.ndarray, probabilities: np.ndarray, seed: int = 0
) -> list[float] | None:
    """95 % interval of the balanced accuracy by bootstrap over images, seeded; None without any."""
    if not len(labels):
        return None
    counts = drawn_counts(len(labels), seed)
    right = probabilities.argmax(axis=1) == labels
    classes = np.unique(labels)
    cases = np.stack([counts[:, labels == k].sum(axis=1) for k in classes])
    found = np.stack([counts[:, (labels == k) & right].sum(axis=1) for k in classes])
    shares = np.divide(found, cases, out=np.zeros(cases.shape), where=cases > 0)
    return _percentiles(shares.sum(axis=0) / (cases > 0).sum(axis=0))


def drawn_counts(num: int, seed: int) -> np.ndarray:
    """How often each of the rows comes up when they are drawn anew with replacement.

    Returns:
        uint8 `(NUM_RESAMPLES, num)` (Efron 1979, the bootstrap); no row comes up 256 times.
    """
    draws = np.random.default_rng(seed).integers(0, num, (NUM_RESAMPLES, num))
    return np.stack([np.bincount(rows, minlength=num).astype(np.uint8) for rows in draws])


def _percentiles(values: np.ndarray) -> list[float] | None:
    """The middle 95 % of what draws gave; None without any."""
    return [float(value) for value in np.percentile(values, [2.5, 97.5])] if len(values) else None


def wilson_interval(num_right: int, num_all: int, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of a proportion after Wilson (1927), which stays inside 0 to 1.

    Args:
        num_right: Successes.
        num_all: Trials, at least one.
        confidence: 0 to 1.
    """
    z = float(norm.ppf((1 + confidence) / 2))
    share = num_right / num_all
    centre = share + z * z / (2 * num_all)
    spread = z * math.sqrt(share * (1 - share) / num_all + z * z / (4 * num_all * num_all))
    scale = 1 + z * z / num_all
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def proportion_interval(num_right: int, num_all: int) -> list[float] | None:
    """As `wilson_interval`, JSON-ready; None without trials."""
    return list(wilson_interval(num_right, num_all)) if num_all else None


def roc_points(
    labels: np.ndarray, probabilities: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ROC curve of class `k` against the rest.

    Args:
        labels: int `(n,)`.
        probabilities: `(n, classes)`.
        k: Position of the class.

    Returns:
        One minus specificity, sensitivity, and the threshold of each point ("at least this much
        is a case"), from (0, 0) at an infinite threshold to (1, 1). Empty arrays when cases or
        non-cases are missing.
    """
    return roc_curve(np.asarray(labels) == k, probabilities[:, k])


def roc_curve(truth: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As `roc_points`, for a bool truth `(n,)` and a score `(n,)`."""
    if truth.all() or not truth.any():
        return np.empty(0), np.empty(0), np.empty(0)
    order = np.argsort(-score, kind="stable")
    truth, score = truth[order], score[order]
    # Equal scores fall on one side of any threshold together: only the last of them is a point.
    last = np.flatnonzero(np.append(np.diff(score) != 0, True))
    found = np.cumsum(truth)[last]
    false_alarms = last + 1 - found
    return (
        np.insert(false_alarms / (~truth).sum(), 0, 0.0),
        np.insert(found / truth.sum(), 0, 0.0),
        np.insert(score[last].astype(float), 0, np.inf),
    )


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _json(value: float) -> float | None:
    return None if math.isnan(value) else value
