"""The life of the private service: shared, killed, replaced, idle, and homeless."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from lesionlab import settings
from lesionlab.errors import ServiceError
from lesionlab.experiment import recipe
from lesionlab.service import client, private, server
from lesionlab.service.address import read_address


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home whose service most of these tests share; its end is the service's end."""
    home = tmp_path_factory.mktemp("service-home")
    yield home
    shutil.rmtree(home)


@pytest.fixture
def service(home: Path, shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LESIONLAB_HOME", str(shared_home))
    return shared_home


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def answers() -> bool:
    try:
        return bool(client.describe_experiment(recipe("small-cnn"))["layers"])
    except ServiceError as error:
        assert "is starting" in str(error)
        return False


def alive(pid: int) -> bool:
    """Whether the process runs; a child that ended counts as gone even before it is reaped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_warming_does_not_wait_and_two_starters_share_one(service: Path) -> None:
    begin = time.monotonic()
    client.warm()
    assert time.monotonic() - begin < 0.5
    # A second web server on the same folder, at the same moment.
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: private.ensure(settings.current()), range(4)))
    assert len({address.token for address in found}) == 1
    wait_for(client.ready)
    assert alive(found[0].pid)


def test_a_wrong_token_is_refused(service: Path) -> None:
    address = private.ensure(settings.current())
    answer = httpx.get(
        f"{address.url}/layers", headers={"Authorization": "Bearer no"}, trust_env=False
    )
    assert answer.status_code == 401
    assert httpx.get(f"{address.url}/health", trust_env=False).status_code == 401


def test_killed_it_is_started_anew(service: Path) -> None:
    before = private.ensure(settings.current())
    os.kill(before.pid, signal.SIGKILL)
    wait_for(lambda: not alive(before.pid))
    # The request itself starts the next one; on a busy machine it is told to come again.
    wait_for(answers)
    after = read_address(settings.current())
    assert after is not None
    assert after.token != before.token


def test_killed_at_work_it_says_so(service: Path) -> None:
    address = private.ensure(settings.current())
    wait_for(client.ready)
    os.kill(address.pid, signal.SIGSTOP)  # so that the request surely is under way
    failures: list[Exception] = []

    def ask() -> None:
        try:
            client.describe_experiment(recipe("small-cnn"))
        except ServiceError as error:
            failures.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.5)
    os.kill(address.pid, signal.SIGKILL)
    thread.join(60)
    assert len(failures) == 1
    assert "stopped while it worked" in str(failures[0])
    wait_for(client.ready)


def test_another_setting_replaces_it(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = private.ensure(settings.current())
    monkeypatch.setenv("LESIONLAB_SERVICE_MODELS_MB", "100")
    after = private.ensure(settings.current())
    assert after.token != before.token
    assert private.ensure(settings.current()) == after
    wait_for(lambda: not alive(before.pid))


def test_idle_it_ends_and_takes_its_address_away(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LESIONLAB_SERVICE_IDLE_MINUTES", "0.02")
    address = private.ensure(settings.current())
    wait_for(lambda: not alive(address.pid))
    assert not (home / "service.json").exists()


def test_it_does_not_outlive_its_home(home: Path) -> None:
    address = private.ensure(settings.current())
    shutil.rmtree(home)
    wait_for(lambda: not alive(address.pid))
    assert not home.exists()


def test_a_service_elsewhere_that_is_not_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESIONLAB_SERVICE_URL", "http://127.0.0.1:9")
    assert not client.ready()
    with pytest.raises(ServiceError, match=r"127\.0\.0\.1:9"):
        client.layers("tiny")
    assert not (home / "service.json").exists()


def test_no_part_of_an_answer_waits_for_the_one_before() -> None:
    """Nagle's algorithm and late acknowledgements together cost 40 ms a request."""
    with (
        server._listen("127.0.0.1", 0) as listening,
        socket.create_connection(listening.getsockname()) as asking,
    ):
        accepted, _ = listening.accept()
        with accepted, asking:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
