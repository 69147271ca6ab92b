"""A server of its own on a free loopback port, and Chromium to look at it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    expect,
    sync_playwright,
)

from lesionlab.jobs import store
from lesionlab.jobs.state import State, write_state

ROOT = Path(__file__).resolve().parent.parent.parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# On a deep link Streamlit looks for its own addresses below the page's path first.
PROBES = re.compile(r"/[a-z_]+/_stcore/(health|host-config)$")
START_SECONDS = 60
# A machine with other work takes its time; whoever is quick waits for none of it.
expect.set_options(timeout=60_000)


@dataclass
class Seen:
    """What the browser did: requests that left the machine, and errors on its console."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def outside(self) -> list[str]:
        """Addresses that are not on this machine."""
        parts = [(url, urlsplit(url)) for url in self.requests]
        return [
            url
            for url, part in parts
            if part.scheme not in ("data", "blob") and part.hostname not in LOOPBACK
        ]


@pytest.fixture
def server(home: Path) -> Iterator[str]:
    """The address of the app, run as a user runs it, on a home folder of its own.

    The full drawn data set is called off beforehand: it would hold the one slot for a minute.
    """
    job = store.ensure_synthetic()
    assert job is not None
    write_state(job, State("cancelled", message="Cancelled."))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    options = ["--server.address=127.0.0.1", f"--server.port={port}", "--server.headless=true"]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            env={**os.environ, "LESIONLAB_HOME": str(home)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_healthy(f"http://127.0.0.1:{port}", process, home / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        _stop_everything(home)


def _wait_until_healthy(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"The server did not start:\n{log.read_text()}")


def _stop_everything(home: Path) -> None:
    """Workers and the model service outlive the server on purpose; here they must not."""
    from lesionlab.service import client

    for job in store.list_jobs():
        if not store.read_state(job).ended:
            store.request_cancel(job.id)
    client.stop()
    # One that was just being started finds no home any more, and ends by itself.
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium from the system, else Playwright's own; without either the test is skipped.

    It ends with its module: while Playwright lives, its event loop runs in this thread, and other
    tests could run none of their own.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        except Error as error:
            reason = f"no Chromium can be started: {error.message.splitlines()[0]}"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        yield browser
        browser.close()


def open_context(chromium: Browser, width: int, dark: bool = False) -> tuple[BrowserContext, Seen]:
    """A fresh browser profile whose requests and console errors are written down."""
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    seen = Seen()
    context.on("request", lambda request: seen.requests.append(request.url))

    def watch(page: Page) -> None:
        page.on("websocket", lambda socket: seen.requests.append(socket.url))
        page.on("console", lambda message: _note(message, seen))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))

    context.on("page", watch)
    context.set_default_timeout(60_000)
    return context, seen


def _note(message: ConsoleMessage, seen: Seen) -> None:
    if message.type == "error" and not PROBES.search(message.location.get("url", "")):
        seen.errors.append(f"{message.text} ({message.location.get('url', '')})")


@pytest.fixture
def desktop(chromium: Browser) -> Iterator[tuple[BrowserContext, Seen]]:
    """A wide window."""
    context, seen = open_context(chromium, 1440)
    yield context, seen
    context.close()


@pytest.fixture
def phone(chromium: Browser) -> Iterator[tuple[BrowserContext, Seen]]:
    """A narrow one, in the dark."""
    context, seen = open_context(chromium, 390, dark=True)
    yield context, seen
    context.close()
