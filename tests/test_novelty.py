"""Novelty: what looks unlike the training pictures."""

import json

import numpy as np

from lesionlab.evaluation.novelty import (
    MEASUREMENTS,
    is_unlike,
    measure,
    novelty_distance,
    novelty_statistics,
)


def spots(num_images, seed):
    """Brown discs of changing size on pinkish ground."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:32, :32] - 15.5
    inside = (x**2 + y**2)[None] < rng.uniform(36, 100, (num_images, 1, 1))
    skin = np.array([220, 170, 150]) + rng.normal(0, 10, (num_images, 1, 1, 1))
    images = np.where(inside[..., None], skin - [100, 110, 110], skin)
    return np.clip(images + rng.normal(0, 4, images.shape), 0, 255).astype(np.uint8)


def test_measurements_by_hand():
    grey = np.full((1, 16, 16, 3), 102, np.uint8)
    grey[..., 0] = 204
    found = dict(zip(MEASUREMENTS, measure(grey)[0], strict=True))
    assert np.isclose(found["brightness"], (0.8 + 0.4 + 0.4) / 3)
    assert np.isclose(found["red over green"], 0.4)
    assert np.isclose(found["blue over green"], 0)
    assert np.isclose(found["vertical change"], 0)


def test_centre_is_compared_with_the_border():
    image = np.zeros((1, 16, 16, 3), np.uint8)
    image[:, 4:12, 4:12] = 255
    assert np.isclose(measure(image)[0, MEASUREMENTS.index("centre brightness over border")], 1)


def test_other_spots_pass_and_strangers_do_not():
    statistics = novelty_statistics(spots(200, 0))
    assert (novelty_distance(spots(100, 1), statistics) > statistics["limit"][0]).mean() < 0.03
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    assert is_unlike(noise, statistics)
    assert is_unlike(np.zeros((32, 32, 3), np.uint8), statistics)
    assert not is_unlike(spots(1, 2)[0], statistics)
    assert not is_unlike(noise, None)


def test_statistics_are_of_the_rows_asked_for_and_survive_json():
    pixels = np.concatenate([spots(50, 0), np.zeros((50, 32, 32, 3), np.uint8)])
    statistics = novelty_statistics(pixels, rows=np.arange(50))
    assert json.loads(json.dumps(statistics)) == statistics == novelty_statistics(spots(50, 0))
