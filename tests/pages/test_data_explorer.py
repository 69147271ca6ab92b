"""Data explorer: what happens when a control moves."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from lesionlab.app.desk import open_desk
from lesionlab.jobs import store

PAGE = "pages/1_data_explorer.py"
Show = Callable[..., AppTest]


def words(test: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in test.get("html"))


def shown(show: Show, desk_id: str) -> AppTest:
    open_desk(desk_id).save(dataset="tiny")
    return show(PAGE)


def test_counts_and_the_three_parts(show: Show, tiny_set: Path, desk_id: str) -> None:
    test = shown(show, desk_id)
    charts = test.get("plotly_chart")
    assert "Melanoma (MEL) 6" in charts[0].proto.alt
    # Three lesions of two pictures a class: each part gets one lesion.
    assert "Melanoma (MEL) 2 training, 2 validation, 2 test" in charts[1].proto.alt
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


def test_drawing_more_is_a_job(show: Show, desk_id: str) -> None:
    test = show(PAGE)
    test.number_input(key="draw-many").set_value(20)
    test.button(key="draw").click().run()
    (job,) = store.list_jobs("synthesize")
    assert (job.spec["per_class"], job.desk) == (20, desk_id)
    assert store.read_state(job).status == "queued"
    assert any(job.name in str(bar.proto.text) for bar in test.get("progress"))
    test.button(key=f"cancel-{job.id}").click().run()
    assert job.cancel_file.exists()


def test_an_archive_is_imported_by_a_job(show: Show, home: Path, desk_id: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("nv/a.png", b"x")
    test = show(PAGE)
    test.get("file_uploader")[0].set_value(("My Moles.zip", buffer.getvalue(), "application/zip"))
    test.run()
    assert test.text_input(key="archive-name").value == "my-moles"
    test.button(key="import").click().run()
    (job,) = store.list_jobs("import-data")
    assert (job.spec["source"], job.spec["name"], job.desk) == ("zip", "my-moles", desk_id)
    assert Path(job.spec["path"]).read_bytes() == buffer.getvalue()
    assert Path(job.spec["path"]).is_relative_to(home)


def test_the_most_of_a_class_can_be_taken_away_again(show: Show, tiny_set: Path) -> None:
    open_desk("ab" * 12).save(dataset="tiny")
    test = show(PAGE)
    test.number_input(key="per-class").set_value(4).run()
    assert open_desk("ab" * 12).draft.data.per_class == 4
    test.number_input(key="per-class").set_value(None).run()
    assert test.number_input(key="per-class").value is None
    assert open_desk("ab" * 12).draft.data.per_class is None


def test_classes_that_came_with_a_set_go_with_it(show: Show, tiny_set: Path, desk_id: str) -> None:
    ham = open_desk(desk_id).draft.data.model_copy(update={"class_set": "ham7"})
    open_desk(desk_id).save(draft=open_desk(desk_id).draft.model_copy(update={"data": ham}))
    show(PAGE).selectbox(key="choose-dataset").select("tiny").run()
    assert open_desk(desk_id).draft.data.class_set == "ham7", "chosen by the reader"
