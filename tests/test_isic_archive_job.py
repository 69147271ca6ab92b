"""Downloading from the ISIC Archive: what goes wrong on the way, and what stays when it stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lesionlab.cli import main
from lesionlab.data.isic_archive import download as downloading
from lesionlab.data.isic_archive import job, session
from lesionlab.data.isic_archive.download import JOURNAL
from lesionlab.data.isic_archive.job import FOLDER, run_download
from lesionlab.data.isic_archive.plan import Plan
from lesionlab.data.quota import in_words
from lesionlab.data.store import list_datasets, open_dataset
from lesionlab.errors import Cancelled, DataError, DiskError
from lesionlab.task import QuietTask

sys.path.insert(0, str(Path(__file__).parent))
from isic_archive_server import Archive, Fault, serving, until

ROOT = Path(__file__).resolve().parent.parent
SPEC = {"name": "skin", "per_class": {"mel": 6, "nv": 4}}


class Watched(QuietTask):
    """A task that remembers its fractions and messages, and stops when the test says so."""

    def __init__(self, folder: Path, spec: dict[str, Any], desk: str = "") -> None:
        folder.mkdir(exist_ok=True, parents=True)
        super().__init__(folder, spec, desk)
        self.fractions: list[float] = []
        self.messages: list[str] = []
        self.stop = threading.Event()

    def progress(self, fraction: float, message: str) -> None:
        super().progress(fraction, message)
        self.fractions.append(fraction)
        self.messages.append(message)

    def cancelled(self) -> bool:
        return self.stop.is_set()


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    """An archive on this machine with 20 melanomas and 20 nevi."""
    monkeypatch.setattr(session, "FIRST_WAIT", 0.01)
    found = Archive()
    found.add("mel", 20)
    found.add("nv", 20, "CC-BY", attribution="Hospital B")
    with serving(found):
        monkeypatch.setenv("LESIONLAB_ISIC_URL", found.url)
        yield found


@pytest.fixture
def task(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "job", SPEC)


def chosen(archive: Archive, tmp_path: Path) -> list[str]:
    """The ids that a download without trouble takes, melanomas first, each class in its order."""
    other = Watched(tmp_path / "first", SPEC | {"name": "first"})
    run_download(other)
    archive.asked.clear()
    return list(open_dataset("first").table["image_id"].astype(str))


def ids_of(name: str) -> list[str]:
    return list(open_dataset(name).table["image_id"].astype(str))


def test_a_set_of_the_archive(archive: Archive, task: Watched) -> None:
    run_download(task)
    found = open_dataset("skin")
    assert found.counts() == {"mel": 6, "nv": 4}
    for row in range(len(found)):
        image_id = str(found.table["image_id"].iat[row])
        assert found.image_path(row).read_bytes() == archive.files[image_id]
    assert found.licence == "CC-0, CC-BY"
    assert found.citation.endswith(
        "Pictures given by: Department of Dermatology, Somewhere; Hospital B."
    )
    assert found.left_out == ()
    first = found.table.iloc[0]
    record = archive.records[str(first["image_id"])]["metadata"]["clinical"]
    assert (first["age"], first["sex"]) == (record["age_approx"], record["sex"])
    assert (first["lesion_id"], first["patient_id"]) == (record["lesion_id"], record["patient_id"])
    assert (first["diagnosis_3"], first["confirmed_by"]) == ("Melanoma Invasive", "histopathology")
    assert (first["licence"], first["source"]) == ("CC-0", "ISIC Archive")
    assert {"height", "width", "sha256", "brightness", "phash"} <= set(found.table)
    total = sum(len(archive.files[str(i)]) for i in found.table["image_id"])
    assert task.fractions == sorted(task.fractions)
    assert task.fractions[0] == 0 and {round(share, 1) for share in task.fractions} >= {0.1, 0.9}
    assert any(0.1 < share < 0.9 for share in task.fractions), "it moves while pictures come"
    assert any(f"of about {in_words(total)}" in message for message in task.messages)
    assert list(task.folder.iterdir()) == [], "nothing of the download stays in the job"
    archive.asked.clear()
    run_download(Watched(task.folder, SPEC))  # killed after its last step, and run again
    assert not archive.asked


def test_it_belongs_to_the_desk_that_asked(archive: Archive, tmp_path: Path) -> None:
    desk = "ab" * 12
    run_download(Watched(tmp_path / "job", SPEC, desk))
    assert "skin" in {info.name for info in list_datasets(desk)}
    assert "skin" not in {info.name for info in list_datasets("cd" * 12)}


def test_errors_on_the_way_are_outlasted(archive: Archive, task: Watched, tmp_path: Path) -> None:
    ids = chosen(archive, tmp_path)
    archive.once = {
        ids[0]: [Fault(500), Fault(502)],
        ids[1]: [Fault(cut_after=300), Fault(cut_after=0)],
        ids[2]: [Fault(body=archive.files[ids[2]][:400])],  # told to be whole, and is not
        ids[3]: [Fault(seconds=0.3)],
        ids[4]: [Fault(429, retry_after=1)],
    }
    run_download(task)
    assert ids_of("skin") == ids
    assert open_dataset("skin").left_out == ()
    for isic_id, number in zip(ids[:5], (3, 3, 2, 1, 2), strict=True):
        assert len(archive.requests(f"/files/{isic_id}")) == number
    first, second = archive.requests(f"/files/{ids[4]}")
    assert second - first >= 1


def test_a_picture_that_cannot_be_had_is_replaced(
    archive: Archive, task: Watched, tmp_path: Path
) -> None:
    ids = chosen(archive, tmp_path)
    archive.always = {
        ids[0]: Fault(500),
        ids[1]: Fault(body=b"<html>not a picture</html>"),
        f"/files/{ids[7]}": Fault(404),
    }
    run_download(task)
    found = open_dataset("skin")
    assert found.counts() == {"mel": 6, "nv": 4}
    assert not {ids[0], ids[1], ids[7]} & set(ids_of("skin"))
    assert set(ids) - {ids[0], ids[1], ids[7]} <= set(ids_of("skin"))
    (sentence,) = found.left_out
    assert sentence.startswith(
        "3 pictures of the archive that could not be had, replaced by others"
    )
    assert ids[0] in sentence
    assert len(archive.requests(f"/files/{ids[0]}")) == session.ATTEMPTS
    again = ids_of("skin")
    run_download(Watched(tmp_path / "again", SPEC | {"name": "again"}))
    assert ids_of("again") == again, "the same ones step in each time"


@pytest.mark.parametrize("moved", [False, True])
def test_addresses_that_have_run_out_are_asked_for_again(
    archive: Archive, task: Watched, monkeypatch: pytest.MonkeyPatch, moved: bool
) -> None:
    """Their time is over, or the archive's files have moved to another host meanwhile."""
    real = job.download

    def later(plan: Plan, *given: Any) -> Any:
        archive.signature = "2"
        if moved:
            images = {
                code: tuple(replace(i, url="http://127.0.0.1:1/files/gone.jpg") for i in found)
                for code, found in plan.images.items()
            }
            plan = replace(plan, images=images)
        return real(plan, *given)

    monkeypatch.setattr(job, "download", later)
    run_download(task)
    assert len(open_dataset("skin")) == 10
    assert len(archive.requests("signature=2")) == 10


@pytest.mark.parametrize("stalled", ["/files/", "images/search/?"])
def test_cancelling_needs_no_answer(archive: Archive, task: Watched, stalled: str) -> None:
    archive.always[stalled] = Fault(stall=True)
    thread = threading.Timer(0.5, task.stop.set)
    thread.start()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        run_download(task)
    assert time.monotonic() - start < 5
    archive.ended.set()


def test_it_goes_on_where_it_was_stopped(archive: Archive, task: Watched, tmp_path: Path) -> None:
    ids = chosen(archive, tmp_path)
    for isic_id in ids[6:]:
        archive.always[f"/files/{isic_id}"] = Fault(stall=True)
    folder = task.folder / FOLDER
    watcher = threading.Thread(
        target=lambda: (until(lambda: len(list(folder.glob("*.jpg"))) == 6), task.stop.set())
    )
    watcher.start()
    with pytest.raises(Cancelled):
        run_download(task)
    watcher.join()
    assert {path.stem for path in folder.glob("*.jpg")} == set(ids[:6])
    assert "skin" not in {info.name for info in list_datasets()}
    # Half of a picture is no picture, and what lies there with another length is not whole.
    (folder / f".{ids[6]}.jpg.part").write_bytes(b"half")
    (folder / f"{ids[0]}.jpg").write_bytes(b"short")
    archive.always = {}
    archive.asked.clear()
    run_download(Watched(task.folder, SPEC))
    assert ids_of("skin") == ids
    assert not archive.requests("search/"), "the choice was kept"
    fetched = {isic_id for isic_id in ids if archive.requests(f"/files/{isic_id}")}
    assert fetched == {ids[0], *ids[6:]}
    assert list(task.folder.iterdir()) == []


def test_killed_in_the_middle(archive: Archive, home: Path, tmp_path: Path) -> None:
    """`kill -9` of the worker, then "Try again"."""
    ids = chosen(archive, tmp_path)
    for isic_id in ids[5:]:
        archive.always[f"/files/{isic_id}"] = Fault(stall=True)
    from lesionlab.jobs import store
    from lesionlab.jobs.record import read_job

    made = store.submit("download-data", SPEC, "", "skin")
    command = [sys.executable, "-m", "lesionlab.jobs.worker", str(made.folder)]
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as worker:
        # A picture counts as fetched once it stands in the journal, which comes after its file.
        journal = made.folder / FOLDER / JOURNAL
        until(lambda: journal.exists() and journal.read_text().count("\n") == 5, 30)
        worker.kill()
    archive.always = {}
    archive.asked.clear()
    job_again = read_job(made.folder)
    assert job_again is not None
    run_download(Watched(made.folder, job_again.spec))
    assert ids_of("skin") == ids
    assert not any(archive.requests(f"/files/{isic_id}") for isic_id in ids[:5])


def test_an_archive_that_goes_away(
    archive: Archive, task: Watched, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ids = chosen(archive, tmp_path)
    monkeypatch.setattr(downloading, "OUTAGE", 3)
    monkeypatch.setattr(session, "FIRST_WAIT", 0.001)
    for isic_id in archive.records:
        if isic_id not in ids[:2]:
            archive.always[f"/files/{isic_id}"] = Fault(503)
    with pytest.raises(DataError, match="stopped answering") as caught:
        run_download(task)
    assert "Try again later" in str(caught.value)
    archive.always = {}
    run_download(Watched(task.folder, SPEC))
    assert ids_of("skin") == ids


def test_not_one_picture_can_be_had(archive: Archive, task: Watched) -> None:
    archive.always["/files/"] = Fault(body=b"nothing")
    with pytest.raises(DataError, match="None of them can"):
        run_download(task)


def test_too_little_room(archive: Archive, task: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job, "free_space", lambda folder: 1000)
    with pytest.raises(DiskError, match="free space"):
        run_download(task)
    assert not archive.requests("/files/")
    monkeypatch.undo()
    monkeypatch.setenv("LESIONLAB_ISIC_URL", archive.url)
    monkeypatch.setenv("LESIONLAB_HOME", str(task.folder.parent / "home"))
    monkeypatch.setenv("LESIONLAB_DESK_GB", "0.000001")
    with pytest.raises(DiskError, match="on your desk"):
        run_download(Watched(task.folder, SPEC, "ab" * 12))
    assert not archive.requests("/files/")


def test_a_name_that_is_taken_is_told_before_anything_is_asked(
    archive: Archive, task: Watched, tmp_path: Path
) -> None:
    run_download(task)
    archive.asked.clear()
    with pytest.raises(DataError, match="name that is free"):
        run_download(Watched(tmp_path / "other", SPEC))
    with pytest.raises(DataError, match="lower-case letters"):
        run_download(Watched(tmp_path / "other", SPEC | {"name": "../up"}))
    assert not archive.asked


@pytest.mark.parametrize(
    "spec",
    [
        {"per_class": {"mole": 3}},
        {"per_class": {"nv": 0}},
        {"per_class": {}},
        {"licences": []},
        {"licences": ["GPL"]},
        {"seed": -1},
        {"collections": 1},
    ],
)
def test_specs_that_make_no_sense(tmp_path: Path, spec: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="The value of"):
        run_download(Watched(tmp_path / "job", SPEC | spec))


def test_one_number_means_that_of_each_of_the_eight() -> None:
    spec = job.read_spec({"name": "skin", "per_class": 3})
    assert set(spec.per_class.values()) == {3}
    assert sorted(spec.per_class) == ["ak", "bcc", "bkl", "df", "mel", "nv", "scc", "vasc"]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def test_the_command(archive: Archive, capsys: pytest.CaptureFixture[str], home: Path) -> None:
    words = ["data", "download", "--name", "skin", "--per-class", "3", "--class", "nv"]
    assert run(*words, "--license", "cc-0", "--yes") == 2
    assert "It has none" in capsys.readouterr().err
    assert run(*words, "--license", "CC-BY", "--yes") == 0
    told = capsys.readouterr().out
    size = sum(len(archive.files[i]) for i in ids_of("skin"))
    assert f"3 pictures, {in_words(size)}" in told
    assert "NV" in told and "20" in told
    assert "skin: 3 pictures (NV 3), licence CC-BY" in told
    assert not (home / "downloads" / "skin").exists()


def test_the_command_asks_first(
    archive: Archive,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    home: Path,
) -> None:
    monkeypatch.setattr("click.confirm", lambda *_, **options: False)
    assert run("data", "download", "--name", "skin", "--per-class", "2", "--class", "mel") == 130
    assert "2 pictures" in capsys.readouterr().out
    assert not archive.requests("/files/")
    assert not (home / "downloads" / "skin").exists()


def test_ctrl_c_does_not_wait_for_the_network(archive: Archive) -> None:
    archive.always["/files/"] = Fault(stall=True)
    words = ["data", "download", "--name", "skin", "--per-class", "3", "--class", "mel", "--yes"]
    command = [sys.executable, "-c", "from lesionlab.cli import main; main()", *words]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: len(archive.requests("/files/")) == 3)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - start < session.SILENCE_SECONDS - 5
    assert "goes on from there" in told


def test_nothing_is_told_to_anybody_else(archive: Archive, home: Path) -> None:
    """A whole download where every module of Sentry is refused and every foreign address fails."""
    code = """
import socket, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "sentry_sdk" or name.startswith("isic_cli.cli"):
            raise AssertionError(name)
sys.meta_path.insert(0, Refuse())
connect = socket.socket.connect
def only_here(self, address):
    assert address[0] == "127.0.0.1", address
    return connect(self, address)
socket.socket.connect = only_here
from pathlib import Path
from lesionlab.data.isic_archive.job import run_download
from lesionlab.task import QuietTask
folder = Path(sys.argv[1])
folder.mkdir()
run_download(QuietTask(folder, {"name": "skin", "per_class": {"mel": 2}}))
print(sorted(name for name in sys.modules if "sentry" in name or name.startswith("isic_cli.cli")))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(home / "job")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"LESIONLAB_HOME": str(home)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "[]"
    assert len(ids_of("skin")) == 2
