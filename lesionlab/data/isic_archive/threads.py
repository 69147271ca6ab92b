"""Threads that may wait for an answer for a while, and for which nobody waits in turn.

The threads of `concurrent.futures` are joined when the program ends: after Ctrl-C it would stand
until the network's silence is over.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

Result = TypeVar("Result")


class LooseThreads:
    """Some threads that do work in the order in which it comes."""

    def __init__(self, number: int) -> None:
        self._work: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None]
        self._work = queue.SimpleQueue()
        self._number = number
        for _ in range(number):
            threading.Thread(target=self._run, daemon=True, name="isic-archive").start()

    def submit(self, work: Callable[[], Result]) -> Future[Result]:
        """Have the work done; the future gives its result or its error."""
        future: Future[Result] = Future()
        self._work.put((future, work))
        return future

    def leave(self) -> None:
        """Have each thread end after the work that it has begun; what waits is not begun."""
        with suppress(queue.Empty):
            while (waiting := self._work.get_nowait()) is not None:
                waiting[0].cancel()
        for _ in range(self._number):
            self._work.put(None)

    def _run(self) -> None:
        while (given := self._work.get()) is not None:
            future, work = given
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = work()
            # Whoever asked decides what it means.
            except BaseException as error:  # noqa: BLE001
                future.set_exception(error)
            else:
                future.set_result(result)
