"""A worker with work that tests can watch, started as a program: `job_handlers.py JOB_DIR`."""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from pathlib import Path

from lesionlab.errors import Cancelled, DataError, TurnOver
from lesionlab.jobs import worker
from lesionlab.task import Task


def count(task: Task) -> None:
    """Step until `steps`, stopping when asked; leaves one line a step and one file a start."""
    (task.folder / f"start-{os.getpid()}").touch()
    done = len((task.folder / "metrics.jsonl").read_text().splitlines()) if resumed(task) else 0
    for step in range(done, task.spec["steps"]):
        time.sleep(task.spec.get("seconds", 0.02))
        task.metrics({"kind": "iteration", "step": step, "loss": 1 / (1 + step)})
        task.progress((step + 1) / task.spec["steps"], f"Step {step + 1}")
        if task.cancelled():
            raise Cancelled
        if task.should_yield():
            raise TurnOver


def resumed(task: Task) -> bool:
    return (task.folder / "metrics.jsonl").exists()


def stuck(task: Task) -> None:
    """Start a child, then never ask whether to stop."""
    child = os.fork()
    if child == 0:
        time.sleep(60)
        os._exit(0)
    (task.folder / "child").write_text(str(child))
    time.sleep(60)


def fork_and_die(task: Task) -> None:
    """Leave a child behind that would keep an inherited lock, and die without a word."""
    if os.fork() == 0:
        time.sleep(20)
        os._exit(0)
    time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGKILL)


def fail(task: Task) -> None:
    raise DataError("Expected pictures.", "There are none.", "Choose a folder with pictures.")


def crash(task: Task) -> None:
    raise KeyError("secret detail")


def memory(task: Task) -> None:
    raise MemoryError


def full_disk(task: Task) -> None:
    """Write until the system says no, which a limit of the process stands in for."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    if task.spec.get("state_too"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
    for step in range(1000):
        try:
            task.metrics({"kind": "iteration", "step": step, "loss": 0.5})
        except OSError as error:
            # The limit says EFBIG where a full disk says ENOSPC.
            raise OSError(errno.ENOSPC, "No space left on device") from error


def environment(task: Task) -> None:
    names = ("CUDA_VISIBLE_DEVICES", "LESIONLAB_JOB_LOCK")
    words = {name: os.environ.get(name) for name in names}
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    task.metrics({"kind": "here", **words, "nice": nice, "leader": os.getpgid(0) == os.getpid()})


HANDLERS = {
    function.__name__: function
    for function in (count, stuck, fork_and_die, fail, crash, memory, full_disk, environment)
}

if __name__ == "__main__":
    sys.exit(worker.main(Path(sys.argv[1]), HANDLERS, last_act=lambda: None))
