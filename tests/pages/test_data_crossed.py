"""Data explorer, who and where: what happens when a control moves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lesionlab.app.desk import open_desk

PAGE = "pages/1_data_explorer.py"
Show = Callable[..., AppTest]
# class, sex, age, place: of eight pictures
PEOPLE = [
    ("nv", "male", "30", "back"),
    ("nv", "male", "35", "back"),
    ("nv", "female", "30", "face"),
    ("nv", "", "", "back"),
    ("mel", "female", "60", "face"),
    ("mel", "female", "60", "face"),
    ("mel", "male", "65", "back"),
    ("mel", "female", "", "face"),
]


@pytest.fixture
def people(home: Path) -> str:
    """A data set `people` of four nevi and four melanomas."""
    from lesionlab.data.import_set import import_dataset
    from lesionlab.task import QuietTask

    folder = home / "people-source"
    folder.mkdir()
    lines = ["file,label,sex,age,site"]
    for number, (code, sex, age, site) in enumerate(PEOPLE):
        Image.new("RGB", (24, 18), (20 * number, 90, 90)).save(folder / f"{number}.png")
        lines.append(f"{number}.png,{code},{sex},{age},{site}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    import_dataset("folder", folder, "people", task=QuietTask(home))
    return "people"


def shown(show: Show, desk_id: str, name: str) -> AppTest:
    open_desk(desk_id).save(dataset=name)
    test = show(PAGE).button_group(key="explorer-section").set_value("Who and where").run()
    assert not test.exception
    return test


def alts(test: AppTest) -> list[str]:
    return [chart.proto.alt for chart in test.get("plotly_chart")]


def test_places_are_split_by_class_at_first(show: Show, people: str, desk_id: str) -> None:
    test = shown(show, desk_id, people)
    assert alts(test)[0].startswith("Stacked bars of pictures by place on the body, split by class")
    assert "back 4; face 4" in alts(test)[0]
    # MEL: 1 of 4 on the back, 3 of 4 in the face. Twenty pictures are needed to say so.
    assert "largest difference" not in " ".join(c.value for c in test.caption)


def test_one_thing_alone(show: Show, people: str, desk_id: str) -> None:
    test = shown(show, desk_id, people)
    test.selectbox(key="crossed-first-people").select("sex").run()
    test.selectbox(key="crossed-second-people").select_index(0).run()
    assert "Bars of pictures by sex: female 4; male 3; not known 1" in alts(test)[0]


def test_ages_by_five_or_ten_years(show: Show, people: str, desk_id: str) -> None:
    test = shown(show, desk_id, people)
    test.selectbox(key="crossed-first-people").select("age").run()
    assert "30–39 3; 40–49 0; 50–59 0; 60–69 3; not known 2" in alts(test)[0]
    test.button_group(key="crossed-years").set_value(5).run()
    assert "30–34 2; 35–39 1;" in alts(test)[0]
    assert not test.exception


def test_as_a_table_and_in_shares(show: Show, people: str, desk_id: str) -> None:
    test = shown(show, desk_id, people)
    test.button_group(key="crossed-kind").set_value("Table").run()
    assert alts(test)[0].startswith("Table of pictures by place on the body")
    test.button_group(key="crossed-unit").set_value("Shares").run()
    assert "per cent of the bar or row" in " ".join(c.value for c in test.caption)
    assert not test.exception


def test_the_same_thing_twice_is_not_offered(show: Show, people: str, desk_id: str) -> None:
    test = shown(show, desk_id, people)
    test.selectbox(key="crossed-first-people").select("diagnosis").run()
    assert "Class" not in test.selectbox(key="crossed-second-people").options
    assert "Bars of pictures by class: MEL 4; NV 4" in alts(test)[0]
    assert not test.exception


def test_what_is_missing(show: Show, people: str, desk_id: str) -> None:
    found = alts(shown(show, desk_id, people))[1]
    assert "Age in years 2" in found
    assert "Sex 1" in found
    assert "Place on the body 0" in found
    assert "Patient 8" in found


def test_unknown_ages_are_a_choice_of_the_experiment(show: Show, people: str, desk_id: str) -> None:
    test = shown(show, desk_id, people)
    # (30 + 35 + 30 + 60 + 60 + 65) / 6
    assert any("2 have no age" in m.value and "46.7" in m.value for m in test.markdown)
    test.radio(key="missing-age").set_value("mean").run()
    assert open_desk(desk_id).draft.data.missing_age == "mean"
    assert any("2 get 46.7 years" in m.value for m in test.markdown)
    test.selectbox(key="crossed-first-people").select("age").run()
    assert "30–39 3; 40–49 2; 50–59 0; 60–69 3" in alts(test)[0], "counted as the experiment has it"
    test.radio(key="missing-age").set_value("keep").run()
    assert open_desk(desk_id).draft.data.missing_age == "keep"


def test_the_drawn_set_has_it_all(show: Show, desk_id: str) -> None:
    test = shown(show, desk_id, "synthetic-small")
    assert len(alts(test)) == 2
