"""Several pictures through a network compiled for one: each gets its own answer, in order."""

import numpy as np
import pytest

from lesionlab.experiment import Network

keras = pytest.importorskip("keras")

from lesionlab.explain.one_by_one import answers_one_by_one  # noqa: E402
from lesionlab.models.build import build_model  # noqa: E402

IMAGES = np.random.default_rng(0).integers(0, 256, (7, 24, 16, 3), np.uint8)


@pytest.mark.parametrize("count", [1, 7])
def test_answers_are_those_of_all_at_once_and_in_order(count: int) -> None:
    model = build_model(Network(network="small-cnn", weights="random"), 3, (24, 16), seed=0)
    pictures, found = answers_one_by_one(model, count, lambda k: IMAGES[k])
    np.testing.assert_array_equal(pictures, IMAGES[:count])
    expected = model.predict_on_batch(IMAGES[:count])
    assert np.ptp(expected[:, 0]) > 1e-4 or count == 1, "the pictures can be told apart"
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_an_error_while_a_picture_is_made_is_told() -> None:
    model = build_model(Network(network="small-cnn", weights="random"), 3, (24, 16), seed=0)

    def make(k: int) -> np.ndarray:
        if k == 3:
            raise ValueError("the fourth is torn")
        return IMAGES[k]

    with pytest.raises(ValueError, match="the fourth is torn"):
        answers_one_by_one(model, 7, make)
