"""Few forward passes at once, so that a whole class does not fill the machine's memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from lesionlab.errors import ServiceError


class Passes:
    """A gate that lets `limit` pieces of work in; the others wait up to `patience` seconds."""

    def __init__(self, limit: int = 2, patience: float = 5.0) -> None:
        self.limit = limit
        self.patience = patience
        self._places = threading.BoundedSemaphore(limit)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold one place while the block runs.

        Raises:
            ServiceError: No place became free in time.
        """
        if not self._places.acquire(timeout=self.patience):
            raise ServiceError(
                f"The model service works on {self.limit} pictures at a time.",
                f"All places were taken for {self.patience:.0f} s.",
                "Try again in a moment.",
            )
        try:
            yield
        finally:
            self._places.release()
