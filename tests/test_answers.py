"""The answer about one picture: what is drawn and what is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lesionlab.app import answers
from lesionlab.diagnoses import DIAGNOSES


def answer(**probabilities: float) -> dict[str, Any]:
    cancers = sum(p for code, p in probabilities.items() if DIAGNOSES[code].malignant)
    return {
        "probabilities": probabilities,
        "malignant": cancers,
        "predicted": max(probabilities, key=lambda code: probabilities[code]),
        "model": {"thresholds": {"malignant": 0.3}},
    }


def test_bars_are_sorted_named_and_coloured() -> None:
    (bars,) = answers.probability_figure({"nv": 0.2, "mel": 0.7, "df": 0.1}).data
    assert list(bars.x) == [0.1, 0.2, 0.7], "the last bar is the topmost"
    assert bars.y[-1] == "Melanoma (MEL)"
    assert bars.marker.color[-1] == DIAGNOSES["mel"].colour
    assert bars.text[-1] == "70.0%"


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.4, "cannot decide"), (0.6, "It is not sure"), (0.95, "looks most like **melanoma**")],
)
def test_words_follow_the_sureness(share: float, words: str) -> None:
    rest = (1 - share) / 2
    lead, suspicion = answers.sentences(answer(mel=share, nv=rest + 0.01, df=rest - 0.01))
    assert words in lead
    assert f"{share:.0%}" in lead
    assert "above this model's threshold of 30%" in suspicion


def test_below_the_threshold_is_no_promise() -> None:
    _, suspicion = answers.sentences(answer(mel=0.1, nv=0.9))
    assert "below" in suspicion and "can still show a cancer" in suspicion
    without = answers.alarm_sentence({"malignant": 0.1, "mel": None}, {})
    assert "**10%**." in without and "threshold" not in without and "alarm" not in without


@pytest.mark.parametrize(
    ("melanoma", "malignant", "alarm"),
    [(0.20, 0.25, True), (0.10, 0.25, False), (0.10, 0.33, True), (0.161, 0.2, True)],
)
def test_there_is_one_verdict(melanoma: float, malignant: float, alarm: bool) -> None:
    thresholds = {"malignant": 0.316, "mel": 0.161}
    words = answers.alarm_sentence({"malignant": malignant, "mel": melanoma}, thresholds)
    assert ("**raises its alarm**" in words) is alarm
    assert ("raises no alarm" in words) is not alarm
    assert words.count("alarm") == (1 if alarm else 2)


def test_melanoma_has_a_threshold_of_its_own() -> None:
    one = answer(mel=0.05, nv=0.95)
    one["model"]["thresholds"]["mel"] = 0.023
    *_, words = answers.sentences(one)
    assert "together get **5.0%**, below this model's threshold of 30%." in words
    assert "**Melanoma** alone gets **5.0%**, above its threshold of 2.3%." in words


def test_hardly_anything_is_not_nothing() -> None:
    assert answers.share(0.0001) == "less than 0.1%"
    assert (answers.share(0.0006), answers.share(0.6)) == ("0.1%", "60%")


def test_nobody_is_told_a_diagnosis() -> None:
    for share in (0.4, 0.6, 0.95):
        for line in answers.sentences(answer(mel=share, nv=1 - share)):
            assert "you have" not in line.lower() and "diagnos" not in line.lower()


def test_record_counts_missed_cancers() -> None:
    evaluation = {
        "classes": ["mel", "nv", "bcc"],
        "confusion": [[6, 3, 1], [0, 9, 1], [0, 2, 8]],
        "accuracy": 23 / 30,
        "n": 30,
    }
    assert answers.missed_cancers(evaluation) == (5, 20)
    words = answers.record(
        {"drawn": True, "data": {"title": "Synthetic", "num_train": 96}}, evaluation
    )
    assert "96 drawn pictures, *Synthetic*" in words
    assert "wrong in 23 of 100" in words and "For 5 of 20 cancers" in words
    assert "alarm" not in words
    alarm = {"cases": {"malignant": {"n": 20, "num_missed": 2}}}
    words = answers.record(
        {"drawn": False, "data": {"name": "ham10000"}}, evaluation | {"alarm": alarm}
    )
    assert "photographs taken through a dermatoscope" in words
    assert "it stayed silent for 2 of 20" in words


def test_overlay_leaves_cold_places_alone() -> None:
    image = np.full((40, 60, 3), 100, np.uint8)
    heat = np.zeros((4, 6), np.float32)
    assert (answers.overlay(image, heat) == image).all()
    hot = answers.overlay(image, np.ones((4, 6), np.float32), strength=1)
    assert hot.shape == image.shape
    assert (hot == [0xFC, 0xFF, 0xA4]).all()


def test_hottest_place() -> None:
    heat = np.zeros((7, 7))
    heat[3, 3] = 1
    assert answers.hottest_place(heat) == "centre"
    heat[0, 6] = 2
    assert answers.hottest_place(heat) == "top right"
    heat[6, 0] = 3
    assert answers.hottest_place(heat) == "bottom left"
