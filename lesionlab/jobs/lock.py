"""The lock of a job: a job is alive exactly while its lock is held.

An operating system's lock (`flock`) on the file `lock` ends with the process that holds it, however
that process ends. No process id and no heartbeat is needed: a killed child is a zombie that still
answers to its id, and a sleeping laptop's clock lies. `tick()` takes the lock and hands it to the
worker that it starts, so there is no moment in which a started job looks dead.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_NAME = "lock"
RETRY_SECONDS = 0.02


def acquire(folder: Path, wait: float = 0.5) -> int | None:
    """Take the lock of a job.

    Args:
        wait: Seconds to try for. Somebody who only looks whether the lock is held (`is_held`)
            holds it shared for a moment, so one try is not enough to know.

    Returns:
        The open file that holds the lock until it is closed in every process that has it, or None
        when somebody else holds it or the job is gone.
    """
    until = time.monotonic() + wait
    while True:
        handle = _try(folder / LOCK_NAME)
        if handle is not None or time.monotonic() >= until or not folder.is_dir():
            return handle
        time.sleep(RETRY_SECONDS)


def _try(path: Path) -> int | None:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The job may have been deleted, or another program may have removed the lock file, between
        # opening and locking: then this is a lock on a file that nobody else will ever see.
        if _same_file(handle, path):
            return handle
    except BlockingIOError:
        pass
    os.close(handle)
    return None


def release(handle: int) -> None:
    """Let go of a lock. A worker that was given the same open file goes on holding it."""
    os.close(handle)


@contextmanager
def holding(folder: Path, wait: float = 0.5) -> Iterator[bool]:
    """Hold the lock of a job for a while; gives False when it cannot be had."""
    handle = acquire(folder, wait)
    try:
        yield handle is not None
    finally:
        if handle is not None:
            release(handle)


def is_held(folder: Path) -> bool:
    """Whether somebody holds the lock of this job. Many may ask at once."""
    try:
        handle = os.open(folder / LOCK_NAME, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except PermissionError:
        # Of another user of this machine: whoever cannot know leaves it alone.
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def adopt(folder: Path, handle: int) -> int | None:
    """Make a lock that was handed over by the starter this process's own.

    Returns:
        The handle, or None when it is not the lock of this job.
    """
    try:
        if not _same_file(handle, folder / LOCK_NAME):
            return None
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return None
    keep_to_this_process(handle)
    return handle


def keep_to_this_process(handle: int) -> None:
    """See to it that no child goes on holding the lock when this process dies."""
    os.set_inheritable(handle, False)
    # A child that is forked without a new program would keep the file open.
    os.register_at_fork(after_in_child=lambda: _close_in_child(handle))


def _close_in_child(handle: int) -> None:
    try:
        os.close(handle)
    except OSError as error:
        # The worker had let go of it before the fork; nothing is left to close.
        if error.errno != errno.EBADF:
            raise


def _same_file(handle: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(handle), there)
