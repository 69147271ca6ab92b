"""The real web server, asked over its websocket as a browser asks it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import InvalidHandshake
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parent.parent
FINISHED_EARLY = ForwardMsg.ScriptFinishedStatus.FINISHED_EARLY_FOR_RERUN
SCRIPT_SECONDS = 120.0


class WebServer:
    """`streamlit run streamlit_app.py` on a free port, with a home folder of its own."""

    def __init__(self, home: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
        command += [f"--server.port={self.port}", "--server.address=127.0.0.1"]
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            [*command, "--server.headless=true"],
            cwd=ROOT,
            env={**os.environ, "LESIONLAB_HOME": str(home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def connect(self, seconds: float = 60) -> Session:
        """A browser tab, as soon as the server takes one."""
        until = time.monotonic() + seconds
        while True:
            try:
                return Session(self.port)
            except (OSError, InvalidHandshake):
                if time.monotonic() > until or self.process.poll() is not None:
                    raise
                time.sleep(0.01)

    def memory_mb(self) -> float | None:
        """Resident memory in MB; None where /proc is missing."""
        path = Path(f"/proc/{self.process.pid}/status")
        if not path.exists():
            return None
        found = re.search(r"VmRSS:\s+(\d+) kB", path.read_text())
        return int(found[1]) / 1000 if found else None

    def cpu_seconds(self) -> float | None:
        """Processor time that the process has used, in seconds; None where /proc is missing."""
        path = Path(f"/proc/{self.process.pid}/stat")
        if not path.exists():
            return None
        words = path.read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def loaded_libraries(self) -> str:
        """The paths of all libraries that the process has mapped."""
        return Path(f"/proc/{self.process.pid}/maps").read_text()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@contextmanager
def web_server(home: Path) -> Iterator[WebServer]:
    server = WebServer(home)
    try:
        yield server
    finally:
        server.stop()


@dataclass(frozen=True)
class Widget:
    """A control as the browser got it: its kind, its protobuf, the fragment it stands in."""

    kind: str
    content: Any
    fragment: str


class Session:
    """One browser tab: knows the pages, the widgets of the last run, and what was set."""

    def __init__(self, port: int) -> None:
        self.socket: ClientConnection = connect(
            f"ws://127.0.0.1:{port}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            compression=None,
            max_size=None,
            proxy=None,
        )
        self.query = ""
        self.page = ""
        self.pages: dict[str, str] = {}
        self.widgets: dict[str, Widget] = {}
        self.errors: list[str] = []

    def run(self, change: WidgetState | None = None, fragment: str = "") -> float:
        """Run the script as after a change of one widget, and wait for its end, in seconds.

        Args:
            change: The widget's new state.
            fragment: The fragment in which the widget stands; only that runs again.
        """
        message = BackMsg()
        state = message.rerun_script
        state.query_string = self.query
        state.page_script_hash = self.page
        state.fragment_id = fragment
        if change is not None:
            state.widget_states.widgets.append(change)
        self.errors = []
        if not fragment:
            self.widgets = {}
        begin = time.perf_counter()
        self.socket.send(message.SerializeToString())
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(self.socket.recv(timeout=SCRIPT_SECONDS))  # type: ignore[arg-type]
            kind = answer.WhichOneof("type")
            if kind == "script_finished" and answer.script_finished != FINISHED_EARLY:
                return time.perf_counter() - begin
            self._notice(kind, answer)

    def open(self, name: str) -> float:
        """Go to a page by the name in its address, as `data_explorer`; the start page is ""."""
        self.page = self.pages[name]
        return self.run()

    def close(self) -> None:
        self.socket.close()

    def _notice(self, kind: str | None, answer: ForwardMsg) -> None:
        if kind == "navigation":
            pages = answer.navigation.app_pages
            self.pages = {page.url_pathname: page.page_script_hash for page in pages}
        elif kind == "page_info_changed":
            self.query = answer.page_info_changed.query_string
        elif kind == "delta" and answer.delta.WhichOneof("type") == "new_element":
            element = answer.delta.new_element
            name = element.WhichOneof("type")
            content = getattr(element, name)
            if name == "exception":
                self.errors.append(f"{content.type}: {content.message}")
            elif str(getattr(content, "id", "")).startswith("$$"):
                self.widgets[content.id] = Widget(name, content, answer.delta.fragment_id)
