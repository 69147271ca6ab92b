"""Starts a worker on this machine. A cluster's scheduler would need this one function only."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from collections.abc import Sequence

from lesionlab.errors import disk_errors
from lesionlab.jobs.devices import ALL_DEVICES, devices
from lesionlab.jobs.record import Job
from lesionlab.settings import ROOT

LOCK_HANDLE = "LESIONLAB_JOB_LOCK"

_children: list[subprocess.Popen[bytes]] = []
_children_lock = threading.Lock()


def start(
    job: Job,
    device: str | None,
    lock_handle: int,
    command: Sequence[str] = (sys.executable, "-m", "lesionlab.jobs.worker"),
) -> None:
    """Start the worker of a job and hand it the job's lock.

    The worker is a fresh program, never a fork, in a session of its own: it outlives the server,
    and stopping its process group stops nobody else.

    Args:
        device: Name of its GPU, or None on a machine without.
        lock_handle: The open file that holds the job's lock. The caller closes its own copy.
        command: What to run; the job's folder is added.
    """
    reap()
    environment = dict(os.environ)
    paths = [str(ROOT), *environment.get("PYTHONPATH", "").split(os.pathsep)]
    environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    environment["PYTHONUNBUFFERED"] = "1"
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    environment[LOCK_HANDLE] = str(lock_handle)
    environment[ALL_DEVICES] = ",".join(devices())
    if device is not None:
        environment["CUDA_VISIBLE_DEVICES"] = device
    with disk_errors("the log of the job"), (job.folder / "log.txt").open("ab") as output:
        child = subprocess.Popen(
            [*command, str(job.folder)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(lock_handle,),
        )
    with _children_lock:
        _children.append(child)


def reap() -> None:
    """Take leave of workers that ended: an ended child stays as a zombie until its starter asks."""
    with _children_lock:
        _children[:] = [child for child in _children if child.poll() is None]


@atexit.register
def _let_go() -> None:
    """Workers outlive their starter by design: Python need not warn of each one."""
    reap()
    for child in _children:
        child.returncode = 0
