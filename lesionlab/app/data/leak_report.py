"""What a split by picture would give away, shown with the pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lesionlab.app.desk import Desk
from lesionlab.data.split import SplitPlan

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset


def show(desk: Desk, labelled: Dataset, plan: SplitPlan) -> None:
    """How many lesions would be on both sides, with some of their pictures side by side."""
