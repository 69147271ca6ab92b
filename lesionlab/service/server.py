"""Running the service: a web server's private one, or `lesionlab serve` for good."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import sys
import threading
import time
from contextlib import suppress

import uvicorn
from filelock import FileLock, Timeout

from lesionlab import __version__, settings
from lesionlab.errors import ServiceError
from lesionlab.models.loading import load_keras
from lesionlab.service.address import Address, path_of, read_address, write_address
from lesionlab.service.api import create_app
from lesionlab.service.state import Service
from lesionlab.settings import Settings

WATCH_SECONDS = 1.0
LAST_SECONDS = 60.0

log = logging.getLogger(__name__)


def serve(host: str = "127.0.0.1", port: int = 8000, model: str | None = None) -> None:
    """Run the service until it is interrupted.

    Requests must carry the token of the settings (LESIONLAB_SERVICE_TOKEN), if there is one.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        model: The model for requests that name none: a run's id, a name, or a bundle's path.

    Raises:
        ServiceError: The port cannot be had.
        JobError, BundleError: There is no such model.
    """
    _log_to_standard_error()
    # TensorFlow would take a GPU's whole memory, and leave no training beside it any.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    configured = settings.current()
    token = configured.service_token or None
    service = Service(configured, token, model=model)
    listening = _listen(host, port)
    with listening:
        where = f"http://{host}:{listening.getsockname()[1]}"
        log.info("lesionlab service on %s, its requests explained on %s/docs", where, where)
        if token is None and host not in ("127.0.0.1", "localhost", "::1"):
            log.warning("Everyone who reaches %s may use it: set LESIONLAB_SERVICE_TOKEN.", where)
        server = _server(service)
        # While nothing else runs, since it keeps standard error to itself.
        load_keras()
        service.load_keras()
        if model is not None:
            # Before the first request: a wrong name must be told now, not to a hospital's program.
            service.loaded(model)
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listening])


def serve_privately() -> None:
    """Run the private service of this home folder until it is idle, replaced or homeless."""
    _log_to_standard_error()
    configured = settings.current()
    service = Service(configured, secrets.token_urlsafe(32), private=True)
    with _listen("127.0.0.1", 0) as listening:
        address = Address(
            port=listening.getsockname()[1],
            token=str(service.token),
            version=__version__,
            settings=configured.digest(),
            pid=os.getpid(),
        )
        server = _server(service)
        write_address(configured, address)
        # The port answers from here on; Keras takes seconds and comes in its own time.
        threading.Thread(target=service.load_keras, daemon=True).start()
        threading.Thread(target=_watch, args=(service, server, address), daemon=True).start()
        try:
            server.run(sockets=[listening])
        finally:
            _withdraw(configured, address)


def _listen(host: str, port: int) -> socket.socket:
    try:
        listening = socket.create_server((host, port), backlog=128)
        # Its connections inherit this. Without it the second part of each answer waits 40 ms for
        # word that the first has come; asyncio sees to that only for sockets it made itself.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except (OSError, OverflowError) as error:
        raise ServiceError(
            f"Expected to listen on {host}, port {port}.",
            f"That is not possible: {error}.",
            "Choose another --port, or end the program that has it.",
        ) from error


def _server(service: Service) -> uvicorn.Server:
    config = uvicorn.Config(
        create_app(service),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
        server_header=False,
    )
    return uvicorn.Server(config)


def _watch(service: Service, server: uvicorn.Server, address: Address) -> None:
    """Ask the server to end when it has been idle, was replaced, or its home is gone."""
    limit = 60 * service.settings.service_idle_minutes
    while not service.stopping.wait(WATCH_SECONDS):
        if read_address(service.settings) != address:
            log.info("service.json is no longer ours: ending.")
            break
        idle = time.monotonic() - service.last_used
        if idle > limit and not service.active_requests:
            log.info("Not used for %.0f s: ending.", idle)
            break
    server.should_exit = True
    # Requests under way may finish; one that hangs does not keep a replaced service alive.
    time.sleep(LAST_SECONDS)
    os._exit(1)


def _withdraw(configured: Settings, address: Address) -> None:
    """Take our address away, unless another service is being started at this moment."""
    # Looked at first without the lock, whose file would stay behind in a home that is going.
    if read_address(configured) != address:
        return
    try:
        with FileLock(configured.home / "service.lock", timeout=0):
            if read_address(configured) == address:
                path_of(configured).unlink()
    except Timeout:
        log.info("Another service is being started; it writes its own address.")


def _log_to_standard_error() -> None:
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)


if __name__ == "__main__":
    serve_privately()
