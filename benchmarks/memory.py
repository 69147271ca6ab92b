"""Memory of everything at once: web server, model service, and one training of `small-cnn`.

Each memory page counts once: a page that several processes share is divided among them (PSS), as a
host counts it. Where the kernel does not tell that, resident pages are summed, which is more.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.prediction import PICTURE
from benchmarks.result import Result, skipped
from benchmarks.web import ROOT, WebServer, web_server
from lesionlab.app.desk import new_desk_id, open_desk
from lesionlab.data.store import FULL_NAME, is_stored
from lesionlab.experiment import recipe, with_settings
from lesionlab.jobs import runs, store
from lesionlab.service import client
from lesionlab.service.address import read_address
from lesionlab.settings import current

NAME = "memory: web, service and one small-cnn training"
BAR_MB = 2200.0
LOOK_SECONDS = 0.2
LONGEST = 900.0
MODEL = "synthetic-small"
EPOCHS = 3


def measure(home: Path) -> list[Result]:
    """The largest sum over the processes while `small-cnn` trains on the full drawn set."""
    if not Path("/proc/self/status").exists():
        return [skipped(NAME, "no /proc on this system")]
    os.environ["LESIONLAB_HOME"] = str(home)
    with web_server(home) as server:
        session = server.connect()
        desk_id = new_desk_id()
        session.query = f"desk={desk_id}"
        session.run()
        _wait_for_the_drawn_set()
        open_desk(desk_id).save(dataset=FULL_NAME, run=MODEL)
        _wake_the_service()
        for page in ("data_explorer", "training", "predict"):
            session.open(page)
            if session.errors:
                raise RuntimeError(f"{page} failed: {session.errors}")
        plan = with_settings(recipe("small-cnn"), [f"training.epochs={EPOCHS}"])
        run = runs.train(plan, desk_id, data=FULL_NAME)
        peak = _watch(server, run)
        session.close()
    megabytes = {name: size / 1000 for name, size in peak.items()}
    parts = ", ".join(f"{name} {size:.0f}" for name, size in megabytes.items())
    how = "shared pages counted once" if _counts_shared_pages() else "shared pages counted twice"
    return [Result(NAME, sum(megabytes.values()), "MB", BAR_MB, note=f"{parts}; {how}")]


def _wait_for_the_drawn_set() -> None:
    """The web server asks for it on its first start, and its ticker starts the job."""
    until = time.monotonic() + LONGEST
    while not is_stored(FULL_NAME):
        if time.monotonic() > until:
            raise RuntimeError("the drawn set was not made")
        time.sleep(1)


def _wake_the_service() -> None:
    picture = subprocess.run(
        [sys.executable, "-c", PICTURE], cwd=ROOT, capture_output=True, check=True
    ).stdout
    client.predict(MODEL, picture, drawn_confirmed=True)


def _watch(server: WebServer, run: runs.Run) -> dict[str, float]:
    """Kilobytes of each part at the moment of the largest sum, until the training has ended."""
    peak: dict[str, float] = {}
    until = time.monotonic() + LONGEST
    while not (state := store.read_state(run.job)).ended:
        if time.monotonic() > until:
            raise RuntimeError("the training does not end")
        address = read_address(current())
        parts = {
            "web": _kilobytes(server.process.pid),
            "service": _kilobytes(address.pid) if address else 0.0,
            "training": sum(_kilobytes(pid) for pid in _workers(run.job.folder)),
        }
        if sum(parts.values()) > sum(peak.values()):
            peak = parts
        time.sleep(LOOK_SECONDS)
    if state.status != "done":
        raise RuntimeError(f"the training ended as {state.status}: {state.message}")
    return peak


def _workers(folder: Path) -> list[int]:
    """The processes that were started with the job's folder as their last word."""
    ending = os.fsencode(folder) + b"\0"
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().endswith(ending):
                found.append(int(path.parent.name))
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            # It ended while we looked, or is somebody else's.
            continue
    return found


def _kilobytes(pid: int) -> float:
    name, key = ("smaps_rollup", "Pss") if _counts_shared_pages() else ("status", "VmRSS")
    try:
        text = Path(f"/proc/{pid}/{name}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    found = re.search(rf"^{key}:\s+(\d+) kB", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def _counts_shared_pages() -> bool:
    return Path("/proc/self/smaps_rollup").exists()
