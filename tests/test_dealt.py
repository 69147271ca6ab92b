"""What a split by picture gives away, worked out beside the page for a large set."""

from __future__ import annotations

import threading
from concurrent import futures
from pathlib import Path

import pandas as pd
import pytest

from lesionlab.app import caches
from lesionlab.app.data import dealt
from lesionlab.data import leaks
from lesionlab.data.dataset import Dataset
from lesionlab.data.split import SplitPlan
from lesionlab.errors import DataError

PLAN = SplitPlan(group_by="image")


def made(pictures: int) -> Dataset:
    """Pictures of one class, all of one lesion."""
    nothing = [None] * pictures
    table = pd.DataFrame(
        {
            "image_id": [f"p{k}" for k in range(pictures)],
            "diagnosis": ["nv"] * pictures,
            "lesion_id": ["L1"] * pictures,
            "patient_id": nothing,
        }
    )
    return Dataset("made", Path(), table)


def test_of_few_pictures_at_once() -> None:
    report = dealt.leaks_soon(made(20), PLAN)
    assert report is not None
    assert (report.num_both, report.share) == (1, 1.0)


def test_of_many_beside_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    work_out = leaks.leak_report

    def slow(found: Dataset, plan: SplitPlan) -> leaks.LeakReport:
        assert go_on.wait(30)
        return work_out(found, plan)

    monkeypatch.setattr(leaks, "leak_report", slow)
    monkeypatch.setattr(caches, "LARGE", 10)
    found = made(20)
    assert dealt.leaks_soon(found, PLAN) is None
    assert not dealt.leaks_ready(found, PLAN)
    go_on.set()
    futures.wait([dealt._leaks_begun(found, PLAN)], 30)
    assert dealt.leaks_ready(found, PLAN)
    report = dealt.leaks_soon(found, PLAN)
    assert report is not None
    assert report.num_both == 1


def test_too_few_of_a_class_is_said_beside_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caches, "LARGE", 1)
    monkeypatch.setattr(dealt, "PATIENCE", 30)
    with pytest.raises(DataError, match="at least 3 images"):
        dealt.leaks_soon(made(2), PLAN)
