"""Data explorer, the split: what happens when a control moves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from lesionlab.app.desk import open_desk

PAGE = "pages/1_data_explorer.py"
Show = Callable[..., AppTest]


def shown(show: Show, desk_id: str) -> AppTest:
    open_desk(desk_id).save(dataset="tiny")
    return show(PAGE).button_group(key="explorer-section").set_value("Split").run()


def test_the_three_parts(show: Show, tiny_set: Path, desk_id: str) -> None:
    test = shown(show, desk_id)
    # Three lesions of two pictures a class: each part gets one lesion.
    alt = test.get("plotly_chart")[0].proto.alt
    assert "Melanoma (MEL) 2 training, 2 validation, 2 test" in alt
    assert "Split by lesion: 9 groups, none of them in two parts." in test.success[0].value


def test_splitting_by_picture_tells_what_it_gives_away(
    show: Show, tiny_set: Path, desk_id: str
) -> None:
    test = shown(show, desk_id).selectbox(key="split-group").select("image").run()
    assert open_desk(desk_id).draft.split.group_by == "image"
    assert "lesions have pictures in two parts" in test.warning[-1].value
    assert not test.success


def test_the_cuts_go_into_the_draft_and_sum_to_one(
    show: Show, tiny_set: Path, desk_id: str
) -> None:
    test = shown(show, desk_id).slider(key="split-cuts").set_range(50, 75).run()
    plan = open_desk(desk_id).draft.split
    assert (plan.train, plan.validation, plan.test) == (0.5, 0.25, 0.25)
    test.slider(key="split-cuts").set_range(0, 0).run()
    plan = open_desk(desk_id).draft.split
    assert min(plan.train, plan.validation) >= 0.05 - 1e-9
    assert not test.exception


def test_too_few_pictures_give_a_sentence(show: Show, tiny_set: Path, desk_id: str) -> None:
    test = shown(show, desk_id).number_input(key="per-class").set_value(2).run()
    assert "Every class needs at least 3" in test.error[0].value
    assert not test.exception


def test_the_most_of_a_class_can_be_taken_away_again(show: Show, tiny_set: Path) -> None:
    open_desk("ab" * 12).save(dataset="tiny")
    test = shown(show, "ab" * 12)
    test.number_input(key="per-class").set_value(4).run()
    assert open_desk("ab" * 12).draft.data.per_class == 4
    test.number_input(key="per-class").set_value(None).run()
    assert test.number_input(key="per-class").value is None
    assert open_desk("ab" * 12).draft.data.per_class is None
