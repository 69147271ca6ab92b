"""Data explorer: the first look, and choosing a set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lesionlab.app.desk import open_desk

PAGE = "pages/1_data_explorer.py"
Show = Callable[..., AppTest]


def words(test: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in test.get("html"))


def shown(show: Show, desk_id: str) -> AppTest:
    open_desk(desk_id).save(dataset="tiny")
    return show(PAGE)


def said(test: AppTest) -> str:
    return " ".join(element.value for element in (*test.markdown, *test.caption, *test.info))


@pytest.fixture
def tiles(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The captions of each gallery that was drawn, the last one last; `*` marks the framed one."""
    from lesionlab.app.data import browsing

    drawn: list[list[str]] = []

    def gallery(tiles: dict[str, Any], **options: object) -> None:
        drawn.append([f"{t.caption}{'*' if t.chosen else ''}" for t in tiles.values()])

    monkeypatch.setattr(browsing, "gallery", gallery)
    return drawn


def test_counts_of_each_class(show: Show, tiny_set: Path, desk_id: str) -> None:
    charts = shown(show, desk_id).get("plotly_chart")
    assert "Melanoma (MEL) 6" in charts[0].proto.alt


def test_what_guessing_scores(show: Show, tiny_set: Path, desk_id: str) -> None:
    test = shown(show, desk_id)
    assert "Balanced accuracy 33% for always NV, 33% for a die" in (
        test.get("plotly_chart")[1].proto.alt
    )
    assert "about equally large" in said(test)


def test_one_class_at_a_time(show: Show, tiny_set: Path, desk_id: str) -> None:
    test = shown(show, desk_id)
    facts = words(test)
    assert "Basal cell carcinoma (BCC) · cancer or precursor" in facts
    test.button_group(key="gallery-class").set_value(["nv"]).run()
    assert "Melanocytic nevus (NV) · benign" in words(test)
    assert "**6** of 18 pictures" in said(test)


def test_pages_follow_the_filters(
    show: Show, tiny_set: Path, desk_id: str, tiles: list[list[str]]
) -> None:
    test = shown(show, desk_id)
    assert len(tiles[-1]) == 12
    assert [caption[:3] for caption in tiles[-1][:4]] == ["BCC", "MEL", "NV ", "BCC"]
    assert tiles[-1][0].endswith("*")
    assert [test.button(key=f"gallery-{b}").disabled for b in ("first", "next")] == [True, False]
    test.button(key="gallery-next").click().run()
    assert len(tiles[-1]) == 6
    assert "Pictures 13 to 18 of 18" in said(test)
    assert test.number_input(key="gallery-page").value == 2
    test.button_group(key="gallery-class").set_value(["nv"]).run()
    assert "Pictures 1 to 6 of 6" in said(test)
    test.button(key="find-clear").click().run()
    assert "Pictures 1 to 12 of 18" in said(test)
    test.number_input(key="gallery-page").set_value(99).run()
    assert "Pictures 13 to 18 of 18" in said(test)
    assert test.number_input(key="gallery-page").value == 2
    test.selectbox(key="gallery-size").set_value(24).run()
    assert len(tiles[-1]) == 18


def test_words_in_ids_and_nothing_found(
    show: Show, tiny_set: Path, desk_id: str, tiles: list[list[str]]
) -> None:
    test = shown(show, desk_id)
    test.text_input(key="find:text").set_value("mel3 NV4").run()
    assert [caption.rstrip("*") for caption in tiles[-1]] == ["MEL · mel3", "NV · nv4"]
    test.text_input(key="find:text").set_value("nobody").run()
    assert "No picture fits" in said(test)
    assert not test.exception
    test.button(key="find-clear").click().run()
    assert len(tiles[-1]) == 12
    assert test.text_input(key="find:text").value == ""


def test_only_filters_of_which_the_set_knows_something(
    show: Show, tiny_set: Path, desk_id: str
) -> None:
    labels = {element.label for element in shown(show, desk_id).multiselect}
    assert labels == {"Part of the split"}


def test_part_of_the_split(
    show: Show, tiny_set: Path, desk_id: str, tiles: list[list[str]]
) -> None:
    test = shown(show, desk_id)
    found = {}
    for part in ("train", "validation", "test", "unused"):
        test.multiselect(key="find:part").set_value([part]).run()
        found[part] = "No picture fits" not in said(test) and len(tiles[-1])
    # Three lesions a class, two pictures each: one lesion for every part.
    assert found == {"train": 6, "validation": 6, "test": 6, "unused": False}


def test_all_pictures_of_a_lesion(
    show: Show, tiny_set: Path, desk_id: str, tiles: list[list[str]]
) -> None:
    open_desk(desk_id).save(image="nv4")
    test = shown(show, desk_id)
    test.button_group(key="gallery-class").set_value(["mel"]).run()
    assert test.button(key="same-lesion").label == "Show all 2 pictures of this lesion"
    test.button(key="same-lesion").click().run()
    assert tiles[-1] == ["NV · nv4*", "NV · nv5"]
    assert test.button_group(key="gallery-class").value == []


def test_a_close_look_goes_on_to_the_next_picture(show: Show, tiny_set: Path, desk_id: str) -> None:
    open_desk(desk_id).save(image="nv0")
    test = shown(show, desk_id)
    test.button_group(key="gallery-class").set_value(["nv"]).run()
    assert not test.get("dialog")
    test.button(key="look-closely").click().run()
    assert "1 of 6" in said(test)
    test.button(key="closely-next").click().run()
    assert open_desk(desk_id).image == "nv1"
    assert not test.exception


def test_the_gallery_follows_the_close_look(
    show: Show, tiny_set: Path, desk_id: str, tiles: list[list[str]]
) -> None:
    open_desk(desk_id).save(image="bcc0")
    test = shown(show, desk_id)
    test.button(key="look-closely").click().run()
    test.button(key="closely-back").click().run()
    assert open_desk(desk_id).image == "nv5", "before the first picture comes the last"
    assert tiles[-1][-1] == "NV · nv5*"
    assert "Pictures 13 to 18 of 18" in said(test)


def test_a_picture_that_is_gone_leaves_a_grey_tile(
    show: Show, tiny_set: Path, desk_id: str, home: Path, tiles: list[list[str]]
) -> None:
    (home / "datasets" / "tiny" / "images" / "nv1.png").unlink()
    test = shown(show, desk_id)
    test.button_group(key="gallery-class").set_value(["nv"]).run()
    assert len(tiles[-1]) == 6
    assert not test.error
    open_desk(desk_id).save(image="nv1")
    test.run()
    assert "cannot be read" in test.error[0].value


def test_filters_stay_while_other_pages_are_visited(
    show: Show, tiny_set: Path, desk_id: str, tiles: list[list[str]]
) -> None:
    test = shown(show, desk_id)
    test.button_group(key="gallery-class").set_value(["nv", "mel"]).run()
    test.selectbox(key="gallery-size").set_value(24).run()
    root = Path(__file__).resolve().parent.parent.parent
    test.switch_page(str(root / "pages/2_convolution.py")).run()
    test.switch_page(str(root / PAGE)).run()
    assert "**12** of 18 pictures" in said(test)
    assert test.selectbox(key="gallery-size").value == 24


def test_classes_of_another_set_are_forgotten(
    show: Show, tiny_set: Path, desk_id: str, tiles: list[list[str]]
) -> None:
    test = show(PAGE)
    test.button_group(key="gallery-class").set_value(["scc", "nv"]).run()
    test.selectbox(key="choose-dataset").select("tiny").run()
    assert not test.exception
    assert {caption[:2] for caption in tiles[-1]} == {"NV"}


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
