"""How a job ends: done, failed with a sentence, cancelled even when stuck, out of disk."""

from __future__ import annotations

import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from lesionlab.jobs import context, lock, queue, store, worker
from lesionlab.jobs.runners import local
from lesionlab.jobs.state import State, write_state

HANDLERS = Path(__file__).with_name("job_handlers.py")
start = partial(local.start, command=(sys.executable, str(HANDLERS)))


def ended(job: store.Job, seconds: float = 20) -> State:
    until = time.monotonic() + seconds
    while not (state := store.read_state(job)).ended or lock.is_held(job.folder):
        assert time.monotonic() < until, state
        time.sleep(0.02)
    return state


def run_one(kind: str, **spec: object) -> tuple[store.Job, State]:
    job = store.submit(kind, spec, "a", kind)
    assert queue.tick(start) == [job.id]
    return job, ended(job)


def test_a_users_mistake_is_told_in_its_own_words(home: Path) -> None:
    _, state = run_one("fail")
    assert state.status == "failed"
    assert state.message == "Expected pictures. There are none. Choose a folder with pictures."
    assert state.error is not None
    assert state.error["error"] == "DataError"


def test_our_mistake_is_a_sentence_and_the_traceback_is_in_the_log(home: Path) -> None:
    job, state = run_one("crash")
    assert state.message.startswith("The job stopped because of a mistake in the program.")
    assert "Traceback" not in (job.folder / "state.json").read_text()
    assert 'raise KeyError("secret detail")' in (job.folder / "log.txt").read_text()


def test_too_little_memory_says_what_to_do(home: Path) -> None:
    _, state = run_one("memory")
    assert "a smaller batch" in state.message


def test_a_kind_that_nobody_can_do(home: Path) -> None:
    _, state = run_one("make-coffee")
    assert "Received 'make-coffee'." in state.message


def test_a_full_disk_fails_with_a_sentence_and_can_be_resumed(home: Path) -> None:
    job, state = run_one("full_disk")
    assert state.status == "failed"
    assert "The disk is full." in state.message
    assert store.can_resume(job)
    lines, _ = store.read_metrics(job)
    assert [line["step"] for line in lines] == list(range(len(lines)))
    assert len(lines) > 50


def test_a_disk_too_full_even_for_the_state_leaves_a_readable_job(home: Path) -> None:
    job, state = run_one("full_disk", state_too=True)
    assert state.status == "interrupted"
    assert not list(job.folder.glob(".*.part"))
    store.resume(job.id)
    assert store.read_state(job).status == "queued"


def test_cancel_between_steps(home: Path) -> None:
    job = store.submit("count", {"steps": 10_000}, "a", "long")
    queue.tick(start)
    begin = time.monotonic()
    store.request_cancel(job.id)
    state = ended(job, 5)
    assert state.status == "cancelled"
    assert time.monotonic() - begin < 2


def test_cancel_in_a_stuck_step_ends_the_whole_group_within_five_seconds(home: Path) -> None:
    job = store.submit("stuck", {}, "a", "stuck")
    queue.tick(start)
    while not (job.folder / "child").exists() or not (job.folder / "child").read_text():
        time.sleep(0.02)
    child = int((job.folder / "child").read_text())
    begin = time.monotonic()
    store.request_cancel(job.id)
    assert ended(job, 5.5).status == "cancelled"
    assert time.monotonic() - begin < 5
    time.sleep(0.2)
    assert not is_running(child)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_worker_started_by_hand_takes_the_lock_itself(home: Path) -> None:
    job = store.submit("count", {"steps": 2}, "a", "by-hand")
    command = [sys.executable, str(HANDLERS), str(job.folder)]
    with lock.holding(job.folder):
        refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "There is no waiting job" in refused.stderr
    assert subprocess.run(command).returncode == 0
    assert store.read_state(job).status == "done"
    # What is done is not done again.
    assert subprocess.run(command, capture_output=True).returncode == 2
    assert len(store.read_metrics(job)[0]) == 2


def test_a_worker_starts_the_next_job_as_its_last_act(home: Path) -> None:
    """By the real entry point and the real runner; the second job's kind is unknown to it."""
    first, second = (store.submit(kind, {}, "a", kind) for kind in ("tea", "coffee"))
    assert queue.tick() == [first.id]
    assert ended(first).status == "failed"
    assert "Received 'coffee'." in ended(second).message
    for child in local._children:
        child.wait()


def test_what_a_killed_worker_left_half_written_is_removed(home: Path) -> None:
    job = store.submit("count", {"steps": 2}, "a", "half")
    (job.folder / ".state.json.abc.part").write_text("{")
    (job.folder / "metrics.jsonl").write_text('{"step": 0}\n{"st')
    (job.folder / "checkpoints").mkdir()
    (job.folder / "checkpoints" / ".last-0.safetensors.abc.part").write_bytes(b"half")
    for name in (".model.part-abcd", ".model.old-efgh", ".other.old-ijkl", "model"):
        (job.folder / name / "inside").mkdir(parents=True)
    worker.tidy(job)
    # An old bundle in whose place no new one was put is the only one there is.
    kept = {path.name for path in job.folder.iterdir() if path.is_dir()}
    assert kept == {"checkpoints", "model", ".other.old-ijkl"}
    assert not list((job.folder / "checkpoints").iterdir())
    assert (job.folder / "metrics.jsonl").read_text() == '{"step": 0}\n'
    assert not list(job.folder.glob(".*.part"))


def test_progress_is_written_but_not_for_every_step(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = store.submit("count", {}, "a", "progress")
    written: list[float] = []

    def write(job: store.Job, state: State) -> None:
        written.append(state.progress)
        write_state(job, state)

    monkeypatch.setattr(context, "write_state", write)
    task = context.JobTask(job, State("running"))
    for step in range(1000):
        task.progress(step / 1000, f"Step {step}")
        time.sleep(0.0005)
    time.sleep(2 * context.WRITE_SECONDS)
    task.close()
    assert 2 <= len(written) <= 12
    assert written[-1] == 0.999
    with lock.holding(job.folder):
        assert store.read_state(job).message == "Step 999"


def test_the_bar_never_moves_back(home: Path) -> None:
    job = store.submit("count", {}, "a", "progress")
    task = context.JobTask(job, State("running", progress=0.5))
    task.progress(0.05, "Building the network")
    assert (task.state.progress, task.state.message) == (0.5, "Building the network")
    task.progress(0.6, "Epoch 7")
    task.close()
    assert task.state.progress == 0.6
