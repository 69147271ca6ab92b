"""Covering parts of a picture: where the squares lie, and which of them matters."""

import numpy as np

from lesionlab.explain.occlusion import covered, places


def test_squares_reach_over_half_of_their_neighbours():
    squares = places((40, 80), 4)
    assert squares.shape == (16, 4)
    # Steps of 10 rows and 20 columns; twice as large, cut off at the edge.
    assert squares[0].tolist() == [0, 0, 15, 30]
    assert squares[5].tolist() == [5, 10, 25, 50]
    assert squares[-1].tolist() == [25, 50, 40, 80]
    seen = np.zeros((40, 80), int)
    for top, left, bottom, right in squares:
        seen[top:bottom, left:right] += 1
    assert seen.min() >= 1


def test_only_the_square_changes_and_takes_the_mean_colour():
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[:2] = (100, 50, 20)
    (picture,) = covered(pixels, np.array([[1, 0, 3, 2]]))
    assert picture[1:3, :2].reshape(-1, 3).tolist() == [[50, 25, 10]] * 4
    picture[1:3, :2] = pixels[1:3, :2]
    np.testing.assert_array_equal(picture, pixels)


def test_covering_the_only_informative_place_costs_most():
    """A score that looks at one bright patch: it falls exactly where the patch is covered."""
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[16:24, 40:48] = 255
    squares = places((64, 64), 8)
    scores = (covered(pixels, squares) > 200).all(axis=3).mean(axis=(1, 2))
    drops = (8 * 8 / 64**2 - scores).reshape(8, 8)
    assert np.unravel_index(drops.argmax(), drops.shape) == (2, 5)
    assert drops[5:].max() == 0
