"""What is done to each picture before the network sees it: before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lesionlab.app.desk import Desk

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset


def show(desk: Desk, found: Dataset) -> None:
    """The section of the page."""
