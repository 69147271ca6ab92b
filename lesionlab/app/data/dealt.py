"""What the section of the split asks again and again, kept between reruns; keyed as app.caches."""

from __future__ import annotations

import threading
from concurrent import futures
from functools import lru_cache
from typing import TYPE_CHECKING

from lesionlab.app import caches

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

    from lesionlab.data.dataset import Dataset
    from lesionlab.data.leaks import LeakReport
    from lesionlab.data.split import Split, SplitPlan


# Of so many pictures as caches.LARGE a report takes part of a second: a rerun waits so long for it.
PATIENCE = 0.05
_beginning = threading.Lock()


@lru_cache(maxsize=32)
def parts_of(found: Dataset, split: Split) -> pd.DataFrame:
    """How many pictures of each class are in each part (see data.split.part_counts)."""
    from lesionlab.data.split import part_counts

    return part_counts(found, split)


@lru_cache(maxsize=32)
def leaks_of(found: Dataset, plan: SplitPlan) -> LeakReport:
    """What a split by picture would give away."""
    from lesionlab.data.leaks import leak_report

    return leak_report(found, plan)


def leaks_soon(found: Dataset, plan: SplitPlan) -> LeakReport | None:
    """As `leaks_of`; None while it is worked out beside the page, of a large set.

    Raises:
        DataError: A class has too few pictures to be dealt out.
    """
    if len(found) < caches.LARGE:
        return leaks_of(found, plan)
    report = _leaks_begun(found, plan)
    futures.wait([report], PATIENCE)
    return report.result() if report.done() else None


def leaks_ready(found: Dataset, plan: SplitPlan) -> bool:
    """Whether `leaks_soon` would answer without waiting."""
    return len(found) < caches.LARGE or _leaks_begun(found, plan).done()


def _leaks_begun(found: Dataset, plan: SplitPlan) -> futures.Future[LeakReport]:
    with _beginning:  # not twice at a time
        return _leaks_begun_once(found, plan)


@lru_cache(maxsize=32)
def _leaks_begun_once(found: Dataset, plan: SplitPlan) -> futures.Future[LeakReport]:
    return _pool().submit(leaks_of, found, plan)


@lru_cache(maxsize=1)
def _pool() -> futures.ThreadPoolExecutor:
    return futures.ThreadPoolExecutor(1, "leaks")


@lru_cache(maxsize=32)
def sisters_of(found: Dataset, split: Split, part: str) -> tuple[int, int]:
    """Pictures of a part that have a sister in training, and pictures of the part."""
    from lesionlab.data.leaks import count_sisters

    return count_sisters(found, split, part)


@lru_cache(maxsize=16)
def parts_figure(found: Dataset, split: Split) -> Figure:
    """The chart of the parts of each class."""
    from lesionlab.app import charts

    return charts.parts_by_class(parts_of(found, split))


@lru_cache(maxsize=16)
def lesions_in_two_parts(found: Dataset, split: Split) -> int:
    """How many lesions have pictures in two parts; none where lesions or patients kept together."""
    from lesionlab.data.split import leaks

    if split.grouped_by != "image" or not bool(found.table["lesion_id"].notna().any()):
        return 0
    return leaks(found, split, "lesion")


@lru_cache(maxsize=16)
def given_parts(found: Dataset) -> tuple[str, ...]:
    """The parts in which the set was published, none where it was not."""
    from lesionlab.data.given_parts import GIVEN

    if GIVEN not in found.table:
        return ()
    return tuple(sorted(str(part) for part in found.table[GIVEN].dropna().unique()))
