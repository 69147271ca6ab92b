"""The data explorer at scale: as many pictures as ISIC 2019, and a table of a million rows.

Over the real websocket, every section is opened and its main controls are moved. What counts, and
is held against the bar, is the time from the change to the end of the script, as a reader waits for
it; other work on the machine lengthens it. Beside it stands the time of the processor that the web
process used meanwhile, which other work hardly changes. Memory is that of the web process.
"""

from __future__ import annotations

import os
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.large_set import store_large
from benchmarks.moving import find, moved
from benchmarks.result import Result, skipped
from benchmarks.web import Session, WebServer, web_server
from lesionlab.app.desk import first_draft, new_desk_id, open_desk
from lesionlab.jobs import store

PICTURES, ROWS = 25_331, 1_000_000
FILES_OF_ROWS = 640
BAR_MS = 1000.0
BAR_TABLE_MB = 1000.0
BAR_GROWTH_MB = 30.0
BAR_READER_MB = 200.0
REPEATS = 6
LONGEST_JOB = 900.0
GALLERY_PAGES = 50
SECTION = "explorer-section"
# The main controls of each section; `{name}` is the data set's.
CONTROLS = {
    "First look": ("gallery-class", "gallery-page"),
    "Who and where": ("crossed-first-{name}", "crossed-unit"),
    "Light and skin": ("brightness-unit", "alike-bits"),
    "Prepare": ("prepare-crop_border", "prepare-remove_hair", "prepare-fit"),
    "Split": ("split-seed", "split-group", "split-cuts", "class-set", "per-class"),
    "Table and licence": ("table-sort", "table-page"),
}


@dataclass
class Moves:
    """The reruns of a section: when it was opened, and as its controls moved.

    Attributes:
        opened: Milliseconds until the script had ended, and of the processor.
        moved: The same for each move of a control.
        slowest: The control that took longest; `dearest` is that which used the processor most.
        absent: Keys that the section does not show with this set.
    """

    opened: tuple[float, float]
    moved: list[tuple[float, float]] = field(default_factory=list)
    slowest: str = ""
    dearest: str = ""
    absent: list[str] = field(default_factory=list)


def measure(home: Path) -> list[Result]:
    """All sections with both sets, and the memory that they take."""
    if not Path("/proc/self/status").exists():
        return [skipped("scale of the data explorer", "no /proc on this system")]
    os.environ["LESIONLAB_HOME"] = str(home)
    begin = time.perf_counter()
    store_large(home, "pictures", PICTURES, PICTURES)
    store_large(home, "million", ROWS, FILES_OF_ROWS)
    load = f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    results = [Result("two large sets made", time.perf_counter() - begin, "s", note=load)]
    with web_server(home) as server:
        _wait_until_quiet(server)
        for name, rows in (("pictures", PICTURES), ("million", ROWS)):
            before = server.memory_mb() or 0.0
            session = _browser(server, name)
            for section, keys in CONTROLS.items():
                moves = _move(server, session, section, [key.format(name=name) for key in keys])
                results.append(_result(f"{rows:,} rows: {section}", moves))
            used = (server.memory_mb() or 0.0) - before
            if rows == ROWS:
                note = "resident, with all that its sections keep"
                what = f"memory of {rows:,} rows, all sections"
                results.append(Result(what, used, "MB", BAR_TABLE_MB, note=note))
                results.append(_second_browser(server, name))
            else:
                results.append(_gallery(server, session))
            session.close()
    return results


def _wait_until_quiet(server: WebServer) -> None:
    """Let the drawn set that the first start asks for be made."""
    session = server.connect()
    session.run()
    until = time.monotonic() + LONGEST_JOB
    while not store.list_jobs() or not all(
        store.read_state(job).ended for job in store.list_jobs()
    ):
        if time.monotonic() > until:
            raise RuntimeError("the machine does not become quiet")
        time.sleep(0.5)
    session.close()


def _browser(server: WebServer, name: str) -> Session:
    """A tab of a new desk with this data set, on the data explorer."""
    session = server.connect()
    draft = first_draft()
    data = draft.data.model_copy(update={"name": name, "class_set": "isic9"})
    desk_id = new_desk_id()
    open_desk(desk_id).save(dataset=name, draft=draft.model_copy(update={"data": data}))
    session.query = f"desk={desk_id}"
    session.run()
    session.open("data_explorer")
    return session


def _move(server: WebServer, session: Session, section: str, keys: list[str]) -> Moves:
    """Open a section and move each of its controls."""
    used = server.cpu_seconds() or 0.0
    seconds = _open(session, section)
    moves = Moves((1000 * seconds, 1000 * ((server.cpu_seconds() or 0.0) - used)))
    for key in keys:
        for turn in range(REPEATS):
            try:
                widget = find(session, key)
            except LookupError:
                moves.absent.append(key)
                break
            used = server.cpu_seconds() or 0.0
            wall = 1000 * session.run(moved(widget, turn), widget.fragment)
            processor = 1000 * ((server.cpu_seconds() or 0.0) - used)
            _no_errors(session, section)
            if wall > max((one for one, _ in moves.moved), default=0.0):
                moves.slowest = key
            if processor > max((other for _, other in moves.moved), default=0.0):
                moves.dearest = key
            moves.moved.append((wall, processor))
    return moves


def _open(session: Session, section: str) -> float:
    widget = find(session, SECTION)
    state = WidgetState(id=widget.content.id)
    state.string_array_value.data.append(section)
    seconds = session.run(state)
    _no_errors(session, section)
    return seconds


def _no_errors(session: Session, section: str) -> None:
    if session.errors:
        raise RuntimeError(f"{section} failed: {session.errors}")


def _result(name: str, moves: Moves) -> Result:
    """The longest wait of a section, with what the processor did meanwhile."""
    wall, processor = moves.opened
    note = f"opened in {wall:.0f}, processor {processor:.0f}"
    if moves.moved:
        walls, processors = zip(*moves.moved, strict=True)
        note += (
            f"; moved in {statistics.median(walls):.0f} (median) to {max(walls):.0f} "
            f"({moves.slowest}), processor {statistics.median(processors):.0f} to "
            f"{max(processors):.0f} ({moves.dearest})"
        )
        wall = max(wall, *walls)
    if moves.absent:
        note += f"; not shown: {', '.join(moves.absent)}"
    return Result(f"{name}, worst", wall, "ms", BAR_MS, note=note)


def _gallery(server: WebServer, session: Session) -> Result:
    """What the process has grown by after many pages of other pictures."""
    _open(session, "First look")
    before = server.memory_mb() or 0.0
    for turn in range(GALLERY_PAGES):
        widget = find(session, "gallery-page")
        session.run(moved(widget, turn), widget.fragment)
        _no_errors(session, "First look")
    grown = (server.memory_mb() or 0.0) - before
    what = f"growth after {GALLERY_PAGES} pages of the gallery"
    return Result(what, grown, "MB", BAR_GROWTH_MB)


def _second_browser(server: WebServer, name: str) -> Result:
    """What a second reader of the same set adds."""
    before = server.memory_mb() or 0.0
    session = _browser(server, name)
    for section in CONTROLS:
        _open(session, section)
    session.close()
    grown = (server.memory_mb() or 0.0) - before
    note = "less than a table of its own"
    return Result("a second reader of the same rows", grown, "MB", BAR_READER_MB, note=note)
