"""Data explorer: the first look, and choosing a set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from lesionlab.app.desk import open_desk

PAGE = "pages/1_data_explorer.py"
Show = Callable[..., AppTest]


def words(test: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in test.get("html"))


def shown(show: Show, desk_id: str) -> AppTest:
    open_desk(desk_id).save(dataset="tiny")
    return show(PAGE)


def test_counts_of_each_class(show: Show, tiny_set: Path, desk_id: str) -> None:
    charts = shown(show, desk_id).get("plotly_chart")
    assert "Melanoma (MEL) 6" in charts[0].proto.alt


def test_one_class_at_a_time(show: Show, tiny_set: Path, desk_id: str) -> None:
    test = shown(show, desk_id)
    facts = words(test)
    assert "Basal cell carcinoma (BCC) · cancer or precursor" in facts
    test.button_group(key="gallery-class").set_value("nv").run()
    assert "Melanocytic nevus (NV) · benign" in words(test)


def test_another_set_brings_its_classes_into_the_draft(
    show: Show, tiny_set: Path, desk_id: str, home: Path
) -> None:
    test = show(PAGE).selectbox(key="choose-dataset").select("tiny").run()
    desk = open_desk(desk_id)
    assert (desk.dataset, desk.draft.data.name, desk.draft.data.class_set) == (
        "tiny",
        "tiny",
        "isic8",
    )
    assert not test.exception


def test_a_set_that_is_gone_gives_a_sentence(show: Show, desk_id: str) -> None:
    open_desk(desk_id).save(dataset="gone")
    test = show(PAGE)
    assert "gone" in test.error[0].value


def test_classes_that_came_with_a_set_go_with_it(show: Show, tiny_set: Path, desk_id: str) -> None:
    ham = open_desk(desk_id).draft.data.model_copy(update={"class_set": "ham7"})
    open_desk(desk_id).save(draft=open_desk(desk_id).draft.model_copy(update={"data": ham}))
    show(PAGE).selectbox(key="choose-dataset").select("tiny").run()
    assert open_desk(desk_id).draft.data.class_set == "ham7", "chosen by the reader"
