"""Which pictures a step sees."""

import threading
import time
from contextlib import closing

import numpy as np
import pytest

from lesionlab.training.batches import ahead, epoch_order, num_steps


def test_every_picture_once_and_the_last_batch_filled_up():
    order = epoch_order(seed=0, epoch=0, num_images=10, batch_size=4)
    assert order.shape == (3, 4)
    assert num_steps(10, 4) == 3
    assert sorted(order.ravel()[:10]) == list(range(10))
    np.testing.assert_array_equal(order.ravel()[10:], order.ravel()[:2])


def test_order_depends_on_seed_and_epoch_alone():
    def order(seed, epoch):
        return epoch_order(seed, epoch, 50, 8).tolist()

    assert order(1, 2) == order(1, 2)
    assert order(1, 2) != order(1, 3)
    assert order(1, 2) != order(2, 2)


def test_fewer_pictures_than_a_batch():
    assert epoch_order(0, 0, 3, 32).shape == (1, 3)


def test_ahead_keeps_the_order_and_starts_anywhere():
    with closing(ahead(lambda step: step * step, 3, 7)) as made:
        assert list(made) == [9, 16, 25, 36]
    assert list(ahead(lambda step: step, 4, 4)) == []


def test_ahead_works_while_the_last_one_is_used():
    begun = threading.Event()

    def make(step):
        if step == 1:
            begun.set()
        return step

    with closing(ahead(make, 0, 2)) as made:
        next(made)
        assert begun.wait(5)


def test_an_error_comes_out_and_the_thread_ends():
    def make(step):
        raise OSError("the disk went away")

    with pytest.raises(OSError, match="went away"), closing(ahead(make, 0, 3)) as made:
        next(made)
    deadline = time.monotonic() + 5
    while any(thread.name.startswith("batches") for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
