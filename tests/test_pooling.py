"""Pooling against answers worked out by hand, and against Keras."""

from __future__ import annotations

import numpy as np
import pytest

from lesionlab.errors import LesionlabError
from lesionlab.images.pooling import pool

COUNTING = np.arange(20).reshape(4, 5)  # 0..4 / 5..9 / 10..14 / 15..19


def test_by_hand() -> None:
    # The fifth column is left over.
    assert pool(COUNTING, 2, "max").tolist() == [[6, 8], [16, 18]]
    assert pool(COUNTING, 2, "sum").tolist() == [[12, 20], [52, 60]]
    assert pool(COUNTING, 2, "average").tolist() == [[3, 5], [13, 15]]
    assert pool(COUNTING, 3, "max").tolist() == [[12]]
    assert pool(COUNTING, 3, "max", stride=1).tolist() == [[12, 13, 14], [17, 18, 19]]


def test_below_zero_the_largest_is_nearest_to_zero() -> None:
    assert pool(-COUNTING, 2, "max").tolist() == [[0, -2], [-10, -12]]


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("stride", [None, 1, 2])
def test_as_in_keras(size: int, stride: int | None, rng: np.random.Generator) -> None:
    from keras import ops

    values = rng.normal(size=(17, 22, 3)).astype(np.float32)
    largest = ops.convert_to_numpy(ops.max_pool(values[None], size, stride or size))[0]
    np.testing.assert_array_equal(pool(values, size, "max", stride), largest)
    mean = ops.convert_to_numpy(ops.average_pool(values[None], size, stride or size))[0]
    np.testing.assert_allclose(pool(values, size, "average", stride), mean, atol=1e-6)
    total = pool(values, size, "sum", stride)
    np.testing.assert_allclose(total, mean * size**2, atol=1e-5)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(LesionlabError, match="at least 3 rows"):
        pool(np.zeros((2, 9)), 3)
    with pytest.raises(LesionlabError, match="median"):
        pool(COUNTING, 2, "median")  # type: ignore[arg-type]
