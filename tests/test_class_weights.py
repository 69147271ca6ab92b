"""Class weights by hand."""

import numpy as np
import pytest

from lesionlab.training.class_weights import class_weights

LABELS = np.array([0, 0, 0, 0, 1, 1, 3, 3])  # 4, 2, none, 2


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("none", [1, 1, 1, 1]),
        ("max", [1, 2, 1, 2]),
        ("balanced", [0.5, 1, 1, 1]),
        ("sqrt", [np.sqrt(0.5), 1, 1, 1]),
    ],
)
def test_by_hand(kind, expected):
    weights = class_weights(LABELS, 4, kind)
    np.testing.assert_allclose(weights, expected)
    assert weights.dtype == np.float32
    # A vector with a place for every class: a missing one is no error, as it is in Keras.
    assert weights[LABELS].shape == (8,)
