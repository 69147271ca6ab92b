"""What the section of the split asks again and again, kept between reruns; keyed as app.caches."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

    from lesionlab.data.dataset import Dataset
    from lesionlab.data.leaks import LeakReport
    from lesionlab.data.split import Split, SplitPlan


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
