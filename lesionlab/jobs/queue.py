"""The queue has no daemon: whoever passes by calls `tick()`.

The web process ticks every two seconds, every `lesionlab` command once, a worker as its last act.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable

from lesionlab import settings
from lesionlab.errors import DiskError, JobError
from lesionlab.jobs import lock
from lesionlab.jobs.devices import device_of, num_slots
from lesionlab.jobs.line import in_order
from lesionlab.jobs.record import Job, list_jobs, queue_lock
from lesionlab.jobs.runners import local
from lesionlab.jobs.state import CANCELLED, State, after_death, now, write_state, written_state

Starter = Callable[[Job, str | None, int], None]

RUNNERS: dict[str, Starter] = {"local": local.start}

log = logging.getLogger(__name__)


def tick(start: Starter | None = None) -> list[str]:
    """Mark jobs that died, and start waiting ones while slots are free.

    Args:
        start: What starts a worker; by default the runner of the settings.

    Returns:
        The ids of the jobs that were started.

    Raises:
        DiskError: The folder of jobs cannot be written to.
    """
    local.reap()
    current = settings.current()
    if not current.jobs.is_dir():
        return []
    with queue_lock() as held:
        if not held:
            log.warning("Somebody else holds the queue for long; the next tick will do.")
            return []
        sweep(current)
        states = [(job, state) for job in list_jobs() if (state := _settled(job)) is not None]
        return _start_waiting(states, num_slots(current), start or RUNNERS[current.runner])


def sweep(current: settings.Settings) -> None:
    """Remove what a job that was deleted left behind."""
    for path in current.jobs.glob(".deleted-*"):
        # Whoever deletes it may be at it right now; what stays is taken by the next tick.
        shutil.rmtree(path, ignore_errors=True)


def _settled(job: Job) -> State | None:
    """`settle`, or None for a job whose files cannot be opened: the others must not wait for it."""
    try:
        return settle(job)
    except OSError as error:
        log.warning("%s cannot be looked at, and is left out: %s", job.id, error)
        return None


def settle(job: Job) -> State:
    """Write down what became of a job whose worker died, or that was cancelled while it waited."""
    state = written_state(job)
    if state.ended or lock.is_held(job.folder):
        return state
    with lock.holding(job.folder) as held:
        state = written_state(job)
        if not held or state.ended:
            return state
        if state.status == "running":
            state = after_death(job, state)
        elif job.cancel_asked:
            state = state.changed(status="cancelled", message=CANCELLED, finished=now())
        else:
            return state
        try:
            write_state(job, state)
        except DiskError as error:
            # Readers find the same by the lock; the next tick tries again. No warning: a command
            # that fails on a full disk has one line of its own to say.
            log.info("%s: %s", job.id, error)
        return state


def _start_waiting(states: list[tuple[Job, State]], slots: int, start: Starter) -> list[str]:
    busy = [state for _, state in states if state.status == "running"]
    taken = {state.slot for state in busy}
    free = [slot for slot in range(slots) if slot not in taken][: max(0, slots - len(busy))]
    started = []
    for job in in_order(states):
        if not free:
            break
        if _start_one(job, free[0], start):
            free.pop(0)
            started.append(job.id)
    return started


def _start_one(job: Job, slot: int, start: Starter) -> bool:
    try:
        handle = lock.acquire(job.folder)
    except OSError as error:
        log.warning("%s waits on: %s", job.id, error)
        return False
    if handle is None:
        return False
    try:
        state = written_state(job)
        if state.status != "queued":
            return False
        running = state.changed(
            status="running", message="Starting", started=now(), finished=None, slot=slot
        )
        # Written before the start: a worker that dies at once is then found as interrupted, and
        # not started again every two seconds.
        write_state(job, running)
        try:
            start(job, device_of(slot), handle)
        except DiskError:
            write_state(job, state)
            raise
        except OSError as error:
            words = JobError(
                "The work could not be started.", f"The system says: {error}.", "Resume it later."
            )
            failed = running.changed(status="failed", message=str(words), error=words.to_dict())
            write_state(job, failed.changed(slot=None, finished=now()))
            return False
    except (DiskError, OSError) as error:
        log.warning("%s waits on: %s", job.id, error)
        return False
    finally:
        # The worker has the same open file, so the lock stays held.
        lock.release(handle)
    return True
