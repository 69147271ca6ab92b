"""A job as its work sees it: the real `Task`."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import Any

from lesionlab import settings
from lesionlab.errors import LesionlabError
from lesionlab.jobs.line import others_come_first
from lesionlab.jobs.metrics import append_line
from lesionlab.jobs.record import Job
from lesionlab.jobs.state import State, write_state

WRITE_SECONDS = 0.25

log = logging.getLogger(__name__)


class JobTask:
    """Shows progress, tells whether to stop, and writes the curve, for the work of one job.

    Progress is written by a thread, at most four times a second: the steps of a training do not
    wait for the disk.
    """

    def __init__(self, job: Job, state: State) -> None:
        self.folder: Path = job.folder
        self.spec: dict[str, Any] = job.spec
        self.desk: str = job.desk
        self.state = state
        self._job = job
        self._turn_ends = time.monotonic() + 60 * settings.current().turn_minutes
        self._news = threading.Event()
        self._closed = False
        self._writer = threading.Thread(target=self._write, daemon=True, name="progress")
        self._writer.start()

    def progress(self, fraction: float, message: str) -> None:
        """Say how far the work is (0 to 1) and what it does now, for people.

        The bar never moves back: a training that is taken up again prepares itself anew, but has
        come as far as it had.
        """
        further = min(1.0, max(self.state.progress, fraction))
        self.state = self.state.changed(progress=further, message=message)
        self._news.set()

    def cancelled(self) -> bool:
        """Whether the user asked to stop."""
        return self._job.cancel_asked

    def should_yield(self) -> bool:
        """Whether this job's turn is over while others wait."""
        return time.monotonic() >= self._turn_ends and others_come_first(self._job)

    def metrics(self, line: dict[str, Any]) -> None:
        """Append one line to metrics.jsonl."""
        append_line(self.folder, line)

    def close(self) -> None:
        """Stop writing progress: what follows is written by the worker itself."""
        self._closed = True
        self._news.set()
        self._writer.join()

    def _write(self) -> None:
        while not self._closed:
            self._news.wait()
            self._news.clear()
            if self._closed:
                return
            try:
                write_state(self._job, self.state)
            except LesionlabError as error:
                # A full disk stops the training where it loses something: at its checkpoint.
                log.warning("Progress was not written: %s", error)
            time.sleep(WRITE_SECONDS)
