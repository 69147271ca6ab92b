"""The line of waiting jobs: fair between desks, first come first served within one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from lesionlab.jobs.record import Job, list_jobs
from lesionlab.jobs.state import State, believed_state

NEVER = datetime.min.replace(tzinfo=UTC)


def in_order(states: Iterable[tuple[Job, State]]) -> list[Job]:
    """The waiting jobs in the order in which they will get a slot.

    Each desk gets one job before any desk gets two, counting what it has running. Between desks
    that are level, the one that was served longest ago comes first: a desk with a hundred
    waiting jobs holds up nobody for more than one of them.

    Args:
        states: Every job with its state, the ended ones too (they say when a desk was served).
    """
    states = list(states)
    running = Counter(job.desk for job, state in states if state.status == "running")
    served: dict[str, datetime] = {}
    for job, state in states:
        served[job.desk] = max(served.get(job.desk, NEVER), state.started or NEVER)
    waiting = [(job, state) for job, state in states if state.status == "queued"]
    waiting.sort(key=lambda pair: (pair[1].queued or pair[0].created, pair[0].id))
    keys = {}
    for job, state in waiting:
        round_number = running[job.desk]
        running[job.desk] += 1
        keys[job.id] = (round_number, served[job.desk], state.queued or job.created, job.id)
    return sorted((job for job, _ in waiting), key=lambda job: keys[job.id])


def waiting_jobs() -> list[Job]:
    """The line as it stands now."""
    pairs = ((job, believed_state(job)) for job in list_jobs())
    return in_order((job, state) for job, state in pairs if not _leaves(job, state))


def others_come_first(job: Job) -> bool:
    """Whether another job would get the slot if this running one joined the line now.

    Somebody waiting is not enough: with two slots, a waiting desk may hold the other one already,
    and giving way would only start this job again.
    """
    pairs = [(other, believed_state(other)) for other in list_jobs()]
    queued = State(status="queued", queued=datetime.now(UTC))
    line = in_order(
        (other, queued.changed(started=state.started) if other.id == job.id else state)
        for other, state in pairs
        if not _leaves(other, state)
    )
    return bool(line) and line[0].id != job.id


def _leaves(job: Job, state: State) -> bool:
    """Whether a job is about to leave the line because somebody cancelled it."""
    return state.status == "queued" and job.cancel_asked


def place_of(job: Job) -> int | None:
    """The place of a waiting job, from 1; None for one that does not wait."""
    ids = [waiting.id for waiting in waiting_jobs()]
    return ids.index(job.id) + 1 if job.id in ids else None
