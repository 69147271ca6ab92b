"""Which pictures a step sees: drawn from the seed alone, so that any step can be made again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

Made = TypeVar("Made")
AHEAD = 2


def num_steps(num_images: int, batch_size: int) -> int:
    """Steps of an epoch; the last batch is filled up, so that it counts whole."""
    return -(-num_images // batch_size)


def epoch_order(seed: int, epoch: int, num_images: int, batch_size: int) -> np.ndarray:
    """The order of an epoch, as positions among the training pictures.

    The last batch is filled up from the beginning of the same order: batches of one shape are
    compiled once, and no step hangs on two or three left-over pictures (BatchNorm would take
    their mean for the world's).

    Args:
        seed: Of the experiment.
        epoch: Counted from 0 over all phases.
        num_images: Training pictures.
        batch_size: At most `num_images` of it is used.

    Returns:
        int `(steps, batch size)`.
    """
    size = min(batch_size, num_images)
    order = np.random.default_rng([seed, epoch]).permutation(num_images)
    steps = num_steps(num_images, size)
    return np.resize(order, steps * size).reshape(steps, size)


def ahead(make: Callable[[int], Made], first: int, end: int) -> Generator[Made]:
    """`make(first)` to `make(end - 1)`, each begun in one thread while an earlier one is in use.

    Close the generator to stop the thread. An error in `make` comes out where its result would.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="batches") as pool:
        waiting: deque[Future[Made]] = deque()
        begun = first
        try:
            for _ in range(first, end):
                while begun < min(end, first + AHEAD):
                    waiting.append(pool.submit(make, begun))
                    begun += 1
                first += 1
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
