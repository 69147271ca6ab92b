"""A job is alive exactly while its lock is held."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from filelock import FileLock, Timeout

from lesionlab.jobs import lock


def test_held_until_released(tmp_path: Path) -> None:
    assert not lock.is_held(tmp_path)
    handle = lock.acquire(tmp_path)
    assert handle is not None
    assert lock.is_held(tmp_path)
    assert lock.acquire(tmp_path, wait=0) is None
    lock.release(handle)
    assert not lock.is_held(tmp_path)


def test_other_programs_see_it_by_the_usual_lock(tmp_path: Path) -> None:
    with lock.holding(tmp_path) as held:
        assert held
        try:
            FileLock(tmp_path / "lock").acquire(timeout=0)
        except Timeout:
            return
    raise AssertionError("FileLock took a lock that was held")


def test_a_lock_file_that_was_replaced_is_worth_nothing(tmp_path: Path) -> None:
    handle = lock.acquire(tmp_path)
    (tmp_path / "lock").unlink()
    assert not lock.is_held(tmp_path)
    second = lock.acquire(tmp_path)
    assert second is not None
    assert lock.adopt(tmp_path, handle) is None
    os.close(handle)
    assert lock.is_held(tmp_path)
    lock.release(second)


def test_nobody_locks_a_job_that_is_gone(tmp_path: Path) -> None:
    assert lock.acquire(tmp_path / "gone", wait=5) is None


def test_a_child_goes_on_holding_what_it_was_given(tmp_path: Path) -> None:
    handle = lock.acquire(tmp_path)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1, pass_fds=(handle,))
    lock.release(handle)
    assert lock.is_held(tmp_path)
    child.communicate(b"\n")
    assert not lock.is_held(tmp_path)


def test_looking_never_hides_a_free_lock_for_long(tmp_path: Path) -> None:
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            lock.is_held(tmp_path)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        for _ in range(20):
            handle = lock.acquire(tmp_path)
            assert handle is not None
            lock.release(handle)
    finally:
        stop.set()
        thread.join()
