"""ReLU, sigmoid and tanh against answers worked out by hand, and against Keras."""

from __future__ import annotations

import numpy as np
import pytest

from lesionlab.errors import LesionlabError
from lesionlab.images.activations import ACTIVATIONS, share_at_the_ends, share_switched_off

NUMBERS = np.array([[-2.0, -0.5, 0.0], [0.5, 3.0, 1000.0]])


def test_by_hand() -> None:
    assert ACTIVATIONS["relu"].apply(NUMBERS).tolist() == [[0, 0, 0], [0.5, 3, 1000]]
    # 1 / (1 + e^2) = 1 / 8.389
    found = ACTIVATIONS["sigmoid"].apply(NUMBERS)
    np.testing.assert_allclose(found, [[0.1192, 0.37754, 0.5], [0.62246, 0.95257, 1]], atol=1e-5)
    found = ACTIVATIONS["tanh"].apply(NUMBERS)
    np.testing.assert_allclose(found[0], [-0.96403, -0.46212, 0], atol=1e-5)


@pytest.mark.parametrize("name", list(ACTIVATIONS))
def test_as_in_keras(name: str, rng: np.random.Generator) -> None:
    from keras import ops

    values = (rng.normal(size=(20, 30)) * 20).astype(np.float32)
    wanted = ops.convert_to_numpy(getattr(ops, name)(values))
    np.testing.assert_allclose(ACTIVATIONS[name].apply(values), wanted, atol=1e-6)


def test_what_relu_switches_off() -> None:
    # -2, -0.5 and 0 of six.
    assert share_switched_off(NUMBERS) == 0.5
    assert share_switched_off(np.ones(4)) == 0


def test_far_out_a_unit_is_near_its_end() -> None:
    # Only 1000 is that near: sigmoid(3) = 0.953, and tanh(3) = 0.99505 counts there.
    assert share_at_the_ends(ACTIVATIONS["sigmoid"], NUMBERS) == pytest.approx(1 / 6)
    assert share_at_the_ends(ACTIVATIONS["tanh"], NUMBERS) == pytest.approx(2 / 6)
    assert share_at_the_ends(ACTIVATIONS["relu"], NUMBERS) == 0


def test_no_numbers_have_no_share() -> None:
    with pytest.raises(LesionlabError, match="at least one number"):
        share_switched_off(np.zeros((0, 3)))
