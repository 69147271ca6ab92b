"""Talking to the ISIC Archive: isic-cli's session, and how long to wait for an answer.

`isic_cli.session.IsicCliSession` knows the archive's address, headers and paging. Its own patience
is up to fifteen waits of as much as two minutes that nothing can interrupt; ours is shorter, obeys
the archive's Retry-After, and ends at once when the user stops the job.

Nothing is reported to anybody: only the module `isic_cli.cli`, the program `isic`, sets up Sentry
and looks for newer versions, and it is not imported here (a test holds this).

The address is the setting `isic_url`: the archive's own, or what LESIONLAB_ISIC_URL says (such as
http://127.0.0.1:8000/api/v2/), for a mirror and for tests.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from isic_cli.session import IsicCliSession  # type: ignore[import-untyped]
from requests import Response
from requests.exceptions import (
    ChunkedEncodingError,
    ConnectionError,
    ContentDecodingError,
    RequestException,
    Timeout,
)
from urllib3.exceptions import InvalidHeader
from urllib3.util.retry import Retry

from lesionlab import settings
from lesionlab.errors import Cancelled, DataError

BUSY = frozenset({429, 500, 502, 503, 504})
CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 15.0
ATTEMPTS = 6
# The first wait; each further one is twice as long. Six attempts wait half a minute in all.
FIRST_WAIT = 1.0
LONGEST_WAIT = 120.0
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Answer = TypeVar("Answer")


class NoAnswer(DataError):
    """The archive did not answer, however often it was asked."""


class Busy(Exception):
    """An answer that means "later": 429, or a mistake on the archive's side.

    Attributes:
        wait: Seconds that the archive asks for, 0 when it does not say.
    """

    def __init__(self, status: int, wait: float) -> None:
        super().__init__(f"it answered with status {status}")
        self.wait = wait


def archive_url() -> str:
    """Where the archive is asked, with a slash at its end."""
    return settings.current().isic_url.rstrip("/") + "/"


class ArchiveSession(IsicCliSession):
    """isic-cli's session, which says `Busy` where that one waits by itself."""

    def __init__(self, base_url: str | None = None) -> None:
        url = base_url or archive_url()
        super().__init__(url, retry_strategy=Retry(total=0, redirect=False, raise_on_status=False))
        if urlsplit(url).hostname in LOOPBACK:
            self.trust_env = False  # a proxy does not know this machine's own addresses

    def request(self, *args: Any, **options: Any) -> Response:
        """As that of requests.

        Raises:
            Busy: The answer means "later". RequestException: There was none.
        """
        options.setdefault("timeout", (CONNECT_SECONDS, SILENCE_SECONDS))
        answer = super().request(*args, **options)
        if answer.status_code in BUSY:
            answer.close()
            raise Busy(answer.status_code, _asked_wait(answer))
        return answer


def _asked_wait(answer: Response) -> float:
    try:
        return Retry().parse_retry_after(answer.headers.get("Retry-After", "0"))
    except InvalidHeader:
        return 0.0


class Patience:
    """Asks again until there is an answer; shared by all threads of a download.

    A Retry-After holds all of them back, a cut connection only the one that met it.
    """

    def __init__(self, attempts: int = ATTEMPTS, stop: threading.Event | None = None) -> None:
        self.attempts = attempts
        self.stop = stop or threading.Event()
        self._quiet_until = 0.0

    @property
    def held(self) -> bool:
        """Whether the archive has asked to be left in peace for a while."""
        return time.monotonic() < self._quiet_until

    def ask(self, send: Callable[[], Answer], title: str = "The ISIC Archive") -> Answer:
        """What `send` gives, at the first attempt that succeeds.

        Args:
            send: Asks once; may raise `Busy` or an error of requests.
            title: What a sentence calls that which was asked for.

        Raises:
            NoAnswer: Every attempt failed. Cancelled: `stop` was set meanwhile.
        """
        for attempt in range(self.attempts):
            self._wait_until(self._quiet_until)
            try:
                return send()
            except Busy as error:
                problem, asked = str(error), error.wait
                if asked:
                    # Another thread may have been told to wait for longer.
                    until = time.monotonic() + min(asked, LONGEST_WAIT)
                    self._quiet_until = max(self._quiet_until, until)
            except (
                ConnectionError,
                Timeout,
                ChunkedEncodingError,
                ContentDecodingError,
            ) as error:
                problem = _in_words(error)
            if attempt + 1 < self.attempts:
                wait = min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)
                self._wait_until(time.monotonic() + wait)
        raise NoAnswer(
            f"{title} could not be reached.",
            f"Asked {self.attempts} times at {urlsplit(archive_url()).netloc}: {problem}."
            if self.attempts > 1
            else f"Asked at {urlsplit(archive_url()).netloc}: {problem}.",
            "Check the connection to the internet, and try again in a few minutes.",
        )

    def _wait_until(self, moment: float) -> None:
        while True:
            if self.stop.is_set():
                raise Cancelled
            left = moment - time.monotonic()
            if left <= 0:
                return
            self.stop.wait(left)


def _in_words(error: RequestException) -> str:
    text = str(error)
    if isinstance(error, Timeout) or "timed out" in text.lower():
        return "no answer in time"
    if isinstance(error, ChunkedEncodingError) or "IncompleteRead" in text:
        return "the connection was cut"
    return "no connection"
