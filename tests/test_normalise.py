"""Batch normalisation against its arithmetic by hand, and against Keras."""

from __future__ import annotations

import numpy as np
import pytest

from lesionlab.errors import LesionlabError
from lesionlab.images.normalise import batch_normalise


def test_by_hand() -> None:
    # Mean 5; distances 3, 1, 1, 3; their squares on average 5.
    done = batch_normalise(np.array([[2.0, 4.0], [6.0, 8.0]]), epsilon=0)
    assert (done.mean, done.variance) == (5, 5)
    np.testing.assert_allclose(done.values, np.array([[-3, -1], [1, 3]]) / 5**0.5, rtol=1e-6)
    moved = batch_normalise(np.array([[2.0, 4.0], [6.0, 8.0]]), scale=10, shift=1, epsilon=4)
    np.testing.assert_allclose(moved.values, np.array([[-9, -7 / 3], [13 / 3, 11]]), rtol=1e-6)


def test_channels_stay_apart_as_in_keras(rng: np.random.Generator) -> None:
    import keras

    values = rng.normal(3, [1.0, 20.0, 0.01], size=(12, 9, 3)).astype(np.float32)
    layer = keras.layers.BatchNormalization()
    wanted = keras.ops.convert_to_numpy(layer(values[None], training=True))[0]
    done = batch_normalise(values)
    assert done.values.dtype == np.float32
    assert done.mean.shape == (3,)
    np.testing.assert_allclose(done.values, wanted, atol=1e-4)


def test_numbers_all_alike_become_zero() -> None:
    assert not batch_normalise(np.full((3, 3), 7.0)).values.any()


def test_no_numbers_have_no_mean() -> None:
    with pytest.raises(LesionlabError, match="at least one number"):
        batch_normalise(np.zeros((0, 3)))
