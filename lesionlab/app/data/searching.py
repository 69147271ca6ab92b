"""The search for pictures that look alike, made beside the pages; what it found is kept."""

from __future__ import annotations

import threading
from concurrent import futures
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lesionlab.data.lookalikes import Lookalikes
    from lesionlab.data.measures import Measured

# So few are compared in a tenth of a second.
AT_ONCE = 2_000
# A search of a large set takes seconds: a rerun waits for it so long at most.
PATIENCE = 0.3

_beginning = threading.Lock()


def lookalikes(measures: Measured) -> Lookalikes | None:
    """The pairs of a data set; None while they are still searched.

    What was found is kept by the measures themselves, as in app.caches.
    """
    from lesionlab.data.lookalikes import MOST_SEARCHED

    if not AT_ONCE < int(measures.known.sum()) <= MOST_SEARCHED:
        return _at_once(measures)
    with _beginning:  # not twice at a time
        search = _begun(measures)
    futures.wait([search], PATIENCE)
    return search.result() if search.done() else None


def ready(measures: Measured) -> bool:
    """Whether `lookalikes` would answer without waiting."""
    with _beginning:
        return _begun(measures).done()


@lru_cache(maxsize=8)
def _at_once(measures: Measured) -> Lookalikes:
    from lesionlab.data.lookalikes import find_lookalikes

    return find_lookalikes(measures.hashes, measures.known)


@lru_cache(maxsize=32)
def _begun(measures: Measured) -> futures.Future[Lookalikes]:
    return _pool().submit(_at_once, measures)


@lru_cache(maxsize=1)
def _pool() -> futures.ThreadPoolExecutor:
    # One at a time: a search of the largest sets takes ten seconds and 200 MB.
    return futures.ThreadPoolExecutor(1, "lookalikes")
