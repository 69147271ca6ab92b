"""How long the web process works after a page's main control was moved.

Over the real websocket: from the change of the widget to the end of the script. What the model
service took of it is measured by the service itself and told beside it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import importing
from benchmarks.importing import COMMAND_LINE, DATASET
from benchmarks.moving import find, moved
from benchmarks.result import Result
from benchmarks.web import ROOT, Session, WebServer, web_server
from lesionlab.app.desk import first_draft, new_desk_id, open_desk
from lesionlab.data.store import is_stored
from lesionlab.jobs import store
from lesionlab.service import client

BAR = 150.0
REPEATS = 15
LONGEST_JOB = 900.0
# The page's name in its address, and the key of the control that is moved.
CONTROLS = (
    ("", "choose-result"),
    ("data_explorer", "gallery-class"),
    ("data_explorer", "explorer-section"),
    ("convolution", "kernel"),
    ("augmentation", "augment-rotation"),
    ("model_builder", "frozen-0"),
    ("training", "curve-axis"),
    ("look_inside", "inside-layer"),
    ("evaluation", "threshold"),
    ("predict", "picture-number"),
)
QUICK = ("preprocessing.size=[64,64]", "training.epochs=2")


@dataclass(frozen=True)
class Moves:
    """Milliseconds of each rerun of one page: of the web process, and of the service.

    `processor` is the mean time on a processor, which a busy machine does not lengthen much.
    """

    first: float
    processor: float | None
    web: list[float]
    service: list[float]


def measure(archive: Path, home: Path) -> list[Result]:
    """The median rerun of every page, with 10,015 images, a finished run and a draft chosen."""
    os.environ["LESIONLAB_HOME"] = str(home)
    if not is_stored(DATASET):
        # The bar is for the large set: a small one in its place would say nothing about it.
        imported = importing.measure(archive, home)
        if not is_stored(DATASET):
            return imported
    dataset, class_set = DATASET, "ham7"
    run = _finished_run(dataset, class_set)
    draft = first_draft()
    data = draft.data.model_copy(update={"name": dataset, "class_set": class_set})
    chosen = {
        "dataset": dataset,
        "run": run,
        "draft": draft.model_copy(update={"data": data}),
    }
    results = []
    with web_server(home) as server:
        session = server.connect()
        desk_id = new_desk_id()
        open_desk(desk_id).save(**chosen)
        session.query = f"desk={desk_id}"
        session.run()
        _wait_until_quiet()
        for page, key in CONTROLS:
            open_desk(desk_id).save(**chosen)
            moves = _move(server, session, page, key)
            results.append(_result(page or "start", key, moves, dataset))
        session.close()
    return results


def _finished_run(dataset: str, class_set: str) -> str:
    """The id of a small training on all pictures, done now."""
    changes = [f"--set={change}" for change in (*QUICK, f"data.class_set={class_set}")]
    command = [sys.executable, "-c", COMMAND_LINE, "train", "small-cnn", "--data", dataset]
    done = subprocess.run([*command, *changes], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the training failed: {done.stderr.strip()[-500:]}")
    return done.stdout.splitlines()[0].strip()


def _wait_until_quiet() -> None:
    """Let jobs that the web server began come to their end, and the service start."""
    until = time.monotonic() + LONGEST_JOB
    client.warm()
    while not client.ready() or not all(store.read_state(job).ended for job in store.list_jobs()):
        if time.monotonic() > until:
            raise RuntimeError("the machine does not become quiet")
        time.sleep(0.5)


def _move(server: WebServer, session: Session, page: str, key: str) -> Moves:
    first = session.open(page)
    web, service = [], []
    used = server.cpu_seconds()
    for turn in range(REPEATS):
        widget = find(session, key)
        before = _service_seconds()
        seconds = session.run(moved(widget, turn), widget.fragment)
        if session.errors:
            raise RuntimeError(f"{page} failed: {session.errors}")
        service.append(1000 * (_service_seconds() - before))
        web.append(1000 * seconds - service[-1])
    after = server.cpu_seconds()
    processor = None if used is None or after is None else 1000 * (after - used) / REPEATS
    return Moves(1000 * first, processor, web, service)


def _service_seconds() -> float:
    return float(client.health()["seconds_at_work"])


def _result(page: str, key: str, moves: Moves, dataset: str) -> Result:
    beside = statistics.median(moves.service)
    note = f"worst {max(moves.web):.0f} ms, first visit {moves.first:.0f} ms, {dataset}"
    if moves.processor is not None:
        note = f"processor {moves.processor:.0f} ms, {note}"
    if beside:
        note = f"service {beside:.0f} ms beside it; {note}"
    return Result(f"rerun: {page}, {key}", statistics.median(moves.web), "ms", BAR, note=note)
