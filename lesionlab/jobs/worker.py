"""Does exactly one job: `python -m lesionlab.jobs.worker JOB_DIR`.

The lock comes first and nothing heavy is imported before it is held. What the work raises decides
how the job ends; a traceback goes to log.txt, a sentence to state.json.
"""

from __future__ import annotations

import faulthandler
import importlib
import logging
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from lesionlab.errors import Cancelled, JobError, LesionlabError, TurnOver, disk_errors
from lesionlab.jobs import lock
from lesionlab.jobs.context import JobTask
from lesionlab.jobs.metrics import cut_torn_line
from lesionlab.jobs.record import Job, read_job
from lesionlab.jobs.runners.local import LOCK_HANDLE
from lesionlab.jobs.state import CANCELLED, State, now, write_state, written_state
from lesionlab.jobs.watchdog import Watchdog
from lesionlab.task import Task

Handler = Callable[[Task], None]

# Named rather than imported: half of them load Keras.
HANDLERS: dict[str, str] = {
    "train": "lesionlab.training.job:run_train",
    "evaluate": "lesionlab.evaluation.job:run_evaluate",
    "synthesize": "lesionlab.data.job:run_synthesize",
    "import-data": "lesionlab.data.job:run_import",
    "combine-data": "lesionlab.data.job:run_combine",
    "measure-data": "lesionlab.data.measures:run_measure",
    "download-data": "lesionlab.data.isic_archive.job:run_download",
    "import-model": "lesionlab.models.job:run_import_model",
}
NICENESS = 10
OUT_OF_MEMORY = {"MemoryError", "ResourceExhaustedError", "_ArrayMemoryError"}

log = logging.getLogger(__name__)


def main(
    folder: Path,
    handlers: Mapping[str, str | Handler] = HANDLERS,
    last_act: Callable[[], None] | None = None,
) -> int:
    """Do the job in `folder`.

    Args:
        handlers: What does each kind of job, as a function or as `module:function`.
        last_act: What to do once the lock is free; by default a fresh process that ticks.

    Returns:
        The exit status: 0, or 2 when the job is not there to be done.
    """
    handle = take_lock(folder)
    job = read_job(folder)
    state = written_state(job) if job else State("done")
    if handle is None or job is None or state.ended:
        sys.stderr.write(f"There is no waiting job in {folder}.\n")
        return 2
    own_group_and_nice()
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        end(job, run(job, state, handlers))
    finally:
        lock.release(handle)
    (last_act or tick_in_fresh_process)()
    return 0


def take_lock(folder: Path) -> int | None:
    """The job's lock: the one that the starter handed over, else our own."""
    given = os.environ.pop(LOCK_HANDLE, "")
    if given.isdigit():
        return lock.adopt(folder, int(given))
    handle = lock.acquire(folder, wait=2.0)
    if handle is not None:
        lock.keep_to_this_process(handle)
    return handle


def own_group_and_nice() -> None:
    """Leave the processor to the pages, and be the head of a group that can be killed alone."""
    if os.getpgid(0) != os.getpid():
        os.setpgid(0, 0)
    here = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, max(here, NICENESS))


def run(job: Job, state: State, handlers: Mapping[str, str | Handler]) -> State:
    """Do the work and say how it ended."""
    state = state.changed(status="running", started=state.started or now())
    task = JobTask(job, state)
    watchdog = Watchdog(job)
    watchdog.start()
    try:
        with disk_errors("the files of the job"):
            tidy(job)
            write_state(job, state)
            handler_of(job, handlers)(task)
        ended = task.state.changed(status="done", progress=1.0, message="Done")
    except Cancelled:
        ended = task.state.changed(status="cancelled", message=CANCELLED)
    except TurnOver:
        ended = task.state.changed(status="queued", message="Waiting for the next turn")
    except Exception as error:
        log.exception("The job stopped.")
        ended = failure(task.state, error)
        if job.cancel_asked:
            ended = ended.changed(status="cancelled", message=CANCELLED, error=None)
    finally:
        watchdog.stop()
        task.close()
    return ended


def handler_of(job: Job, handlers: Mapping[str, str | Handler]) -> Handler:
    """What does this kind of job."""
    found = handlers.get(job.kind)
    if found is None:
        raise JobError(
            f"Expected a job of the kinds {', '.join(handlers)}.", f"Received {job.kind!r}."
        )
    if not isinstance(found, str):
        return found
    module, _, function = found.partition(":")
    handler: Handler = getattr(importlib.import_module(module), function)
    return handler


def tidy(job: Job) -> None:
    """Remove what a killed worker left half written."""
    for pattern in (".*.part", "*/.*.part"):
        for path in job.folder.glob(pattern):
            path.unlink(missing_ok=True)
    # Bundles that were not put in place; an old one that was to go stays where no new one came.
    half_written = list(job.folder.glob(".*.part-*"))
    half_written += [old for old in job.folder.glob(".*.old-*") if _has_successor(old)]
    for path in half_written:
        shutil.rmtree(path, ignore_errors=True)
    cut_torn_line(job.folder)


def _has_successor(old: Path) -> bool:
    return (old.parent / old.name[1:].rpartition(".old-")[0]).is_dir()


def failure(state: State, error: Exception) -> State:
    """The state of a job whose work raised an error, in words for whoever asked for it."""
    if isinstance(error, LesionlabError):
        words = error
    elif type(error).__name__ in OUT_OF_MEMORY:
        words = JobError(
            "The job needs more memory than there is.",
            "The machine's or the GPU's memory is full.",
            "Take smaller pictures, a smaller batch or a smaller network.",
        )
    else:
        last = traceback.format_exception_only(error)[-1].strip()
        words = JobError(
            "The job stopped because of a mistake in the program.",
            f"It says: {last[:300]}.",
            "Its log (log.txt in the run's folder) has the details for a report.",
        )
    return state.changed(status="failed", message=words.sentence, error=words.to_dict())


def end(job: Job, state: State) -> None:
    """Write how the job ended. On a full disk the lock alone says it: as interrupted."""
    queued = now() if state.status == "queued" else state.queued
    finished = None if state.status == "queued" else now()
    try:
        write_state(job, state.changed(slot=None, queued=queued, finished=finished))
    except LesionlabError as error:
        log.error("It ended as %s (%s), but %s", state.status, state.message, error)


def tick_in_fresh_process() -> None:
    """Start whoever waits. A fresh program, since this one may hold a GPU's memory to its end."""
    sys.stdout.flush()
    code = "from lesionlab.jobs.queue import tick; tick()"
    os.execv(sys.executable, [sys.executable, "-c", code])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
