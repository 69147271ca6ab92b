"""Several pictures through a network that is compiled for one picture at a time.

Another number of pictures would be compiled anew, which takes as long as some dozens of pictures.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np

from lesionlab.explain.probes import probe
from lesionlab.explain.the_end import last_maps

# One picture keeps one core busy. Keras's answers are right from several threads on TensorFlow;
# on JAX its models hand their state from call to call.
AT_ONCE = 2 if keras.backend.backend() == "tensorflow" else 1


def answers_one_by_one(
    model: keras.Model, count: int, make: Callable[[int], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Make pictures and ask the network about each of them.

    Args:
        count: How many pictures.
        make: Gives picture k, uint8 `(h, w, 3)`; called from several threads at once.

    Returns:
        The pictures, uint8 `(count, h, w, 3)`, and probabilities, float32 `(count, classes)`.
    """
    ready = probe(model, ("probabilities", last_maps(model)))

    def ask(k: int) -> tuple[np.ndarray, np.ndarray]:
        picture = make(k)
        return picture, np.asarray(ready.predict_on_batch(picture[None])[0][0], np.float32)

    # Compiled before there are several threads, if it is not yet.
    first = ask(0)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        pictures, answers = zip(first, *pool.map(ask, range(1, count)), strict=True)
    return np.stack(pictures), np.stack(answers)
