"""One function over many items on all cores, in order, a batch at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
BATCH = 64


def map_in_order(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    before_batch: Callable[[int], None],
) -> Iterator[Result]:
    """What `function` gives for each item, in the items' order.

    Threads do, since Pillow lets go of the interpreter while it decodes.

    Args:
        before_batch: Called with the number of items done; may raise to stop.
    """
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for start in range(0, len(items), BATCH):
            before_batch(start)
            yield from pool.map(function, items[start : start + BATCH])
