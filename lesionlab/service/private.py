"""Starting the private service: one a home folder, whoever asks first.

A file lock is held from the look at service.json until the new service has written its own, so
two web servers on one folder never start two.
"""

from __future__ import annotations

import atexit
import logging
import os
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from filelock import FileLock, Timeout

from lesionlab.errors import ServiceError, disk_errors
from lesionlab.service.address import Address, read_address
from lesionlab.settings import ROOT, Settings

START_SECONDS = 25.0
ANSWER_SECONDS = 90.0
LOG_BYTES = 2_000_000

log = logging.getLogger(__name__)


@cache
def http() -> httpx.Client:
    """The one HTTP client of this process: it keeps connections open, and threads may share it.

    It looks at no proxy in the environment, which must never see a picture.
    """
    timeout = httpx.Timeout(ANSWER_SECONDS, connect=2.0)
    client = httpx.Client(trust_env=False, timeout=timeout)
    atexit.register(client.close)
    return client


def starting() -> ServiceError:
    """What a user reads while the service is not there yet."""
    return ServiceError(
        "The model service is starting; its first start takes some seconds.",
        what_to_do="Try again in a moment.",
    )


def health(address: Address, timeout: float = 5.0) -> dict[str, Any]:
    """What the service at this address says of itself; empty when none of ours answers there."""
    headers = {"Authorization": f"Bearer {address.token}"}
    try:
        answer = http().get(f"{address.url}/health", headers=headers, timeout=timeout)
        words = answer.json() if answer.status_code == 200 else {}
    except httpx.ReadTimeout:
        # It took the connection but is silent: loading TensorFlow holds Python's lock for seconds
        # on a slow disk. A dead service's port refuses at once.
        return {"status": "starting"}
    except (httpx.HTTPError, ValueError):
        return {}
    return words if isinstance(words, dict) and "status" in words else {}


def ensure(settings: Settings, seconds: float = START_SECONDS) -> Address:
    """The address of a live private service of this version and these settings.

    Starts one where there is none, and replaces one that is out of date. Waits until it answers,
    not until Keras is loaded.

    Raises:
        ServiceError: It could not be started, or not in time.
    """
    until = time.monotonic() + seconds
    try:
        with disk_errors("the address of the model service"):
            settings.home.mkdir(parents=True, exist_ok=True)
            with FileLock(settings.home / "service.lock", timeout=seconds):
                old = read_address(settings)
                if old is not None:
                    if old.is_current(settings) and health(old):
                        return old
                    ask_to_stop(old)
                return _start(settings, old, until)
    except Timeout:
        raise starting() from None


def ask_to_stop(address: Address) -> None:
    """Ask a service to end once its running requests are done. It may be gone already."""
    headers = {"Authorization": f"Bearer {address.token}"}
    try:
        http().post(f"{address.url}/shutdown", headers=headers, timeout=2)
    except httpx.HTTPError as error:
        log.info("The old service at %s did not answer: %s", address.url, error)


def stop(settings: Settings) -> None:
    """End the private service of this home folder, if there is one."""
    address = read_address(settings)
    if address is not None:
        ask_to_stop(address)


def _start(settings: Settings, old: Address | None, until: float) -> Address:
    child = _spawn(settings)
    # Waiting in a thread of its own reaps the child when it ends, so that no zombie stays.
    threading.Thread(target=child.wait, daemon=True, name="service-reaper").start()
    while time.monotonic() < until:
        address = read_address(settings)
        if address is not None and (old is None or address.token != old.token):
            return address
        if child.poll() is not None:
            raise ServiceError(
                "The model service could not start.",
                f"It ended with status {child.returncode}: {_last_line(settings)}",
                f"More stands in {settings.home / 'service.log'}.",
            )
        time.sleep(0.05)
    raise starting()


def _spawn(settings: Settings) -> subprocess.Popen[bytes]:
    log_path = settings.home / "service.log"
    if log_path.exists() and log_path.stat().st_size > LOG_BYTES:
        log_path.replace(settings.home / "service.log.1")
    command = [sys.executable, "-m", "lesionlab.service.server"]
    with log_path.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _last_line(settings: Settings) -> str:
    text = (settings.home / "service.log").read_text("utf-8", errors="replace")
    return (text.strip().splitlines() or ["it said nothing."])[-1][:300]


def _environment(settings: Settings) -> dict[str, str]:
    """This process's environment with paths made absolute, since the child's folder is another."""
    environment = dict(os.environ)
    environment["LESIONLAB_HOME"] = str(settings.home)
    if settings.weights is not None:
        environment["LESIONLAB_WEIGHTS"] = str(settings.weights)
    if "LESIONLAB_IMPORT_ROOTS" in environment:
        environment["LESIONLAB_IMPORT_ROOTS"] = os.pathsep.join(map(str, settings.import_roots))
    if "LESIONLAB_SETTINGS" in environment:
        environment["LESIONLAB_SETTINGS"] = str(Path(environment["LESIONLAB_SETTINGS"]).resolve())
    paths = [str(ROOT), *environment.get("PYTHONPATH", "").split(os.pathsep)]
    environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    environment["PYTHONUNBUFFERED"] = "1"
    # One picture at a time needs no GPU, and TensorFlow would take all of its memory from the
    # training beside it. `lesionlab serve` uses the GPU.
    environment["CUDA_VISIBLE_DEVICES"] = ""
    return environment
