"""From the classes that a model knows to those that the data is labelled with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from lesionlab.diagnoses import CLASS_SETS, in_class_set
from lesionlab.errors import DataError


def regroup(
    probabilities: np.ndarray, classes: Sequence[str], class_set: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Add up probabilities into coarser classes: ak + scc = akiec, or benign and malignant.

    A class without a place in the set (`unk` among the eight) is taken out, and the rest is
    scaled to sum to 1 again: the probabilities given that it is none of those taken out.

    Args:
        probabilities: `(n, classes)`, rows summing to 1.
        classes: Codes of the columns.
        class_set: The name of the classes wanted.

    Returns:
        Probabilities `(n, classes of the set)` and their codes.

    Raises:
        DataError: The model has no class for one of the set.
    """
    wanted = CLASS_SETS[class_set]
    if tuple(classes) == wanted:
        return probabilities, wanted
    places = [in_class_set(code, class_set) for code in classes]
    missing = [code for code in wanted if code not in places]
    if missing:
        raise DataError(
            f"Expected a model that can answer {', '.join(wanted)}.",
            f"It knows {', '.join(classes)}, and none of these means {', '.join(missing)}.",
            "Evaluate it on data with its own classes, or on benign and malignant.",
        )
    columns = [
        probabilities[:, [k for k, place in enumerate(places) if place == code]].sum(axis=1)
        for code in wanted
    ]
    grouped = np.stack(columns, axis=1)
    total = grouped.sum(axis=1, keepdims=True)
    even = np.full_like(grouped, 1 / len(wanted))
    return np.divide(grouped, total, out=even, where=total > 0), wanted


def class_set_for(diagnoses: Iterable[str], classes: Sequence[str]) -> str:
    """The finest class set that a model can answer and that keeps the most rows of the data.

    Args:
        diagnoses: The data's codes, a row an entry.
        classes: The model's codes.

    Raises:
        DataError: The data has no class that the model can answer.
    """
    codes = list(diagnoses)
    best, most = "", 0
    for name in sorted(
        CLASS_SETS, key=lambda name: (CLASS_SETS[name] != tuple(classes), -len(CLASS_SETS[name]))
    ):
        answered = {in_class_set(code, name) for code in classes}
        if not set(CLASS_SETS[name]) <= answered:
            continue
        kept = sum(in_class_set(code, name) is not None for code in codes)
        if kept > most:
            best, most = name, kept
    if not best:
        raise DataError(
            f"Expected pictures of classes that the model knows: {', '.join(classes)}.",
            f"The data holds {', '.join(sorted(set(codes))) or 'no pictures'}.",
            "Choose another data set or another model.",
        )
    return best
