"""Cancelling works even when the work is stuck in a step and asks nobody whether to stop."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable

from lesionlab.jobs.record import Job

LOOK_SECONDS = 0.5
GRACE_SECONDS = 4.0

log = logging.getLogger(__name__)


def kill_own_group() -> None:
    """End this process and everything that it started, at once."""
    os.killpg(os.getpgid(0), signal.SIGKILL)


class Watchdog:
    """A thread that looks twice a second whether the job is to be cancelled.

    The work looks too, between its steps. When it has not stopped `GRACE_SECONDS` after the
    watchdog saw the wish, the whole process group is killed; the next `tick()` finds the lock
    free and the file `cancel`, and writes "cancelled".
    """

    def __init__(self, job: Job, kill: Callable[[], None] = kill_own_group) -> None:
        self._job = job
        self._kill = kill
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="watchdog")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """The work has ended: nothing is to be killed any more."""
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(LOOK_SECONDS):
            if self._job.cancel_asked:
                break
        if self._done.wait(GRACE_SECONDS):
            return
        log.warning("Cancelled in the middle of a step.")
        self._kill()
