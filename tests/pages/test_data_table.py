"""Data explorer: licence, citation and the table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from lesionlab.app.desk import open_desk

PAGE = "pages/1_data_explorer.py"
Show = Callable[..., AppTest]


def table(show: Show, desk_id: str, name: str = "tiny") -> AppTest:
    open_desk(desk_id).save(dataset=name)
    return show(PAGE).button_group(key="explorer-section").set_value("Table and licence").run()


def words(test: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in test.get("html"))


def test_licence_and_citation_to_copy(show: Show, desk_id: str) -> None:
    test = table(show, desk_id, "synthetic-small")
    assert "Drawn by lesionlab" in test.code[0].value
    assert test.code[1].value.endswith("CC0-1.0")
    test.button_group(key="citation-form").set_value("BibTeX").run()
    assert test.code[0].value.startswith("@misc{synthetic-small,")


def test_a_set_without_a_source_says_so(show: Show, tiny_set: Path, desk_id: str) -> None:
    test = table(show, desk_id)
    assert not test.code
    assert "ask who made the pictures" in words(test)
    assert any("Nobody has said whom to cite" in element.value for element in test.markdown)


def test_a_page_of_the_table_and_no_more(show: Show, desk_id: str) -> None:
    test = table(show, desk_id, "synthetic-small")
    assert len(test.dataframe[0].value) == 25
    first = test.dataframe[0].value["image_id"].iloc[0]
    test.button(key="table-next").click().run()
    assert len(test.dataframe[0].value) == 25
    assert test.dataframe[0].value["image_id"].iloc[0] != first
    assert any("Rows 26 to 50 of 160" in element.value for element in test.caption)


def test_search_and_sorting_happen_before_paging(show: Show, tiny_set: Path, desk_id: str) -> None:
    test = table(show, desk_id)
    test.text_input(key="table-text").set_value("mel").run()
    assert test.dataframe[0].value["diagnosis"].tolist() == ["mel"] * 6
    test.selectbox(key="table-sort").set_value("image_id").run()
    test.toggle(key="table-falling").set_value(True).run()
    ids = [f"mel{k}" for k in (5, 4, 3, 2, 1, 0)]
    assert test.dataframe[0].value["image_id"].tolist() == ids
    test.text_input(key="table-text").set_value("nobody").run()
    assert not test.dataframe
    assert "No row" in test.info[0].value


def test_columns_are_explained(show: Show, tiny_set: Path, desk_id: str) -> None:
    text = words(table(show, desk_id))
    assert "<dt>lesion_id</dt><dd>The spot on the skin." in text
