"""What a job is: a folder under HOME/jobs with a `job.json` that is written once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lesionlab import settings
from lesionlab.errors import JobError, disk_errors
from lesionlab.files import read_json

SAFE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,119}")
QUEUE_SECONDS = 10.0


@dataclass(frozen=True)
class Job:
    """A job as it was asked for.

    Attributes:
        id: Its name on disk, such as `20261121-013205-mobilenetv2-quick-3f9a`.
        folder: Where everything of it stands.
        kind: What is to be done: `train`, `evaluate`, `synthesize`, `import-data`, ...
        spec: What the work needs to know, as JSON.
        desk: Whose it is.
        created: When it was asked for, in UTC.
        name: What people call it.
    """

    id: str
    folder: Path
    kind: str
    spec: dict[str, Any] = field(repr=False, compare=False)
    desk: str
    created: datetime
    name: str

    @property
    def cancel_file(self) -> Path:
        """Anyone who may cancel adds this file; the watchdog and `tick()` look for it."""
        return self.folder / "cancel"

    @property
    def cancel_asked(self) -> bool:
        return self.cancel_file.exists()


@contextmanager
def queue_lock() -> Iterator[bool]:
    """Hold the lock of the queue: nobody else starts jobs meanwhile.

    Gives False when somebody else kept it for `QUEUE_SECONDS`; holding it takes milliseconds.

    Raises:
        DiskError: The folder of jobs cannot be written to.
    """
    jobs = settings.current().jobs
    with disk_errors("the lock of the queue"):
        jobs.mkdir(parents=True, exist_ok=True)
        queue = FileLock(jobs / ".queue.lock", timeout=QUEUE_SECONDS)
        try:
            queue.acquire()
        except Timeout:
            yield False
            return
    try:
        yield True
    finally:
        queue.release()


def is_safe_id(job_id: str) -> bool:
    """Whether a text can be a job's id: it comes from addresses, so `..` and `/` must not pass."""
    return SAFE_ID.fullmatch(job_id) is not None


def read_job(folder: Path) -> Job | None:
    """The job in a folder, or None where there is none that is whole."""
    try:
        written = (folder / "job.json").stat().st_mtime_ns
        renamed = name_file(folder).stat().st_mtime_ns if name_file(folder).exists() else 0
        return _read(folder, written, renamed)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        # Not a job, one that is being deleted at this moment, or one of another user alone.
        return None


@lru_cache(maxsize=4096)
def _read(folder: Path, written: int, renamed: int) -> Job | None:
    words = read_json(folder / "job.json")
    if not isinstance(words, dict) or not isinstance(words.get("spec"), dict):
        return None
    try:
        created = datetime.fromisoformat(words["created"])
    except (KeyError, TypeError, ValueError):
        created = datetime.fromtimestamp(written / 1e9, UTC)
    if created.tzinfo is None:
        created = created.replace(tzinfo=UTC)
    name = str(words.get("name", folder.name))
    if renamed:
        name = name_file(folder).read_text("utf-8", errors="replace").strip() or name
    return Job(
        id=folder.name,
        folder=folder,
        kind=str(words.get("kind", "")),
        spec=words["spec"],
        desk=str(words.get("desk", "")),
        created=created,
        name=name,
    )


def name_file(folder: Path) -> Path:
    """A new name stands in a file of its own, since job.json is written once."""
    return folder / "name.txt"


def open_job(job_id: str) -> Job:
    """The job with this id.

    Raises:
        JobError: There is none, or the text cannot be an id.
    """
    job = read_job(settings.current().jobs / job_id) if is_safe_id(job_id) else None
    if job is None:
        raise JobError(
            "Expected the id of a run or job that exists.",
            f"There is no {job_id[:120]!r}.",
            "Choose one from the list of runs.",
        )
    return job


def list_jobs(kind: str | None = None) -> list[Job]:
    """All jobs, or those of one kind, newest first."""
    folder = settings.current().jobs
    if not folder.is_dir():
        return []
    found = (read_job(path) for path in folder.iterdir() if is_safe_id(path.name))
    jobs = [job for job in found if job is not None and kind in (None, job.kind)]
    return sorted(jobs, key=lambda job: (job.created, job.id), reverse=True)
