"""Temperature and calibration error."""

import numpy as np
import pytest

from lesionlab.evaluation.calibration import (
    apply_temperature,
    calibration_error_interval,
    cross_entropy,
    expected_calibration_error,
    fit_temperature,
)


def test_temperature_by_hand():
    # Odds of 9 to 1 become 3 to 1 at temperature 2, since the square root of 9 is 3.
    softened = apply_temperature(np.array([[0.9, 0.1]]), 2)
    np.testing.assert_allclose(softened, [[0.75, 0.25]], rtol=1e-5)
    assert softened.dtype == np.float32


def test_temperature_one_changes_nothing_and_zero_probability_is_allowed():
    probabilities = np.array([[0.2, 0.3, 0.5], [1, 0, 0]], np.float32)
    np.testing.assert_allclose(apply_temperature(probabilities, 1), probabilities, atol=1e-6)


def test_fit_finds_the_temperature_that_was_taken_away():
    rng = np.random.default_rng(0)
    honest = rng.dirichlet(np.ones(4), 4000)
    labels = np.array([rng.choice(4, p=row) for row in honest])
    boastful = apply_temperature(honest, 1 / 3)
    temperature = fit_temperature(labels, boastful)
    assert temperature == pytest.approx(3, rel=0.1)
    calmed = apply_temperature(boastful, temperature)
    assert cross_entropy(labels, calmed) < cross_entropy(labels, boastful)
    before = expected_calibration_error(labels, boastful)
    assert expected_calibration_error(labels, calmed) < 0.03 < before


def test_cross_entropy_by_hand():
    probabilities = np.array([[0.5, 0.5], [0.25, 0.75]])
    expected = (np.log(2) + np.log(4)) / 2
    assert cross_entropy(np.array([0, 0]), probabilities) == pytest.approx(expected)


def test_calibration_error_by_hand():
    # Two at 0.9, one right: 0.4 off. Two at 0.6, both right: 0.4 off.
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4], [0.6, 0.4]])
    assert expected_calibration_error(np.array([0, 1, 0, 0]), probabilities) == pytest.approx(0.4)
    assert expected_calibration_error(np.array([], int), np.empty((0, 2))) is None


def test_a_sure_answer_that_is_right_has_no_error():
    assert expected_calibration_error(np.array([0]), np.array([[1.0, 0.0]])) == 0


def test_the_interval_of_the_calibration_error():
    # 300 answers at 0.8, of which 210 are right: the error is 0.1, and the share of right ones
    # spreads by 1.96 √(0.7 · 0.3 / 300) = 0.052.
    labels = (np.arange(300) >= 210).astype(int)
    probabilities = np.tile(np.array([[0.8, 0.2]], np.float32), (300, 1))
    low, high = calibration_error_interval(labels, probabilities)
    assert (low + high) / 2 == pytest.approx(0.1, abs=0.005)
    assert (high - low) / 2 == pytest.approx(0.052, abs=0.008)
    # Two pictures say nothing, and no error is below 0 or above 1.
    few = calibration_error_interval(np.array([0, 1]), np.array([[0.99, 0.01]] * 2))
    assert few[0] == 0
    assert 0.49 < few[1] <= 1
    assert calibration_error_interval(labels[:0], probabilities[:0]) is None


def test_right_probabilities_are_not_blamed_for_chance(rng: np.random.Generator) -> None:
    errors, highs, lows = [], [], []
    for _ in range(20):
        sure = rng.uniform(0.5, 1, 300)
        labels = (rng.uniform(size=300) > sure).astype(int)
        probabilities = np.stack([sure, 1 - sure], axis=1)
        errors.append(expected_calibration_error(labels, probabilities))
        low, high = calibration_error_interval(labels, probabilities)
        lows.append(low)
        highs.append(high)
    assert np.mean(errors) > 0.03
    assert np.median(lows) < 0.01
    assert np.mean(np.add(lows, highs)) / 2 < np.mean(errors) - 0.01
