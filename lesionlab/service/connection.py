"""One request to the model service, wherever it is; started anew when it has died."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import httpx

from lesionlab import errors, settings
from lesionlab.errors import ServiceError
from lesionlab.service import private
from lesionlab.service.address import Address, read_address
from lesionlab.settings import Settings

AT_ONCE = 0.3


def request(method: str, path: str, **options: Any) -> httpx.Response:
    """Send one request and give its good answer.

    Waits while the service starts. A service that cannot be reached is started anew and asked
    again; one that dies at work is started anew, and the user is told.

    Raises:
        LesionlabError: What the service had to say, in its own words and kind.
        ServiceError: The service cannot be reached, or died while it worked.
    """
    configured = settings.current()
    if configured.service_url:
        return _checked(_send_to_url(configured, method, path, options))
    address = read_address(configured)
    if address is None or not address.is_current(configured):
        address = private.ensure(configured)
    begin = time.monotonic()
    try:
        answer = _send(address, method, path, options)
    except httpx.TransportError as error:
        if not isinstance(error, httpx.ConnectError) and time.monotonic() - begin > AT_ONCE:
            start_in_background()
            raise ServiceError(
                "The model service stopped while it worked on this.",
                what_to_do="It is being started anew: try again in a few seconds.",
            ) from error
        # A line that breaks at once was kept open to a service that is dead already.
        answer = None
    if answer is None or answer.status_code == 401:
        # Nobody there, or another program that was given the dead one's port.
        answer = _send_once_more(configured, method, path, options)
    return _checked(answer)


def health() -> dict[str, Any]:
    """What the service says of itself; empty when there is none (yet). Starts nothing."""
    configured = settings.current()
    if configured.service_url:
        try:
            words = _send_to_url(configured, "GET", "/health", {"timeout": 2.0}).json()
        except (ServiceError, ValueError):
            return {}
        return words if isinstance(words, dict) else {}
    address = read_address(configured)
    if address is None or not address.is_current(configured):
        return {}
    return private.health(address, timeout=2.0)


def _send(address: Address, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
    headers = {"Authorization": f"Bearer {address.token}"}
    try:
        return private.http().request(method, address.url + path, headers=headers, **options)
    except httpx.ReadTimeout as error:
        raise ServiceError(
            f"The model service should have answered within {private.ANSWER_SECONDS:.0f} s.",
            what_to_do="The machine may be busy with a training: try again in a moment.",
        ) from error


def _send_once_more(
    configured: Settings, method: str, path: str, options: dict[str, Any]
) -> httpx.Response:
    try:
        return _send(private.ensure(configured), method, path, options)
    except httpx.TransportError:
        raise private.starting() from None


def _send_to_url(
    configured: Settings, method: str, path: str, options: dict[str, Any]
) -> httpx.Response:
    url = str(configured.service_url).rstrip("/")
    token = configured.service_token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        return private.http().request(method, url + path, headers=headers, **options)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise ServiceError(
            f"Expected a model service at {url}.",
            f"It did not answer: {error}.",
            "Start it with `lesionlab serve`, or take LESIONLAB_SERVICE_URL away.",
        ) from error


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    try:
        words = answer.json()
    except ValueError:
        words = None
    if isinstance(words, dict) and "expected" in words:
        raise errors.from_dict(words)
    raise ServiceError(
        "The model service could not do this.",
        f"It answered with status {answer.status_code}.",
        "Try again; its log in the home folder, service.log, says more.",
    )


_starting = threading.Lock()


def start_in_background(then: Callable[[], None] | None = None) -> None:
    """Start the private service in a thread, unless one of these already does.

    Args:
        then: What to ask of it afterwards, in the same thread.
    """
    configured = settings.current()
    if not _starting.acquire(blocking=False):
        return

    def work() -> None:
        try:
            if not configured.service_url:
                private.ensure(configured)
            if then is not None:
                then()
        except errors.LesionlabError as error:
            # The page's own request meets the same error a moment later and shows it.
            private.log.warning("%s", error)
        finally:
            _starting.release()

    threading.Thread(target=work, daemon=True, name="service-start").start()
