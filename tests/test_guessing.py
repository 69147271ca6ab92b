"""What guessing scores, worked out by hand."""

from __future__ import annotations

import pytest

from lesionlab.app.data.guessing import guesses_figure, measures_of, score_guesses
from lesionlab.app.data.imbalance import lesson


def test_always_the_most_frequent_class() -> None:
    guesses = score_guesses({"bcc": 1, "mel": 2, "nv": 7})
    assert (guesses.most, guesses.grave) == ("nv", "mel")
    third = pytest.approx(1 / 3)
    assert measures_of(guesses) == {
        "Accuracy": (0.7, third),
        "Balanced accuracy": (third, third),
        "Sensitivity for melanoma": (0.0, third),
    }


def test_of_equally_frequent_classes_it_is_the_mole() -> None:
    assert score_guesses({"mel": 5, "nv": 5, "vasc": 4}).most == "nv"
    assert score_guesses({"mel": 5, "bcc": 5, "nv": 4}).most == "mel"


def test_scores_are_those_of_the_engine() -> None:
    import numpy as np

    from lesionlab.evaluation.metrics import evaluate_probabilities

    labels = np.array([0] * 3 + [1] * 9)
    always = np.tile([0.0, 1.0], (12, 1))
    engine = evaluate_probabilities(labels, always, ("mel", "nv"))
    ours = score_guesses({"mel": 3, "nv": 9}).always
    for name in ("n", "accuracy", "balanced_accuracy", "confusion"):
        assert ours[name] == engine[name], name


def test_the_figure_shows_both_and_names_its_unit() -> None:
    figure = guesses_figure(score_guesses({"benign": 90, "malignant": 10}))
    assert [bar.name for bar in figure.data] == ["Always Benign", "A die with 2 sides"]
    assert list(figure.data[0].y) == [90, 50, 0]
    assert "per cent" in figure.layout.yaxis.title.text


def test_the_lesson_follows_the_numbers() -> None:
    uneven = {"mel": 11, "nv": 67, "df": 22}
    words = lesson(score_guesses(uneven), uneven)
    assert "**67%**" in words
    assert "misses **all 11** pictures of melanoma" in words
    even = {"mel": 20, "nv": 20}
    assert "about equally large" in lesson(score_guesses(even), even)
    assert "as often as a die" in lesson(score_guesses(even), even)
    grave = {"mel": 90, "nv": 10}
    assert "finds every melanoma" in lesson(score_guesses(grave), grave)
