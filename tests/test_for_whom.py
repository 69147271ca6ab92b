"""Scores of groups as a figure and in words."""

from __future__ import annotations

from typing import Any

import pytest

from lesionlab.app import for_whom

ROWS: list[dict[str, Any]] = [
    {"by": "sex", "group": "female", "n": 90, "num_melanomas": 12}
    | {"balanced_accuracy": 0.8, "balanced_accuracy_interval": [0.7, 0.86]}
    | {"melanoma_sensitivity": 0.9, "melanoma_sensitivity_interval": [0.6, 0.97]},
    {"by": "sex", "group": "male", "n": 1200, "num_melanomas": 4}
    | {"balanced_accuracy": 0.6, "balanced_accuracy_interval": [0.55, 0.66]},
    {"by": "site", "group": "ear", "n": 7, "num_melanomas": 1},
]


def test_a_point_a_group_with_its_interval_and_a_line_for_all() -> None:
    points, line = for_whom.figure(ROWS, "sex", "balanced_accuracy", 0.7).data
    # The first group stands on top, which is last on the axis.
    assert list(points.y) == ["male (1,200)", "female (90)"]
    assert list(points.x) == [0.6, 0.8]
    assert list(points.error_x.array) == pytest.approx([0.06, 0.06])
    assert list(points.error_x.arrayminus) == pytest.approx([0.05, 0.1])
    assert list(line.x) == [0.7, 0.7]


def test_melanomas_are_counted_by_melanomas() -> None:
    (points,) = for_whom.figure(ROWS, "sex", "melanoma_sensitivity", None).data
    assert list(points.y) == ["female (12)"]
    left_out = for_whom.unscored(ROWS, "sex", "melanoma_sensitivity")
    assert left_out == "Too few melanomas to say: male (4)."


def test_groups_too_small_are_named() -> None:
    assert for_whom.kinds(ROWS) == ["sex", "site"]
    assert for_whom.scored(ROWS, "site", "balanced_accuracy") == []
    left_out = for_whom.unscored(ROWS, "site", "balanced_accuracy")
    assert left_out == "Too few pictures to say: ear (7)."
    assert for_whom.unscored(ROWS, "sex", "balanced_accuracy") == ""


def test_the_ends_are_said_in_words() -> None:
    words = for_whom.in_words(ROWS, "sex", "balanced_accuracy")
    assert words == "Lowest: male with 0.60. Highest: female with 0.80."


def test_sources_that_it_was_tried_without_are_groups_too() -> None:
    source = {"source": "vienna_dias", "num": 439, "num_melanomas": 67, "macro_auc": 0.85}
    report = {"macro_auc": 0.96, "balanced_accuracy": 0.7, "thresholds": {}, "subgroups": ROWS}
    report |= {"elsewhere": [source], "at_home": {"macro_auc": 0.964}}
    rows = for_whom.rows_of(report)
    assert for_whom.kinds(rows) == ["sex", "site", "elsewhere"]
    compared = for_whom.overall(report, "elsewhere", "macro_auc")
    points, line = for_whom.figure(rows, "elsewhere", "macro_auc", compared).data
    assert list(points.y) == ["vienna_dias (439)"] and list(line.x) == [0.964, 0.964]
    assert line.name == "All sources known"
    assert for_whom.overall(report, "sex", "macro_auc") == 0.96
    assert for_whom.overall(report, "sex", "melanoma_sensitivity") is None
    words = for_whom.how_counted(rows, "elsewhere", "macro_auc", compared)
    assert "tried on that one" in words and "vienna_dias, an archive of slides" in words
    assert "dashed line" in words
    assert "Vienna" not in for_whom.how_counted(rows, "sex", "macro_auc", 0.9)
    assert for_whom.kinds(for_whom.rows_of({"elsewhere": [{"source": "old"}]})) == []


def test_a_report_of_an_earlier_version_is_drawn_without_what_it_lacks() -> None:
    tried = {"source": "old", "num": 439, "melanoma_sensitivity": 0.5}
    report = {"elsewhere": [tried], "at_home": {}, "subgroups": [{"by": "tone", "group": "I"}]}
    rows = for_whom.rows_of(report)
    # Nothing is known here of groups by skin tone.
    assert for_whom.kinds(rows) == ["elsewhere"]
    compared = for_whom.overall(report, "elsewhere", "melanoma_sensitivity")
    (points,) = for_whom.figure(rows, "elsewhere", "melanoma_sensitivity", compared).data
    assert list(points.y) == ["old"]
    words = for_whom.how_counted(rows, "elsewhere", "melanoma_sensitivity", compared)
    assert "dashed" not in words and "15 of 100" in words
    assert for_whom.unscored(rows, "elsewhere", "balanced_accuracy") == "Not known: old (439)."


def test_it_says_why_a_group_has_no_score() -> None:
    rows = [{"by": "sex", "group": "female", "n": 30, "num_melanomas": 12, "macro_auc": None}]
    assert for_whom.unscored(rows, "sex", "macro_auc").startswith("One class alone")
    # Without an alarm for melanoma nobody counts those that it finds.
    assert for_whom.unscored(rows, "sex", "melanoma_sensitivity") == "Not known: female (12)."
