"""Misses of a model as frequencies of 100."""

from __future__ import annotations

from typing import Any

import pytest

from lesionlab.app import misses


def evaluation(found: int, cases: int, part: str = "test") -> dict[str, Any]:
    row = {"threshold": 0.2, "sensitivity": found / cases, "specificity": 0.784, "n": cases}
    return {"part": part, "thresholds": {"mel": row}}


def test_eight_of_ninety_are_about_nine_of_a_hundred() -> None:
    found = misses.misses(evaluation(82, 90), "mel")
    assert found is not None
    # Wilson's interval of 82 in 90 is 0.834 to 0.954.
    assert (found.missed, found.low, found.high, found.false_alarms) == (9, 4, 17, 22)
    words = misses.sentence(found, drawn=False)
    assert "Of 100 pictures of melanoma that it had never seen, it missed about **9**" in words
    assert "tried on 90, so the true number is likely between 4 and 17" in words
    assert "of something else it raised a false alarm for about **22**" in words
    assert "drawn pictures of melanoma" in misses.sentence(found, drawn=True)


def test_it_is_said_when_the_pictures_were_not_new() -> None:
    found = misses.misses(evaluation(82, 90, "validation"), "mel")
    assert found is not None
    words = misses.sentence(found, False)
    assert "was set on 90 pictures so that about **9** of 100 are missed" in words
    assert "may miss more" in words and "likely between" not in words


def test_other_clinics_are_told_where_they_were_tried() -> None:
    assert "may miss more" in misses.elsewhere(None)
    rows = [{"melanoma_sensitivity": share} for share in (0.54, 0.435, 0.478)]
    words = misses.elsewhere({"elsewhere": rows})
    assert "one of 3 clinics" in words and "missed 46 to 56 of 100 melanomas" in words


def test_few_cases_give_no_number() -> None:
    found = misses.misses(evaluation(3, 4), "mel")
    assert found is not None
    words = misses.sentence(found, drawn=False)
    assert "Only 4 pictures of melanoma were" in words and "25" not in words


@pytest.mark.parametrize(
    "unknown",
    [
        None,
        {},
        {"thresholds": {"malignant": {}}},
        {"thresholds": {"mel": {"threshold": 0.2, "sensitivity": None, "n": 0}}},
    ],
)
def test_what_was_not_measured_is_none(unknown: dict[str, Any] | None) -> None:
    assert misses.misses(unknown, "mel") is None


def test_the_array_has_a_hundred_dots_of_which_the_missed_are_full() -> None:
    found = misses.misses(evaluation(82, 90), "mel")
    assert found is not None
    grid, legend = misses.array_html(found).split("<figcaption>")
    assert grid.count("<i ") == 100 and grid.count("background:") == 9
    assert 'aria-label="9 of 100 dots are full' in grid
    assert "missed" in legend and "found" in legend
