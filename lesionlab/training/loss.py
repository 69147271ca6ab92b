"""What a training makes small: the cross-entropy with whatever the experiment adds to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from lesionlab.experiment import Training

SMALLEST = 1e-12
Loss = Callable[[Any, Any], Any]


def make_loss(training: Training, class_weights: np.ndarray, counts: np.ndarray) -> Loss:
    """The loss of each picture of a batch.

    The targets `(n, classes)` say which share of a picture is of which class: one 1 a row, or two
    shares where pictures are mixed. With teachers, their answers at the temperature of the
    distillation stand behind them: `(n, 2 classes)`.

    With shares y, class weights w, smoothing e, tau t and the training part's class shares π, the
    loss is the sum over classes k of -[(1 - e) w_k y_k + e/K Σ w_j y_j] log p_k, where p is the
    softmax of logits + t log π (Menon et al. 2021, equation 10). A smoothed label counts as much
    as its class: else the frequent classes' smoothed labels would outweigh their own. Of
    teachers' answers q at temperature T, with share a, it is (1 - a) of that and a T² KL(q || r),
    r the softmax of logits / T (Hinton et al. 2015, section 2, whose cross-entropy this is less a
    constant: nought where the network answers as its teachers do).

    Args:
        training: Its smoothing, tau and distillation.
        class_weights: float32 `(classes,)`.
        counts: Training pictures of each class, `(classes,)`. None counts as one.

    Returns:
        A function of targets and logits `(n, classes)` that gives `(n,)`.
    """
    num_classes = len(counts)
    smoothing, distillation = training.label_smoothing, training.distillation
    weights = np.asarray(class_weights, np.float32)
    present = np.maximum(counts, 1)
    shift = (training.logit_adjustment * np.log(present / present.sum())).astype(np.float32)

    def of_labels(shares: Any, logits: Any) -> Any:
        weighted = ops.cast(shares, "float32") * weights
        if smoothing:
            spread = ops.sum(weighted, axis=1, keepdims=True) / num_classes
            weighted = (1 - smoothing) * weighted + smoothing * spread
        if training.logit_adjustment:
            logits = logits + shift
        return -ops.sum(weighted * ops.log_softmax(logits), axis=1)

    if not distillation.teachers:
        return of_labels
    share, temperature = distillation.weight, distillation.temperature

    def loss(targets: Any, logits: Any) -> Any:
        answers = ops.cast(targets[:, num_classes:], "float32")
        apart = ops.log(ops.maximum(answers, SMALLEST)) - ops.log_softmax(logits / temperature)
        of_teachers = temperature**2 * ops.sum(answers * apart, axis=1)
        labelled = of_labels(targets[:, :num_classes], logits)
        return (1 - share) * labelled + share * of_teachers

    return loss


def accuracy_metric() -> keras.metrics.Metric:
    """The share of pictures whose class, the larger one of two mixed, has the highest logit."""

    def right(targets: Any, logits: Any) -> Any:
        shares = targets[:, : logits.shape[-1]]
        found = ops.equal(ops.argmax(shares, axis=1), ops.argmax(logits, axis=1))
        return ops.cast(found, "float32")

    return keras.metrics.MeanMetricWrapper(right, name="accuracy")


def what_is_in_it(training: Training) -> str:
    """Why the training loss is no plain cross-entropy, for people; empty where it is one."""
    added = [
        words
        for words, on in (
            ("class weights", training.class_weights != "none"),
            ("logit adjustment", training.logit_adjustment),
            ("smoothed labels", training.label_smoothing),
            ("mixed pictures", training.mixup or training.cutmix),
            ("teachers' answers", training.distillation.teachers),
        )
        if on
    ]
    if not added or added == ["class weights"]:
        return ""
    return (
        f"The training loss holds {', '.join(added)}; the validation loss is the plain one. Look "
        "at the course of each, and do not compare the two."
    )
