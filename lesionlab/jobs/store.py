"""Asking for jobs, looking at them, and what a user may do to them."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from pathlib import Path
from typing import Any

from lesionlab import settings
from lesionlab.errors import DataError, DiskError, JobError, disk_errors
from lesionlab.files import forget_upload, write_json, write_text
from lesionlab.jobs import lock
from lesionlab.jobs.line import place_of, waiting_jobs
from lesionlab.jobs.metrics import read_metrics
from lesionlab.jobs.record import Job, list_jobs, name_file, open_job, queue_lock, read_job
from lesionlab.jobs.state import State, Status, believed_state, now, write_state, written_state

__all__ = [
    "Job",
    "State",
    "Status",
    "can_resume",
    "delete",
    "ensure_synthetic",
    "list_jobs",
    "open_job",
    "queue_lock",
    "read_metrics",
    "read_state",
    "read_states",
    "rename",
    "request_cancel",
    "resume",
    "submit",
]

# Resuming a job that failed for such a reason would fail in the same way.
HOPELESS = frozenset({"ExperimentError", "TrainingError", "PictureError", "BundleError"})
LOCK_SECONDS = 2.0

# The data set that everybody starts with, and whose job it is.
SYNTHETIC: dict[str, Any] = {"per_class": 100, "size": [450, 600], "seed": 0}
EVERYBODY = "everybody"


def submit(kind: str, spec: dict[str, Any], desk: str, name: str) -> Job:
    """Ask for a job. It waits until a `tick()` finds a slot for it.

    Args:
        kind: One of the worker's kinds: train, evaluate, synthesize, import-data, import-model.
        spec: JSON-ready words for the work.
        desk: Whose it is.
        name: What people call it; a part of the id comes from it.

    Raises:
        DiskError: The disk is full, the home folder cannot be written, or the desk has no room for
            the data that the job would bring.
        DataError: The job would bring data under a name that is taken or asked for already, or from
            a folder that its desk may not read.
    """
    # Here, as below: it loads more than most need.
    from lesionlab.data.asking import BRINGING, check_job

    check_job(kind, spec, desk)
    if kind in BRINGING:
        _check_not_asked(spec, desk, BRINGING)
    created = now()
    jobs = settings.current().jobs
    words = {
        "kind": kind,
        "name": name,
        "desk": desk,
        "created": created.isoformat(),
        "spec": json.loads(json.dumps(spec, allow_nan=False)),
    }
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or kind
    with disk_errors("the job"):
        jobs.mkdir(parents=True, exist_ok=True)
        folder = _new_folder(jobs, f"{created:%Y%m%d-%H%M%S}-{slug.strip('-')}")
    try:
        write_json(folder / "job.json", words)
    except DiskError:
        folder.rmdir()
        raise
    return open_job(folder.name)


def _check_not_asked(spec: dict[str, Any], desk: str, kinds: frozenset[str]) -> None:
    """Refuse a second job that brings a data set of the same name to this desk.

    Raises:
        DataError: One waits or runs.
    """
    for job in list_jobs():
        if job.desk != desk or job.kind not in kinds or job.spec.get("name") != spec.get("name"):
            continue
        if not believed_state(job).ended:
            raise DataError(
                "Expected a name that is free.",
                f"A data set called {spec.get('name')} is on its way already.",
                "Wait for it or cancel it, or choose another name.",
            )


def _new_folder(jobs: Path, stem: str) -> Path:
    while True:
        folder = jobs / f"{stem}-{secrets.token_hex(2)}"
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder


def read_state(job: Job) -> State:
    """How a job stands now, with its place when it waits."""
    state = believed_state(job)
    if state.status != "queued":
        return state
    place = place_of(job)
    return state.changed(place=place, message=_waiting(place))


def read_states(jobs: list[Job]) -> dict[str, State]:
    """How several jobs stand, by id, with one look at the line."""
    states = {job.id: believed_state(job) for job in jobs}
    if any(state.status == "queued" for state in states.values()):
        for number, job in enumerate(waiting_jobs(), start=1):
            if job.id in states:
                state = states[job.id]
                states[job.id] = state.changed(place=number, message=_waiting(number))
    return states


def _waiting(place: int | None) -> str:
    return f"Waiting, place {place} in the line" if place else "Waiting"


def request_cancel(job_id: str) -> None:
    """Ask a waiting or running job to stop; it has ended within five seconds.

    Raises:
        JobError: There is no such job, or it has ended already.
    """
    job = open_job(job_id)
    status = believed_state(job).status
    if status == "cancelled":
        return
    if status not in ("queued", "running"):
        raise JobError(
            "Only a waiting or running job can be cancelled.", f"{job.id} is {status} already."
        )
    with disk_errors("the wish to cancel"):
        job.cancel_file.touch()


def can_resume(job: Job) -> bool:
    """Whether `resume` would be allowed, for a page that shows the button."""
    state = believed_state(job)
    if state.status == "failed":
        return (state.error or {}).get("error") not in HOPELESS
    return state.status in ("interrupted", "cancelled")


def resume(job_id: str) -> Job:
    """Put a stopped job in the line again; a training goes on from its last checkpoint.

    Raises:
        JobError: There is no such job, or it neither was interrupted, nor cancelled, nor failed
            for a reason that may have gone away.
    """
    job = open_job(job_id)
    with lock.holding(job.folder, LOCK_SECONDS) as held:
        state = believed_state(job) if not held else written_state(job)
        # With the lock in our hand, a job that says "running" is one that died.
        dead = held and state.status == "running"
        if not dead and not (held and can_resume(job)):
            raise JobError(
                "Only a job that was interrupted, cancelled or ran out of disk can be resumed.",
                f"{job.id} is {state.status}.",
                "Start a new run." if state.status == "failed" else "",
            )
        job.cancel_file.unlink(missing_ok=True)
        # What has no checkpoints begins anew, and so does its bar.
        progress = state.progress if (job.folder / "checkpoints").is_dir() else 0.0
        write_state(job, State(progress=progress, queued=now(), started=state.started))
    return job


def delete(job_id: str) -> None:
    """Delete a job with everything in its folder, and with the upload that waited for it.

    Raises:
        JobError: There is no such job, or it is running.
    """
    job = open_job(job_id)
    with lock.holding(job.folder, LOCK_SECONDS) as held:
        if not held:
            raise JobError(
                "Only a job that does not run can be deleted.",
                f"{job.id} is running.",
                "Cancel it first.",
            )
        # Renamed first, so that a job is either whole or gone.
        grave = job.folder.with_name(f".deleted-{job.id}-{secrets.token_hex(2)}")
        with disk_errors("the folder of jobs"):
            job.folder.rename(grave)
    # What cannot be removed now is removed by the next tick.
    shutil.rmtree(grave, ignore_errors=True)
    if isinstance(upload := job.spec.get("path"), str):
        # A page put it there for this job alone, and nobody else will take it away for days.
        forget_upload(Path(upload))


def rename(job_id: str, name: str) -> Job:
    """Give a job another name; its id stays.

    Raises:
        JobError: There is no such job, or the name is empty.
    """
    job = open_job(job_id)
    clean = " ".join(name.split())[:80]
    if not clean:
        raise JobError("Expected a name.", "Received an empty one.", "Type at least one letter.")
    write_text(name_file(job.folder), clean + "\n")
    return read_job(job.folder) or job


def ensure_synthetic() -> Job | None:
    """Ask for the full synthetic set unless it is there or somebody makes it already.

    Returns:
        The job that makes it, old or new; None when the set is there. One that was interrupted
        goes on; one that was cancelled or failed stays so, and its state says why.
    """
    # Imported here since tables are slow to load, and most commands need none.
    from lesionlab.data.store import FULL_NAME, is_stored

    if is_stored(FULL_NAME):
        return None
    with queue_lock():
        for job in list_jobs("synthesize"):
            if job.spec.get("name") != FULL_NAME:
                continue
            status = read_state(job).status
            if status == "interrupted":
                return resume(job.id)
            if status != "done" or is_stored(FULL_NAME):
                return job
        return submit("synthesize", {"name": FULL_NAME, **SYNTHETIC}, EVERYBODY, FULL_NAME)
