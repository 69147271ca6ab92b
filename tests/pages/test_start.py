"""The start page: lessons, desk, runs handed out by link."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lesionlab.app.desk import open_desk
from lesionlab.app.glossary import TERMS
from lesionlab.app.lessons import LESSONS, PAGES
from lesionlab.jobs import store

Show = Callable[..., AppTest]


def words(test: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in test.get("html"))


def test_eight_lessons_with_the_first_one_next(show: Show) -> None:
    text = words(show())
    assert text.count('class="ll-card-number"') == len(LESSONS) == 8
    assert text.count(">next<") == 1
    assert ">done<" not in text


def test_every_link_takes_the_desk_along(show: Show, desk_id: str) -> None:
    test = show()
    links = test.get("page_link")
    assert len(links) >= len(PAGES) + len(LESSONS)
    assert all(desk_id in link.proto.query_string for link in links)


def test_an_opened_lesson_is_done_and_the_next_one_is_next(show: Show, desk_id: str) -> None:
    show("pages/2_convolution.py")
    assert open_desk(desk_id).visited == ("pages/2_convolution.py",)
    text = words(show())
    assert text.count(">done<") == 1
    assert text.index(">next<") < text.index(">done<")


def test_the_glossary_explains_each_term_once(show: Show) -> None:
    text = words(show())
    assert all(text.count(f"<dt>{term}</dt>") == 1 for term in TERMS)


def test_a_nickname_survives_a_refresh(show: Show) -> None:
    show().text_input(key="nickname").set_value(" Mila ").run()
    assert show().text_input(key="nickname").value == "Mila"


def test_without_a_desk_in_the_address_a_new_one_is_made(show: Show) -> None:
    first, second = show(desk=None), show(desk=None)
    assert len(first.query_params["desk"]) >= 16
    assert first.query_params["desk"] != second.query_params["desk"]


@pytest.mark.parametrize("wrong", ["../../etc", "abc", "AB" * 12])
def test_a_wrong_desk_gives_a_sentence_and_a_new_desk(show: Show, home: Path, wrong: str) -> None:
    test = show(desk=wrong)
    assert wrong in test.warning[0].value
    assert test.query_params["desk"] != wrong
    assert not (home / "desks").exists()


def test_a_run_in_the_address_is_chosen_and_leaves_the_address(show: Show, desk_id: str) -> None:
    test = show(run="some-run")
    assert open_desk(desk_id).run == "some-run"
    assert "run" not in test.query_params
    test = show(run="../secret")
    assert open_desk(desk_id).run == "some-run"
    assert "../secret" in test.warning[0].value


def test_a_run_opens_for_one_who_has_no_desk(show: Show) -> None:
    test = show(desk=None, run="some-run")
    assert open_desk(test.query_params["desk"]).run == "some-run"


def test_the_drawn_set_has_a_bar_while_it_is_made(show: Show) -> None:
    store.ensure_synthetic()
    test = show()
    assert any("full drawn data set" in str(bar.proto.text) for bar in test.get("progress"))


def test_the_menu_says_what_is_chosen_in_the_words_of_the_boxes(show: Show, desk_id: str) -> None:
    test = show()
    model = test.selectbox(key="choose-result")
    title = model.format_func(model.value)
    assert f"<dt>Model</dt><dd>{title}</dd>" in words(test)
    assert title != open_desk(desk_id).run
    assert f"<dt>Experiment</dt><dd>{open_desk(desk_id).draft.title}</dd>" in words(test)


def test_an_echo_of_a_replaced_value_is_no_choice(
    show: Show, desk_id: str, tiny_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = show()
    old = test.selectbox(key="choose-dataset").value
    open_desk(desk_id).save(dataset="tiny")
    test.run()
    assert test.selectbox(key="choose-dataset").value == "tiny"
    test.selectbox(key="choose-dataset").select(old).run()
    assert open_desk(desk_id).dataset == "tiny", "sent before the browser heard of the new value"
    monkeypatch.setattr("lesionlab.app.bound.ECHO_SECONDS", 0.0)
    test.selectbox(key="choose-dataset").select(old).run()
    assert open_desk(desk_id).dataset == old, "a choice of the reader"


def test_a_page_that_ends_early_keeps_its_way_on(show: Show, desk_id: str) -> None:
    open_desk(desk_id).save(run="20200101-000000-gone-0000")
    for path in ("6_look_inside", "7_evaluation"):
        test = show(f"pages/{path}.py")
        assert test.error
        labels = [link.proto.label for link in test.get("page_link")]
        assert sum(label.startswith("Next: ") for label in labels) == 1
        assert "not a medical device" in words(test)
