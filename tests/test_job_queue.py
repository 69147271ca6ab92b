"""The line is fair, slots are kept, and no job starts twice."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from lesionlab.jobs import devices, lock, queue, record, store
from lesionlab.jobs.line import in_order, others_come_first
from lesionlab.jobs.runners import local
from lesionlab.jobs.state import State, now, write_state
from lesionlab.settings import current

HANDLERS = Path(__file__).with_name("job_handlers.py")
start = partial(local.start, command=(sys.executable, str(HANDLERS)))
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def count_job(desk: str = "a", steps: int = 3, seconds: float = 0.02) -> store.Job:
    return store.submit("count", {"steps": steps, "seconds": seconds}, desk, "count")


def status(job: store.Job) -> str:
    return store.read_state(job).status


def line_of(*jobs: tuple[str, str, int, int | None]) -> list[str]:
    """Order of jobs given as (name = desk + number, status, minute queued, minute started)."""

    def time_of(minute: int | None) -> datetime | None:
        return None if minute is None else NOON + timedelta(minutes=minute)

    states = [
        (
            store.Job(name, Path(name), "train", {}, name[0], NOON, name),
            State(state, queued=time_of(queued), started=time_of(started)),
        )
        for name, state, queued, started in jobs
    ]
    return [job.id for job in in_order(states)]


def test_first_come_first_served_within_a_desk() -> None:
    assert line_of(("a2", "queued", 2, None), ("a1", "queued", 1, None)) == ["a1", "a2"]


def test_a_desk_with_many_jobs_holds_up_nobody() -> None:
    jobs = [(f"a{n}", "queued", n, None) for n in range(1, 5)]
    assert line_of(*jobs, ("b1", "queued", 9, None)) == ["a1", "b1", "a2", "a3", "a4"]
    jobs[0] = ("a1", "running", 0, 1)
    assert line_of(*jobs, ("b1", "queued", 9, None)) == ["b1", "a2", "a3", "a4"]


def test_who_was_served_longest_ago_comes_first() -> None:
    # a has waited longest, but had a slot a minute ago; c never had one.
    done = [("a1", "done", 0, 10), ("b1", "done", 0, 5)]
    waiting = [("a2", "queued", 1, None), ("b2", "queued", 2, None), ("c1", "queued", 9, None)]
    assert line_of(*done, *waiting) == ["c1", "b2", "a2"]


def test_slots_come_from_the_host_else_from_the_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert devices.devices() == ()
    assert devices.num_slots(current()) == 1
    assert devices.device_of(0) is None
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,5")
    assert devices.num_slots(current()) == 2
    assert devices.device_of(1) == "5"
    # A worker sees its own GPU alone, but starts others by what its starter saw.
    monkeypatch.setenv("LESIONLAB_DEVICES", "2,5,6")
    assert devices.num_slots(current()) == 3
    monkeypatch.setenv("LESIONLAB_SLOTS", "4")
    assert devices.num_slots(current()) == 4
    assert devices.device_of(3) == "2"


def test_gpus_are_counted_without_keras(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    program = tmp_path / "nvidia-smi"
    program.write_text(
        "#!/bin/sh\necho 'GPU 0: NVIDIA A (UUID: GPU-1)'\necho '  MIG 1g.5gb Device 0: (UUID: x)'\n"
        "echo 'GPU 1: NVIDIA A (UUID: GPU-2)'\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    devices._installed.cache_clear()
    try:
        assert devices.devices() == ("0", "1")
        program.unlink()
        devices._installed.cache_clear()
        assert devices.devices() == ()
    finally:
        devices._installed.cache_clear()


def test_one_slot_runs_one_job_at_a_time(home: Path) -> None:
    jobs = [count_job(steps=2) for _ in range(3)]
    assert queue.tick(start) == [jobs[0].id]
    assert status(jobs[0]) == "running"
    assert queue.tick(start) == []
    wait_for(lambda: status(jobs[0]) == "done")
    assert store.read_state(jobs[1]).place == 1
    assert queue.tick(start) == [jobs[1].id]
    wait_for(lambda: status(jobs[1]) == "done")
    lines, _ = store.read_metrics(jobs[1])
    assert [line["step"] for line in lines] == [0, 1]
    assert store.read_state(jobs[1]).progress == 1
    wait_for(lambda: lock.is_held(jobs[1].folder) is False)


def test_each_job_gets_the_gpu_of_its_slot(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,7")
    jobs = [store.submit("environment", {}, "a", "where") for _ in range(3)]
    assert queue.tick(start) == [jobs[0].id, jobs[1].id]
    wait_for(lambda: all(status(job) == "done" for job in jobs[:2]))
    queue.tick(start)
    wait_for(lambda: status(jobs[2]) == "done")
    seen = [store.read_metrics(job)[0][0] for job in jobs]
    assert [line["CUDA_VISIBLE_DEVICES"] for line in seen] == ["3", "7", "3"]
    assert all(line["nice"] >= 10 and line["leader"] for line in seen)
    assert all(line["LESIONLAB_JOB_LOCK"] is None for line in seen)


def test_two_servers_on_one_folder_start_no_job_twice(home: Path) -> None:
    jobs = [count_job(f"desk {number % 3}", steps=2) for number in range(8)]
    code = f"""
import sys, time
from functools import partial
from lesionlab.jobs import queue, store
from lesionlab.jobs.runners import local
start = partial(local.start, command=(sys.executable, {str(HANDLERS)!r}))
until = time.monotonic() + 40
while time.monotonic() < until:
    queue.tick(start)
    if all(store.read_state(job).ended for job in store.list_jobs()):
        break
"""
    servers = [
        subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "LESIONLAB_SLOTS": s})
        for s in ("3", "3")
    ]
    most = 0
    while any(server.poll() is None for server in servers):
        most = max(most, sum(lock.is_held(job.folder) for job in jobs))
        time.sleep(0.01)
    assert [server.returncode for server in servers] == [0, 0]
    assert [status(job) for job in jobs] == ["done"] * len(jobs)
    assert [len(list(job.folder.glob("start-*"))) for job in jobs] == [1] * len(jobs)
    # A server that looks (tick) may hold one more lock for a moment.
    assert 2 <= most <= 3 + len(servers)
    for job in jobs:
        assert [line["step"] for line in store.read_metrics(job)[0]] == [0, 1]


def test_a_job_outlives_the_server_that_started_it(home: Path) -> None:
    job = count_job(steps=40)
    code = f"""
import os, signal, sys
from functools import partial
from lesionlab.jobs import queue
from lesionlab.jobs.runners import local
queue.tick(partial(local.start, command=(sys.executable, {str(HANDLERS)!r})))
os.killpg(0, signal.SIGKILL)
"""
    server = subprocess.run([sys.executable, "-c", code], start_new_session=True)
    assert server.returncode == -signal.SIGKILL
    wait_for(lambda: len(store.read_metrics(job)[0]) > 2)
    assert status(job) == "running"
    assert queue.tick(start) == []
    wait_for(lambda: status(job) == "done")
    assert len(list(job.folder.glob("start-*"))) == 1


def test_a_job_whose_worker_died_is_interrupted_and_goes_on(home: Path) -> None:
    job = count_job(steps=200, seconds=0.01)
    queue.tick(start)
    wait_for(lambda: len(store.read_metrics(job)[0]) > 5)
    local._children[-1].kill()
    wait_for(lambda: not lock.is_held(job.folder))
    assert status(job) == "interrupted"
    queue.tick(start)
    assert '"interrupted"' in (job.folder / "state.json").read_text()
    store.resume(job.id)
    assert queue.tick(start) == [job.id]
    wait_for(lambda: status(job) == "done")
    assert [line["step"] for line in store.read_metrics(job)[0]] == list(range(200))


def test_a_child_of_a_dead_worker_keeps_no_lock(home: Path) -> None:
    job = store.submit("fork_and_die", {}, "a", "dies")
    queue.tick(start)
    wait_for(lambda: not lock.is_held(job.folder), seconds=8)
    assert status(job) == "interrupted"


def test_a_waiting_job_is_cancelled_by_the_next_tick(home: Path) -> None:
    running, waiting = count_job(steps=50), count_job()
    queue.tick(start)
    store.request_cancel(waiting.id)
    queue.tick(start)
    assert status(waiting) == "cancelled"
    store.request_cancel(running.id)
    wait_for(lambda: status(running) == "cancelled", seconds=5)


def test_turns_between_two_desks(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESIONLAB_TURN_MINUTES", str(0.3 / 60))
    long, short = count_job("a", 60), count_job("b", 3)
    queue.tick(start)
    wait_for(lambda: status(long) == "queued")
    # b comes first now, and a is second although it was asked for earlier.
    assert (store.read_state(short).place, store.read_state(long).place) == (1, 2)
    assert 0 < store.read_state(long).progress < 1
    order = []
    for _ in itertools.takewhile(lambda _: status(long) != "done", itertools.count()):
        order += queue.tick(start)
        time.sleep(0.02)
    assert order == [short.id, long.id]
    assert [line["step"] for line in store.read_metrics(long)[0]] == list(range(60))


def test_nobody_gives_way_for_nothing(home: Path) -> None:
    mine, other, waiting = count_job("a"), count_job("b"), count_job("b")
    for job in (mine, other):
        write_state(job, State("running", started=now(), queued=job.created))
    with lock.holding(mine.folder), lock.holding(other.folder):
        # b has a slot already: were a to give way, a itself would be next.
        assert not others_come_first(mine)
        assert others_come_first(other)
        store.submit("count", {}, "c", "third")
        assert others_come_first(mine)
    assert store.read_state(waiting).status == "queued"


def test_a_worker_that_cannot_be_started_says_so(home: Path) -> None:
    job = count_job()

    def broken(job: store.Job, device: str | None, handle: int) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    assert queue.tick(broken) == []
    state = store.read_state(job)
    assert state.status == "failed"
    assert "Resource temporarily unavailable" in state.message
    assert store.can_resume(job)


@pytest.mark.parametrize("refused", ["is_held", "acquire"])
def test_a_job_that_cannot_be_opened_holds_up_no_other(
    home: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    foreign, mine = count_job("a"), count_job("b")
    known = getattr(lock, refused)

    def of_root(folder: Path, *rest: float) -> object:
        if folder == foreign.folder:
            raise PermissionError(13, "Permission denied", str(folder / "lock"))
        return known(folder, *rest)

    monkeypatch.setattr(lock, refused, of_root)
    assert queue.tick(lambda job, device, handle: None) == [mine.id]


def test_what_another_user_of_the_machine_keeps_to_himself_is_left_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = count_job()

    def denied(path: object, *rest: object, **options: object) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", denied)
        assert lock.is_held(job.folder)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", denied)
        assert record.read_job(job.folder) is None


def test_the_rest_of_a_deleted_job_is_swept_up(home: Path) -> None:
    job = count_job()
    (home / "jobs" / ".deleted-x" / "model").mkdir(parents=True)
    store.delete(job.id)
    queue.tick(start)
    assert [path.name for path in (home / "jobs").iterdir()] == [".queue.lock"]
