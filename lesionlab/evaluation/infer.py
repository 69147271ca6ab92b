"""Probabilities from pixels: the one file of evaluation that needs Keras."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np

from lesionlab.errors import Cancelled
from lesionlab.evaluation.copies import TestTime, copies


def predict_probabilities(
    model: keras.Model,
    pixels: np.ndarray,
    batch_size: int = 64,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    test_time: TestTime = "none",
) -> np.ndarray:
    """Run the compiled network over pictures, batch by batch.

    `predict_on_batch` has no set-up of its own, which costs `predict` a tenth of a second a call.
    A last batch that is not full is filled up and cut again: another shape would be traced and
    compiled anew.

    Args:
        model: From `build_model` or `load_bundle`.
        pixels: uint8 `(n, h, w, 3)`; may be a memory-mapped file.
        batch_size: Pictures at a time.
        progress: Told the fraction that is done, after each batch.
        cancelled: Asked before each batch.
        test_time: Which changed copies are judged too; the answers are the mean over all copies.

    Returns:
        float32 `(n, classes)`, rows sum to 1; the temperature is not applied.

    Raises:
        Cancelled: The user asked to stop.
    """
    num = len(pixels)
    parts = []
    for start in range(0, num, batch_size):
        if cancelled is not None and cancelled():
            raise Cancelled
        batch = np.asarray(pixels[start : start + batch_size])
        length = len(batch)
        if length < batch_size < num:
            batch = np.concatenate([batch, np.repeat(batch[-1:], batch_size - length, axis=0)])
        answers = [
            model.predict_on_batch(np.ascontiguousarray(images))
            for images in copies(batch, test_time)
        ]
        parts.append(np.stack(answers).mean(axis=0, dtype=np.float32)[:length])
        if progress is not None:
            progress(min(1.0, (start + length) / num))
    return np.concatenate(parts) if parts else np.zeros((0, model.output_shape[-1]), np.float32)
