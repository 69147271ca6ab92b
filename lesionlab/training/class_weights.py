"""How much a picture of each class counts in the loss, so that rare classes are not passed over."""

from __future__ import annotations

from typing import Literal

import numpy as np


def class_weights(
    labels: np.ndarray, num_classes: int, kind: Literal["none", "balanced", "max", "sqrt"]
) -> np.ndarray:
    """A weight for each class.

    Args:
        labels: int `(n,)`, of the training part.
        num_classes: How many classes there are, those without a picture included.
        kind: `none`: all 1. `max`: the largest class's count over this one's. `balanced`: n over
            (classes times this one's count). `sqrt`: the square root of `balanced`, which lifts
            rare classes half as far.

    Returns:
        float32 `(classes,)`; 1 for a class without a picture, since it is never used.
    """
    weights = np.ones(num_classes, np.float32)
    if kind == "none":
        return weights
    counts = np.bincount(labels, minlength=num_classes)
    present = counts > 0
    top = counts.max() if kind == "max" else counts.sum() / num_classes
    weights[present] = top / counts[present]
    return np.sqrt(weights) if kind == "sqrt" else weights
