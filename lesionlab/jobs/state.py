"""How a job stands: `state.json`, and what the lock says about it.

Only the holder of the job's lock writes the file. A reader believes the lock more than the file:
a job that says "running" while nobody holds its lock has ended without a word.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, cast, get_args

from lesionlab.files import read_json, write_json
from lesionlab.jobs import lock
from lesionlab.jobs.record import Job

Status = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]
STATUSES: tuple[Status, ...] = get_args(Status)
ENDED: frozenset[Status] = frozenset({"done", "failed", "cancelled", "interrupted"})

INTERRUPTED = (
    "It stopped without a word: the machine was restarted, or its memory or disk ran full."
)
CANCELLED = "Cancelled."


@dataclass(frozen=True)
class State:
    """How a job stands.

    Attributes:
        status: queued, running, done, failed, cancelled or interrupted.
        progress: 0 to 1.
        message: What it does now, for people.
        error: The words of a LesionlabError (`errors.from_dict` makes it one again), when failed.
        place: Its place in the line from 1, while it is queued.
        queued: When it last joined the line.
        started: When it last got a slot.
        finished: When it ended.
        slot: The number of the slot that it holds.
    """

    status: Status = "queued"
    progress: float = 0.0
    message: str = "Waiting"
    error: dict[str, str] | None = None
    place: int | None = None
    queued: datetime | None = None
    started: datetime | None = None
    finished: datetime | None = None
    slot: int | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more happens unless somebody resumes it."""
        return self.status in ENDED

    def changed(self, **changes: Any) -> State:
        """This state with some values changed."""
        return replace(self, **changes)


def now() -> datetime:
    return datetime.now(UTC)


def written_state(job: Job) -> State:
    """What state.json says. A job without one waits; one that is not whole was interrupted."""
    path = job.folder / "state.json"
    try:
        found = path.stat()
    except FileNotFoundError:
        return State(queued=job.created)
    return _read(job, found.st_mtime_ns, found.st_ino, found.st_size)


@lru_cache(maxsize=4096)
def _read(job: Job, written: int, inode: int, size: int) -> State:
    words = read_json(job.folder / "state.json")
    if not isinstance(words, dict) or words.get("status") not in STATUSES:
        return State("interrupted", message=INTERRUPTED, queued=job.created)
    error = words.get("error")
    slot = words.get("slot")
    return State(
        status=cast(Status, words["status"]),
        progress=_fraction(words.get("progress")),
        message=str(words.get("message", "")),
        error={str(k): str(v) for k, v in error.items()} if isinstance(error, dict) else None,
        queued=_time(words.get("queued")) or job.created,
        started=_time(words.get("started")),
        finished=_time(words.get("finished")),
        slot=slot if isinstance(slot, int) else None,
    )


def believed_state(job: Job) -> State:
    """What state.json says, corrected by the lock where the job died without a word."""
    state = written_state(job)
    if state.status != "running" or lock.is_held(job.folder):
        return state
    # The worker may have ended between the two looks, and then it has said how.
    state = written_state(job)
    return state if state.status != "running" else after_death(job, state)


def after_death(job: Job, state: State) -> State:
    """The state of a job that says "running" although nobody holds its lock."""
    ended = state.changed(slot=None, finished=_last_sign(job))
    if job.cancel_asked:
        return ended.changed(status="cancelled", message=CANCELLED)
    return ended.changed(status="interrupted", message=INTERRUPTED)


def _last_sign(job: Job) -> datetime:
    try:
        return datetime.fromtimestamp((job.folder / "state.json").stat().st_mtime, UTC)
    except FileNotFoundError:
        return now()


def write_state(job: Job, state: State) -> None:
    """Write state.json. Only for the holder of the job's lock.

    Raises:
        DiskError: The disk is full; the old state stays.
    """
    words: dict[str, Any] = {
        "status": state.status,
        "progress": round(state.progress, 4),
        "message": state.message,
        "error": state.error,
        "queued": state.queued.isoformat() if state.queued else None,
        "started": state.started.isoformat() if state.started else None,
        "finished": state.finished.isoformat() if state.finished else None,
        "slot": state.slot,
    }
    write_json(job.folder / "state.json", words)


def _time(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _fraction(value: Any) -> float:
    return min(1.0, max(0.0, float(value))) if isinstance(value, int | float) else 0.0
