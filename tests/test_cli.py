"""The command line: what it prints, where, and with which status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lesionlab.cli import program
from lesionlab.cli.output import StatusLine, TerminalTask
from lesionlab.cli.train import checked_data, follow, losses, why_not, with_whole_path
from lesionlab.errors import DataError, JobError
from lesionlab.experiment import Experiment, recipe, with_settings
from lesionlab.jobs import lock, queue, store
from lesionlab.jobs.state import State, write_state


class Ran:
    """What a command did."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def call(*arguments: object) -> Ran:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            program.main([str(argument) for argument in arguments])
        return Ran(int(ended.value.code or 0), *capsys.readouterr())

    return call


@pytest.fixture
def folder(tmp_path: Path, rng: np.random.Generator) -> Path:
    """Five pictures in each of two class folders."""
    for code, colour in {"nv": 200, "mel": 60}.items():
        (tmp_path / "pictures" / code).mkdir(parents=True)
        for number in range(5):
            pixels = np.clip(rng.normal(colour, 20, (24, 32, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pictures" / code / f"{code}{number}.png")
    return tmp_path / "pictures"


def told(ran: Ran) -> str:
    """The one line of a user's mistake."""
    assert ran.status == 2
    assert ran.out == ""
    assert len(ran.err.splitlines()) == 1
    assert ran.err.startswith("lesionlab: ")
    return ran.err


def test_the_installed_command_answers_without_keras_or_tables(home: Path) -> None:
    code = """
import sys
from lesionlab.cli import program
try:
    program.main(["runs", "list", "--json"])
finally:
    assert not {"keras", "tensorflow", "pandas", "uvicorn"} & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
    command = Path(sys.executable).with_name("lesionlab")
    version = subprocess.run([command, "--version"], capture_output=True, text=True)
    assert version.stdout.startswith("lesionlab 0.")


def test_help_lists_exactly_what_works(run) -> None:
    def commands(*arguments: str) -> list[str]:
        ran = run(*arguments, "--help")
        assert ran.status == 0
        lines = ran.out.partition("Commands:")[2].splitlines()
        return [line.split()[0] for line in lines if line.strip()]

    top = "data evaluate models predict recipes runs serve train"
    assert commands() == top.split()
    data = "combine delete download import list share show synthesize"
    assert commands("data") == data.split()
    assert commands("runs") == ["cancel", "delete", "export", "list", "resume", "show"]
    assert commands("models") == ["delete", "import", "list"]
    assert "isic2019" in run("data", "import", "--help").out
    assert "onnx" not in run("runs", "export", "--help").out
    assert run().out == run("--help").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("train", "small-cmn"), "Expected a recipe"),
        (("train", "nowhere.toml"), "There is no file"),
        (("train", "small-cnn", "--set", "training.epocs=2"), "unknown key: training.epocs"),
        (("train", "small-cnn", "--set", "training.epochs=0"), "training.phases.0.epochs"),
        (("train", "small-cnn", "--data", "/nowhere"), "Received '/nowhere'"),
        (("runs", "show", "../../etc"), "There is no '../../etc'"),
        (("runs", "cancel", "20260101-000000-x-0000"), "There is no"),
        (("runs", "resume", "x"), "There is no 'x'"),
        (("runs", "export", "x", "--to", "onnx", "y"), "'onnx' is not one of"),
        (("data", "show", "nothing"), "Received 'nothing'"),
        (("data", "delete", "nothing"), "No 'nothing'"),
        (("data", "import", "folder", "/nowhere", "--name", "x"), "/nowhere"),
        (("data", "import", "isic1999", "x", "--name", "x"), "'isic1999' is not one of"),
        (("data", "synthesize", "x", "--per-class", "0"), "0 is not in the range"),
        (("data", "synthesize", "x", "--per-class", "1", "--size", "big"), "such as 450x600"),
        (("predict", "nothing", "x.png"), "nothing"),
        (("models", "import", "/nowhere.lesionlab"), "/nowhere.lesionlab"),
        (("models", "delete", "nothing"), "There is no 'nothing'"),
        (("dance",), "No such command 'dance'"),
        (("data", "list", "--csv"), "No such option"),
    ],
)
def test_a_users_mistake_is_one_line_and_status_2(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert says in told(run(*arguments))
    assert list(tmp_path.iterdir()) == [tmp_path / "home"]


def test_data_from_drawing_to_deleting(run, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn"
    made = run("data", "synthesize", drawn, "--per-class", 1, "--size", "96x128", "--seed", 3)
    assert (made.status, made.out, made.err) == (0, f"{drawn}\n", "")
    assert len((drawn / "labels.csv").read_text().splitlines()) == 9
    with Image.open(next((drawn / "images").iterdir())) as image:
        assert image.size == (128, 96)
    assert "8 pictures" in run("data", "import", "folder", drawn, "--name", "mine").out
    shown = json.loads(run("data", "show", "mine", "--json").out)
    assert (shown["num_images"], shown["drawn"]) == (8, True)
    assert shown["classes"]["mel"] == 1
    assert "Drawn by a program: not skin." in run("data", "show", "mine").out
    names = [info["name"] for info in json.loads(run("data", "list", "--json").out)]
    assert "mine" in names
    assert "mine" in told(run("data", "import", "folder", drawn, "--name", "mine"))
    assert run("data", "delete", "mine").status == 0
    assert "mine" not in run("data", "list").out


def test_import_names_what_it_left_out(run, folder: Path) -> None:
    (folder / "nv" / "broken.png").write_bytes(b"no picture")
    ran = run("data", "import", "folder", folder, "--name", "mine")
    assert ran.out == "mine: 10 pictures (MEL 5, NV 5)\n"
    assert "broken.png" in ran.err


def test_recipes_that_always_exist(run) -> None:
    lines = run("recipes").out.splitlines()
    assert {"small-cnn", "mobilenetv2-quick"} <= {line.split()[0] for line in lines[1:]}


def test_runs_are_listed_shown_cancelled_resumed_and_deleted(run, home: Path) -> None:
    jobs = [store.submit("train", {"experiment": {}}, "a", name) for name in ("one", "two")]
    for job in jobs:
        write_state(job, State("interrupted", 0.5, "It stopped."))
    store.submit("evaluate", {}, "a", "no-run")
    listed = json.loads(run("runs", "list", "--json").out)
    assert [words["id"] for words in listed] == [jobs[1].id, jobs[0].id]
    assert listed[0]["status"] == "interrupted"
    assert f"{jobs[0].id}  interrupted  50 %" in run("runs", "list").out
    shown = json.loads(run("runs", "show", jobs[0].id, "--json").out)
    assert (shown["progress"], shown["evaluation"], shown["epochs"]) == (0.5, None, [])
    assert "It stopped." in run("runs", "show", jobs[0].id).out
    assert "interrupted already" in told(run("runs", "cancel", jobs[0].id))
    assert run("runs", "delete", jobs[1].id).status == 0
    assert len(store.list_jobs("train")) == 1


def test_every_command_moves_the_queue_on(run, home: Path) -> None:
    job = store.submit("train", {}, "a", "dead")
    write_state(job, State("running", 0.5, "Epoch 2"))
    run("recipes")
    assert json.loads((job.folder / "state.json").read_text())["status"] == "interrupted"


def test_a_detached_training_prints_its_id_alone(
    run, home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "tick", lambda: [])
    setting = ("--set", "data.class_set=binary")
    # A file beside us, named from here: the worker is started from who knows where.
    monkeypatch.chdir(folder.parent)
    ran = run("train", "small-cnn", "--data", "pictures", *setting, "--detach")
    assert (ran.status, ran.err) == (0, "")
    job = store.open_job(ran.out.strip())
    assert job.spec["data"] == str(folder)
    assert job.spec["experiment"]["data"]["class_set"] == "binary"
    assert store.read_state(job).place == 1


def test_a_class_with_too_few_pictures_is_told_before_a_job_is_made(run, folder: Path) -> None:
    for path in list((folder / "mel").iterdir())[1:]:
        path.unlink()
    assert "MEL has 1" in told(run("train", "small-cnn", "--data", folder))
    assert store.list_jobs() == []


def test_names_stay_names_and_folders_become_whole(folder: Path) -> None:
    experiment = with_settings(Experiment(), ["data.class_set=binary"])
    assert checked_data(experiment, str(folder)) == str(folder)
    start = with_settings(recipe("small-cnn"), [f"model.weights={folder}"])
    assert with_whole_path(start).model.weights == str(folder)
    assert with_whole_path(recipe("small-cnn")) == recipe("small-cnn")


def test_following_ends_with_the_job(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = store.submit("train", {}, "a", "followed")
    write_state(job, State("failed", error=DataError("Expected A.", "Got B.").to_dict()))
    state = follow(job)
    assert isinstance(why_not(job.id, state), DataError)
    assert str(why_not(job.id, state)) == "Expected A. Got B."
    cancelled = why_not(job.id, State("cancelled"))
    assert isinstance(cancelled, JobError)
    assert f"runs resume {job.id}" in str(cancelled)


def test_control_c_cancels_and_the_second_one_leaves_the_run(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    job = store.submit("train", {}, "a", "followed")
    write_state(job, State("running", 0.1, "Epoch 1"))

    def interrupt() -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(queue, "tick", interrupt)
    with lock.holding(job.folder), pytest.raises(JobError, match="The run goes on"):
        follow(job)
    assert job.cancel_asked
    assert "Ctrl-C again" in capsys.readouterr().err


def test_control_c_asks_work_in_this_process_to_clean_up_first(tmp_path: Path) -> None:
    task = TerminalTask(tmp_path, {}, StatusLine())
    assert not task.cancelled()
    task.stop(2, None)
    assert task.cancelled()
    with pytest.raises(KeyboardInterrupt):
        task.stop(2, None)


def test_losses_of_the_last_epoch() -> None:
    line = {"kind": "epoch", "loss": 1.23456, "validation_loss": 2.0}
    assert losses(line) == "; last epoch: loss 1.235, validation loss 2.000"
    assert losses({"kind": "iteration", "loss": 1.0}) == ""
    assert losses({"kind": "epoch", "loss": None}) == ""
