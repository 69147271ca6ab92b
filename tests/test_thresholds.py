"""Thresholds for a wanted sensitivity."""

import numpy as np
import pytest

from lesionlab.evaluation.thresholds import (
    alarm_words,
    choose_thresholds,
    score_alarm,
    score_thresholds,
    threshold_for_sensitivity,
)

CLASSES = ("bcc", "mel", "nv")


def test_by_hand():
    truth = np.array([True, True, True, True, False, False])
    score = np.array([0.9, 0.8, 0.3, 0.1, 0.7, 0.2])
    assert threshold_for_sensitivity(truth, score, 0.5) == pytest.approx(0.75)
    assert threshold_for_sensitivity(truth, score, 0.75) == pytest.approx(0.25)
    assert threshold_for_sensitivity(truth, score, 0.76) == pytest.approx(0.05)
    assert threshold_for_sensitivity(~truth & False, score, 0.9) is None


def test_nine_of_ten_needs_no_tenth():
    score = np.arange(10) / 10
    assert threshold_for_sensitivity(np.ones(10, bool), score, 0.9) == pytest.approx(0.05)


def test_a_last_digit_does_not_decide():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 300)
    probabilities = rng.dirichlet(np.ones(3), 300).astype(np.float32)
    thresholds = choose_thresholds(labels, probabilities, CLASSES, 0.9)
    otherwise = probabilities * (1 - 3e-7 * rng.random(probabilities.shape))
    table = score_thresholds(labels, otherwise, CLASSES, thresholds)
    assert all(row["sensitivity"] >= 0.9 for row in table.values())


def test_the_target_is_reached_on_the_pictures_it_was_set_on():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 300)
    probabilities = rng.dirichlet(np.ones(3), 300).astype(np.float32)
    thresholds = choose_thresholds(labels, probabilities, CLASSES, 0.85)
    assert set(thresholds) == {"malignant", "mel"}
    table = score_thresholds(labels, probabilities, CLASSES, thresholds)
    for row in table.values():
        assert 0.85 <= row["sensitivity"] < 0.87
        assert 0 < row["specificity"] < 1
    assert table["mel"]["n"] == (labels == 1).sum()


def test_scores_without_a_threshold_are_left_out():
    labels, probabilities = np.array([2, 2]), np.array([[0.1, 0.2, 0.7], [0, 0, 1]])
    assert choose_thresholds(labels, probabilities, CLASSES, 0.9) == {}
    table = score_thresholds(labels, probabilities, CLASSES, {"malignant": 0.25})
    row = table["malignant"]
    assert row["sensitivity"] is None
    assert row["specificity"] == 0.5


def test_the_alarm_is_raised_where_either_threshold_is_reached():
    labels = np.array([1, 1, 1, 0, 0, 2, 2, 2, 2])
    probabilities = np.array(
        [
            [0.1, 0.5, 0.4],  # both thresholds
            [0.5, 0.2, 0.3],  # cancer or precursor alone: no missed melanoma
            [0.1, 0.1, 0.8],  # missed
            [0.2, 0.25, 0.55],  # melanoma alone: no missed basal cell carcinoma
            [0.3, 0.1, 0.6],  # missed
            [0.0, 0.3, 0.7],  # a false alarm
            [0.6, 0.1, 0.3],  # a false alarm
            [0.1, 0.1, 0.8],
            [0.0, 0.0, 1.0],
        ]
    )
    thresholds = {"malignant": 0.5, "mel": 0.22}
    alarm = score_alarm(labels, probabilities, CLASSES, thresholds)
    assert alarm == {
        "cases": {"malignant": {"n": 5, "num_missed": 2}, "mel": {"n": 3, "num_missed": 1}},
        "num_harmless": 4,
        "num_false": 2,
    }
    words = alarm_words(alarm)
    assert (
        "silent for 2 of 5 pictures of cancer or a precursor (12 to 77 %) and for 1 of 3 pictures "
        "of melanoma (6 to 79 %), and was raised for 2 of 4 pictures of something harmless (15 to"
        in words
    )
    assert "raised for 2 of 4 pictures of something harmless" in words
    only = score_alarm(labels, probabilities, CLASSES, {"mel": 0.22})
    assert only is not None and only["cases"]["mel"] == {"n": 3, "num_missed": 2}
    assert score_alarm(labels, probabilities, CLASSES, {}) is None


def test_the_words_leave_out_what_there_was_nothing_of():
    none = {"mel": {"n": 0, "num_missed": 0}}
    words = alarm_words({"cases": none, "num_harmless": 4, "num_false": 2})
    assert "There was no case to find, and it was raised for 2 of 4 pictures" in words
    assert "0 of 0" not in words
    some = none | {"malignant": {"n": 5, "num_missed": 2}}
    words = alarm_words({"cases": some, "num_harmless": 0, "num_false": 0})
    assert "silent for 2 of 5 pictures of cancer" in words and "0 of 0" not in words
