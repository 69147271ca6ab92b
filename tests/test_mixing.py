"""Two pictures in one, worked out by hand."""

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from lesionlab.training.mixing import Mix, draw_mixing, mixed_targets  # noqa: E402

SIZE = (4, 6)
# Picture 0 takes a quarter of picture 1; picture 1 has a piece of 2 by 3 pixels of picture 0.
MIXING = np.array([[1, 0.75, 0, 0, 0, 0], [0, 1, 1, 3, 2, 5]], np.float32)


def test_mixed_pictures_by_hand():
    pictures = np.stack([np.full((*SIZE, 3), 40), np.full((*SIZE, 3), 200)]).astype(np.uint8)
    mixed = keras.ops.convert_to_numpy(Mix()(pictures, MIXING))
    np.testing.assert_allclose(mixed[0], 80)  # 0.75 * 40 + 0.25 * 200
    expected = np.full((*SIZE, 3), 200)
    expected[1:3, 2:5] = 40
    np.testing.assert_allclose(mixed[1], expected)


def test_mixed_targets_by_hand():
    targets = np.array([[1, 0, 0], [0, 0, 1]], np.float32)
    # The piece has 6 of 24 pixels.
    found = mixed_targets(targets, MIXING, SIZE)
    np.testing.assert_allclose(found, [[0.75, 0, 0.25], [0.25, 0, 0.75]])


def test_each_way_to_mix_is_drawn_as_it_should(rng):
    size = (40, 60)
    blended = draw_mixing(0.4, 0, (50, 8), size, rng)
    assert (blended[..., 2:] == 0).all()
    assert (blended[..., 1] >= 0.5).all()
    assert 0.5 < blended[..., 1].min() < 0.6
    assert (np.sort(blended[..., 0], axis=1) == np.arange(8)).all()

    pasted = draw_mixing(0, 1.0, (50, 8), size, rng)
    assert (pasted[..., 1] == 1).all()
    top, bottom, left, right = np.moveaxis(pasted[..., 2:], 2, 0)
    assert ((top >= 0) & (bottom <= 40) & (left >= 0) & (right <= 60)).all()
    assert ((top <= bottom) & (left <= right)).all()
    # Beta(1, 1) is uniform: half of the picture on average, less what is cut off at the edges.
    area = (bottom - top) * (right - left) / 2400
    assert 0.2 < area.mean() < 0.45

    both = draw_mixing(0.4, 1.0, (50, 8), size, rng)
    share_pasted = (both[..., 1] == 1).mean()
    assert 0.4 < share_pasted < 0.6


def test_the_same_seed_draws_the_same():
    one, two = (draw_mixing(1, 1, (3, 4), SIZE, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert one.dtype == np.float32
