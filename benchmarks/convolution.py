"""How long the six kernels of the paper take on one picture, against a double loop in Python."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.result import Result
from lesionlab.images.convolve import KERNELS, PAPER_KERNELS, convolve

SIZE = (224, 224, 3)
TIME_BAR, RATIO_BAR = 15.0, 100.0
REPEATS, LOOP_REPEATS = 30, 3


def measure() -> list[Result]:
    """Six kernels on 224×224×3 in milliseconds, and how many times as fast as the loop that is."""
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, SIZE).astype(np.uint8)
    grey = picture[..., 1]
    weights = [KERNELS[name].weights for name in PAPER_KERNELS]

    def quick(image: np.ndarray) -> list[np.ndarray]:
        return [convolve(image, kernel, padding="replicate") for kernel in weights]

    def slow() -> list[np.ndarray]:
        return [double_loop(grey, kernel) for kernel in weights]

    for ours, theirs in zip(quick(grey), slow(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-3)
    colour = _milliseconds(lambda: quick(picture), REPEATS)
    ratio = _milliseconds(slow, LOOP_REPEATS) / _milliseconds(lambda: quick(grey), REPEATS)
    size = "×".join(map(str, SIZE))
    return [
        Result(
            "six kernels on a picture", colour, "ms", TIME_BAR, note=f"{size}, one thread, median"
        ),
        Result(
            "as fast as a double loop",
            ratio,
            "times",
            RATIO_BAR,
            "at least",
            f"the six on one layer of {SIZE[0]}×{SIZE[1]}, equal to 0.001",
        ),
    ]


def double_loop(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The paper's way: at each pixel cut out what lies under the kernel, multiply and add up.

    Args:
        image: One layer `(h, w)`; its last pixels are repeated beyond the border.
        kernel: `(k, k)` with an odd k.
    """
    height, width = image.shape
    size = len(kernel)
    framed = np.pad(image, size // 2, mode="edge").astype(np.float32)
    answer = np.zeros((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            under = framed[y : y + size, x : x + size]
            answer[y, x] = (under * kernel).sum()
    return answer


def _milliseconds(work: Callable[[], object], repeats: int) -> float:
    """The median of the processor time of this one thread, which does all the work."""
    work()
    times = []
    for _ in range(repeats):
        begin = time.thread_time()
        work()
        times.append(time.thread_time() - begin)
    return 1000 * statistics.median(times)
