"""Data explorer, the split: what happens when a control moves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from lesionlab import settings
from lesionlab.app import caches
from lesionlab.app.desk import open_desk
from lesionlab.data.dataset import for_classes
from lesionlab.data.split import SplitPlan, split_csv
from lesionlab.data.table import read_table, write_table

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


def with_given_parts(parts: list[str | None]) -> None:
    folder = settings.current().datasets / "tiny"
    table = read_table(folder / "table.parquet")
    write_table(table.assign(given_part=parts), folder / "table.parquet")


def test_published_parts_can_be_taken_where_there_are_some(
    show: Show, tiny_set: Path, desk_id: str
) -> None:
    assert all(toggle.key != "split-given" for toggle in shown(show, desk_id).toggle)
    # Of each class: four pictures (two lesions) to train, two (one lesion) for the test.
    with_given_parts(["train"] * 4 + ["test"] * 2 + ["train"] * 4 + ["test"] * 2 + ["train"] * 6)
    test = shown(show, desk_id).toggle(key="split-given").set_value(True).run()
    assert not test.exception
    assert open_desk(desk_id).draft.split.given
    assert "It has no validation part" in test.success[0].value
    assert "The test part has no picture of" in test.success[0].value
    assert "├── train (" in test.code[0].value


def test_published_parts_that_leak_are_a_warning(show: Show, tiny_set: Path, desk_id: str) -> None:
    with_given_parts(["train", "test", "validation"] * 6)
    test = shown(show, desk_id).toggle(key="split-given").set_value(True).run()
    assert "lesions in two parts" in test.warning[0].value
    assert test.slider(key="split-cuts").disabled


def test_a_set_without_parts_lets_one_go_back(show: Show, tiny_set: Path, desk_id: str) -> None:
    desk = open_desk(desk_id)
    given = desk.draft.split.model_copy(update={"given": True})
    desk.save(draft=desk.draft.model_copy(update={"split": given}))
    test = shown(show, desk_id)
    assert "dealt out here" in test.error[0].value
    assert not test.toggle(key="split-given").set_value(False).run().error


def test_errors_speak_the_words_of_the_page(show: Show, tiny_set: Path, desk_id: str) -> None:
    test = shown(show, desk_id).selectbox(key="split-group").select("patient").run()
    assert "split.group_by" not in test.error[0].value
    test = shown(show, desk_id).number_input(key="per-class").set_value(2).run()
    assert "split.group_by" not in test.error[0].value


def test_what_a_split_by_picture_gives_away(show: Show, tiny_set: Path, desk_id: str) -> None:
    test = shown(show, desk_id)
    on_both, share = (metric.value for metric in test.metric)
    # Nine lesions of two pictures; of the test's pictures some have their sister in training.
    assert 0 < int(on_both) <= 3
    assert share in ("33 %", "67 %", "100 %")
    alt = test.get("plotly_chart")[1].proto.alt
    assert "As chosen above: 0 of 6 test pictures have a sister in training" in alt
    pairs = [html.value for html in test.get("html") if "in training" in html.value]
    assert len(pairs) == int(on_both)
    assert all("in the test" in pair for pair in pairs)


def test_the_list_of_parts_is_the_one_on_the_page(tiny_set: Path) -> None:
    found = caches.dataset("tiny", None)
    light = caches.labelled(found, "isic8", 4, 7)
    split = caches.split_of(light, SplitPlan(seed=7, group_by="image"))
    text = split_csv(for_classes(found, "isic8", 4, 7), split)
    lines = [line.split(",") for line in text.splitlines()]
    assert lines[0] == ["image_id", "path", "label", "group", "part", "bytes"]
    rows = light.table["row"].to_numpy()
    assert [line[0] for line in lines[1:]] == found.table["image_id"].iloc[rows].tolist()
    assert [line[4] for line in lines[1:]] == split.parts.tolist()
