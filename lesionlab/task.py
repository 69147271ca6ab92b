"""What a long piece of work may ask of whoever runs it: show progress, and stop when told."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from lesionlab.errors import Cancelled


class Task(Protocol):
    """A job as its work sees it. The worker gives a real one, tests and scripts a `QuietTask`.

    Attributes:
        desk: Who asked for it, "" for a script. What this desk may not see, its work may not open.
    """

    folder: Path
    spec: dict[str, Any]
    desk: str

    def progress(self, fraction: float, message: str) -> None:
        """Say how far the work is (0 to 1) and what it does now, for people."""

    def cancelled(self) -> bool:
        """Whether the user asked to stop. Cheap: may be called after every step."""
        ...

    def should_yield(self) -> bool:
        """Whether others wait and this job's turn is over; asked after a checkpoint."""
        ...

    def metrics(self, line: dict[str, Any]) -> None:
        """Append one line to metrics.jsonl."""


class QuietTask:
    """A task that runs alone: remembers what it was told and is never asked to stop."""

    def __init__(self, folder: Path, spec: dict[str, Any] | None = None, desk: str = "") -> None:
        self.folder = folder
        self.spec = spec or {}
        self.desk = desk
        self.lines: list[dict[str, Any]] = []
        self.fraction = 0.0
        self.message = ""

    def progress(self, fraction: float, message: str) -> None:
        self.fraction, self.message = fraction, message

    def cancelled(self) -> bool:
        return False

    def should_yield(self) -> bool:
        return False

    def metrics(self, line: dict[str, Any]) -> None:
        self.lines.append(line)


class PartOfTask:
    """A task whose progress fills only the stretch from `start` to `end` of a larger one's."""

    def __init__(self, whole: Task, start: float, end: float) -> None:
        self.folder, self.spec, self.desk = whole.folder, whole.spec, whole.desk
        self._whole, self._start, self._end = whole, start, end

    def progress(self, fraction: float, message: str) -> None:
        self._whole.progress(self._start + fraction * (self._end - self._start), message)

    def cancelled(self) -> bool:
        return self._whole.cancelled()

    def should_yield(self) -> bool:
        return self._whole.should_yield()

    def metrics(self, line: dict[str, Any]) -> None:
        self._whole.metrics(line)


def stop_if_cancelled(task: Task) -> None:
    """Raise Cancelled when the user asked to stop."""
    if task.cancelled():
        raise Cancelled
