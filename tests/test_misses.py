"""Misses of a model as frequencies of 100."""

from __future__ import annotations

from typing import Any

import pytest

from lesionlab.app import misses


def evaluation(missed: int, cases: int, part: str = "test") -> dict[str, Any]:
    alarm = {
        "cases": {"mel": {"n": cases, "num_missed": missed}},
        "num_harmless": 250,
        "num_false": 54,
    }
    return {"part": part, "alarm": alarm}


def test_eight_of_ninety_are_about_nine_of_a_hundred() -> None:
    found = misses.misses(evaluation(8, 90), "mel")
    assert found is not None
    # Wilson's interval of 8 in 90 is 0.046 to 0.166.
    assert (found.missed, found.low, found.high) == (9, 4, 17)
    words = misses.sentence(found, drawn=False)
    assert "Of 100 pictures of melanoma that it had never seen, it missed about **9**" in words
    assert "tried on 90, so the true number is likely between 4 and 17" in words
    assert "drawn pictures of melanoma" in misses.sentence(found, drawn=True)


def test_false_alarms_are_those_for_harmless_ones() -> None:
    words = misses.false_alarms(evaluation(8, 90), drawn=False)
    assert (
        words == "Of 100 pictures of something harmless it raised a false alarm for about **22**."
    )
    assert misses.false_alarms({"alarm": None}, drawn=False) == ""


def test_it_is_said_when_the_pictures_were_not_new() -> None:
    found = misses.misses(evaluation(8, 90, "validation"), "mel")
    assert found is not None
    words = misses.sentence(found, False)
    assert "it missed about **9**" in words and "likely between 4 and 17, or above" in words
    note = misses.chosen_note([found])
    assert "set on these very pictures" in note and "may miss more" in note
    new = misses.misses(evaluation(8, 90), "mel")
    assert new is not None and misses.chosen_note([new]) == ""


def test_other_sources_are_told_where_they_were_tried() -> None:
    assert "may miss more" in misses.elsewhere(None)
    rows = [{"melanoma_sensitivity": share} for share in (0.54, 0.435, 0.478)]
    words = misses.elsewhere({"elsewhere": rows})
    assert "one of 3 sources" in words and "they missed **46**, **56** and **52**, with" in words
    assert "knew all sources" not in words
    words = misses.elsewhere({"elsewhere": rows, "at_home": {"melanoma_sensitivity": 0.766}})
    assert "Where one knew all sources, it missed 23 of 100 among pictures of all" in words
    counted = [row | {"num_melanomas": num} for row, num in zip(rows, (24, 1400, 67), strict=True)]
    words = misses.elsewhere({"elsewhere": counted})
    assert (
        "missed **46** (tried on 24), **56** (tried on 1,400) and **52** (tried on 67), with"
        in words
    )


def test_few_cases_give_no_number() -> None:
    found = misses.misses(evaluation(1, 4), "mel")
    assert found is not None
    words = misses.sentence(found, drawn=False)
    assert "Only 4 pictures of melanoma were" in words and "25" not in words


@pytest.mark.parametrize(
    "unknown",
    [None, {}, {"alarm": None}, {"alarm": {"cases": {}}}, evaluation(0, 0)],
)
def test_what_was_not_measured_is_none(unknown: dict[str, Any] | None) -> None:
    assert misses.misses(unknown, "mel") is None


def test_the_array_has_a_hundred_dots_of_which_the_missed_are_full() -> None:
    found = misses.misses(evaluation(8, 90), "mel")
    assert found is not None
    grid, legend = misses.array_html(found).split("<figcaption>")
    assert grid.count("<i ") == 100 and grid.count("background:") == 9
    assert 'aria-label="9 of 100 dots are full' in grid
    assert "missed" in legend and "found" in legend
