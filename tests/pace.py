"""Bars in seconds of processor, which mean the same on a slow machine.

Processor time alone is not enough: the same work takes twice as long on a slow processor, or beside
another process that wants the same memory.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from scipy import ndimage

# What the blur takes where the bars hold as they are written, rounded up from 8 ms on a quiet
# machine. Two slow cores with a test on each have needed 20 to 40 ms.
BLUR_SECONDS = 0.012
# No bar is looser than this, however slow the machine.
MOST_SLOWNESS = 3.0


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Fail when the body takes longer than so many seconds of processor, of all threads."""
    start = time.process_time()
    yield
    taken = at_usual_pace(time.process_time() - start, seconds)
    assert taken < seconds, f"expected at most {seconds} s, took {taken:.2f} s"


def at_usual_pace(taken: float, bar: float) -> float:
    """Seconds as they would be where the bars were set; looked at only where they exceed a bar."""
    if taken < bar:
        return taken
    slowness = statistics.median(blur_seconds() for _ in range(5)) / BLUR_SECONDS
    return taken / min(MOST_SLOWNESS, max(1.0, slowness))


def blur_seconds() -> float:
    """Seconds of processor that a plain blur of 450×600 pixels takes: how fast the machine is."""
    pixels = np.full((450, 600, 3), 0.5, np.float32)
    start = time.process_time()
    ndimage.gaussian_filter(pixels, (2, 2, 0))
    return time.process_time() - start
