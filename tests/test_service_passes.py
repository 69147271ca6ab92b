"""Two at a time, the third waits or is told so."""

import threading
import time

import pytest

from lesionlab.errors import ServiceError
from lesionlab.service.passes import Passes


def test_a_third_pass_is_refused_with_a_sentence() -> None:
    passes = Passes(limit=2, patience=0.05)
    with (
        passes.one(),
        passes.one(),
        pytest.raises(ServiceError, match="2 pictures at a time"),
        passes.one(),
    ):
        pass


def test_a_third_pass_gets_the_place_that_becomes_free() -> None:
    passes = Passes(limit=2, patience=5)
    most, now, lock = [0], [0], threading.Lock()

    def work() -> None:
        with passes.one():
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            time.sleep(0.02)
            with lock:
                now[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 2


def test_a_place_is_given_back_after_an_error() -> None:
    passes = Passes(limit=1, patience=0.05)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), passes.one():
            raise ZeroDivisionError
    with passes.one():
        pass
