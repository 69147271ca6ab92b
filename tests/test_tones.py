"""Steps of brightness and categories of skin tone."""

from __future__ import annotations

import numpy as np
import pytest

from lesionlab.data.tones import ALL_TONES, brightness_steps, by_class, tone_steps, tones_of


@pytest.mark.parametrize(
    ("angle", "tone"),
    [
        (90.0, "very light"),
        (55.1, "very light"),
        (55.0, "light"),
        (41.0, "intermediate"),
        (28.0, "tan"),
        (10.0, "brown"),
        (-30.0, "dark"),
        (-100.0, "dark"),
        (90.1, "blue cast"),
        (np.nan, "no skin seen"),
    ],
)
def test_category_of_an_angle(angle: float, tone: str) -> None:
    assert ALL_TONES[tones_of(np.array([angle], np.float32))[0]] == tone


def test_steps_never_cross_a_category(rng: np.random.Generator) -> None:
    angles = rng.uniform(-180, 180, 5000)
    steps = tone_steps(angles)
    assert steps["pictures"].sum() == 5000
    categories = np.array(ALL_TONES)[tones_of(angles)]
    for tone, mine in steps.groupby("tone"):
        assert mine["pictures"].sum() == (categories == tone).sum()
    inner = steps[(steps["low"] >= -90) & (steps["high"] <= 90)]
    assert (inner["high"] - inner["low"]).between(4, 6).all()
    assert np.array_equal(steps["low"].to_numpy()[1:], steps["high"].to_numpy()[:-1])


def test_one_picture_is_one_step() -> None:
    steps = tone_steps(np.array([27.43, np.nan]))
    assert len(steps) == 1
    row = steps.iloc[0]
    # 10 to 28 in four steps of 4.5 degrees.
    assert (row["low"], row["high"], row["tone"], row["pictures"]) == (23.5, 28, "tan", 1)
    assert len(tone_steps(np.array([np.nan]))) == 0


def test_counts_by_class() -> None:
    table = by_class(np.array([0, 0, 2, 2]), np.array(["mel", "nv", "nv", "nv"]), ("a", "b", "c"))
    assert list(table.index) == ["nv", "mel"]
    assert list(table.columns) == ["a", "c"]
    assert table.to_numpy().tolist() == [[1, 2], [1, 0]]


def test_steps_of_brightness() -> None:
    table = brightness_steps(
        np.array([61.0, 64.9, 72.0, 100.0, np.nan]), np.array(["nv", "nv", "mel", "nv", "nv"])
    )
    assert table.index.tolist() == [60, 65, 70, 75, 80, 85, 90, 95]
    assert table["nv"].tolist() == [2, 0, 0, 0, 0, 0, 0, 1]
    assert table.loc[70, "mel"] == 1
