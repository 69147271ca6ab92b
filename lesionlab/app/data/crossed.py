"""Counts by what is known of each picture, any two of them crossed, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lesionlab.app.desk import Desk

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset


def show(desk: Desk, found: Dataset) -> None:
    """The section of the page."""
