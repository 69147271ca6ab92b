"""Job folders: what is written, what is read back, and what is refused."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from lesionlab.errors import DataError, DiskError, JobError
from lesionlab.jobs import lock, metrics, store
from lesionlab.jobs.state import State, now, write_state


def submit(name: str = "MobileNetV2 quick") -> store.Job:
    return store.submit("train", {"epochs": 3}, "desk-a", name)


def test_a_job_is_a_folder_that_says_all(home: Path) -> None:
    job = submit()
    assert re.fullmatch(r"\d{8}-\d{6}-mobilenetv2-quick-[0-9a-f]{4}", job.id)
    words = json.loads((home / "jobs" / job.id / "job.json").read_text())
    assert (words["kind"], words["spec"], words["desk"]) == ("train", {"epochs": 3}, "desk-a")
    again = store.open_job(job.id)
    assert again == job
    assert again.spec == {"epochs": 3}
    assert abs(job.created - now()) < timedelta(seconds=10)


def test_a_disk_too_full_for_a_job_leaves_no_half_of_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise DiskError("The disk is full.")

    monkeypatch.setattr(store, "write_json", full)
    with pytest.raises(DiskError):
        submit()
    assert not list((home / "jobs").iterdir())


def test_newest_first_and_by_kind(home: Path) -> None:
    first, second = submit("one"), submit("two")
    other = store.submit("evaluate", {}, "desk-a", "three")
    assert [job.id for job in store.list_jobs()] == [other.id, second.id, first.id]
    assert [job.id for job in store.list_jobs("train")] == [second.id, first.id]


@pytest.mark.parametrize("name", ["../../etc", "..", "a/b", "", "A", "x" * 200, "nothing-here"])
def test_ids_that_are_unsafe_or_unknown_are_refused(home: Path, name: str) -> None:
    (home / "jobs").mkdir()
    with pytest.raises(JobError, match="There is no"):
        store.open_job(name)


def test_a_waiting_job_knows_its_place(home: Path) -> None:
    jobs = [submit(f"job {number}") for number in range(3)]
    assert [store.read_state(job).place for job in jobs] == [1, 2, 3]
    states = store.read_states(jobs)
    assert [states[job.id].place for job in jobs] == [1, 2, 3]
    assert store.read_state(jobs[2]).message == "Waiting, place 3 in the line"


@pytest.mark.parametrize("torn", [b"", b"{", b'{"status": "runn', b"[]", b"\xff\xfe", b'{"a": 1}'])
def test_a_state_that_is_not_whole_is_still_read(home: Path, torn: bytes) -> None:
    job = submit()
    (job.folder / "state.json").write_bytes(torn)
    assert store.read_state(job).status == "interrupted"
    assert store.resume(job.id) == job
    assert store.read_state(job).status == "queued"


def test_a_folder_without_a_whole_job_json_is_no_job(home: Path) -> None:
    job = submit()
    (job.folder / "job.json").write_text('{"kind": "tr')
    assert store.list_jobs() == []
    with pytest.raises(JobError):
        store.open_job(job.id)


def test_who_says_running_without_the_lock_was_interrupted(home: Path) -> None:
    job = submit()
    write_state(job, State("running", 0.4, "Epoch 2 of 5", slot=0))
    assert store.read_state(job).status == "interrupted"
    assert store.read_state(job).progress == 0.4
    with lock.holding(job.folder):
        assert store.read_state(job).status == "running"
    job.cancel_file.touch()
    assert store.read_state(job).status == "cancelled"


def test_errors_survive_the_way_through_the_file(home: Path) -> None:
    job = submit()
    error = DataError("Expected pictures.", "Received none.", "Add some.")
    write_state(job, State("failed", error=error.to_dict(), message=str(error)))
    found = store.read_state(job).error
    assert found is not None
    assert found["error"] == "DataError"
    assert found["what_to_do"] == "Add some."


def test_cancel_and_resume(home: Path) -> None:
    job = submit()
    with pytest.raises(JobError, match=r"cancelled or ran out of disk.* is queued"):
        store.resume(job.id)
    store.request_cancel(job.id)
    assert job.cancel_asked
    write_state(job, State("cancelled", progress=0.5))
    assert store.can_resume(job)
    store.request_cancel(job.id)
    store.resume(job.id)
    assert not job.cancel_asked
    state = store.read_state(job)
    assert (state.status, state.progress, state.place) == ("queued", 0.0, 1)
    (job.folder / "checkpoints").mkdir()
    write_state(job, State("cancelled", progress=0.5))
    store.resume(job.id)
    assert store.read_state(job).progress == 0.5


def test_only_what_can_go_better_is_resumed(home: Path) -> None:
    job = submit()
    for kind, allowed in {"DiskError": True, "JobError": True, "TrainingError": False}.items():
        write_state(job, State("failed", error={"error": kind}))
        assert store.can_resume(job) is allowed
    with pytest.raises(JobError, match="Start a new run"):
        store.resume(job.id)
    write_state(job, State("done"))
    assert not store.can_resume(job)
    with pytest.raises(JobError, match="is done already"):
        store.request_cancel(job.id)


def test_a_running_job_is_neither_deleted_nor_resumed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LOCK_SECONDS", 0.1)
    job = submit()
    write_state(job, State("running"))
    with lock.holding(job.folder):
        with pytest.raises(JobError, match="Cancel it first"):
            store.delete(job.id)
        with pytest.raises(JobError, match="is running"):
            store.resume(job.id)
    store.delete(job.id)
    assert list((home / "jobs").iterdir()) == []


def test_a_new_name_leaves_job_json_alone(home: Path) -> None:
    job = submit()
    before = (job.folder / "job.json").read_bytes()
    assert store.rename(job.id, "  My  best run ").name == "My best run"
    assert store.open_job(job.id).name == "My best run"
    assert (job.folder / "job.json").read_bytes() == before
    with pytest.raises(JobError, match="Expected a name"):
        store.rename(job.id, "  ")


def test_metrics_are_read_as_they_grow(home: Path) -> None:
    job = submit()
    assert store.read_metrics(job) == ([], 0)
    metrics.append_line(job.folder, {"kind": "iteration", "step": 1, "loss": float("nan")})
    lines, offset = store.read_metrics(job)
    assert lines == [{"kind": "iteration", "step": 1, "loss": None}]
    path = job.folder / "metrics.jsonl"
    with path.open("a") as file:
        file.write('{"kind": "iter')
    assert store.read_metrics(job, offset) == ([], offset)
    metrics.cut_torn_line(job.folder)
    metrics.append_line(job.folder, {"step": 2})
    assert store.read_metrics(job, offset)[0] == [{"step": 2}]
    path.write_text('{"step": 1}\n')
    assert store.read_metrics(job, offset + 100)[0] == [{"step": 1}]


def test_the_synthetic_set_is_asked_for_once(home: Path) -> None:
    job = store.ensure_synthetic()
    assert job is not None
    assert job.spec["per_class"] == 100
    assert store.ensure_synthetic() == job
    write_state(job, State("cancelled"))
    assert store.ensure_synthetic() == job
    assert store.read_state(job).status == "cancelled"
    write_state(job, State("interrupted"))
    assert store.ensure_synthetic() == job
    assert store.read_state(job).status == "queued"
    assert len(store.list_jobs()) == 1
