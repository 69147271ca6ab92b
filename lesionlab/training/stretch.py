"""A part of a longer piece of work, with its own 0 to 1."""

from __future__ import annotations

from typing import Any

from lesionlab.task import Task


class Stretch:
    """A task whose progress fills a part of another task's bar."""

    def __init__(self, task: Task, start: float, end: float) -> None:
        self.folder = task.folder
        self.spec = task.spec
        self._task = task
        self._start = start
        self._end = end

    def progress(self, fraction: float, message: str) -> None:
        """Say how far this part is."""
        self._task.progress(self._start + fraction * (self._end - self._start), message)

    def cancelled(self) -> bool:
        """As the whole."""
        return self._task.cancelled()

    def should_yield(self) -> bool:
        """As the whole."""
        return self._task.should_yield()

    def metrics(self, line: dict[str, Any]) -> None:
        """As the whole."""
        self._task.metrics(line)
