"""Data explorer: the form for pictures of the ISIC Archive."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lesionlab.app.data.downloading import offered
from lesionlab.data.isic_archive.search import Stock
from lesionlab.data.quota import in_words
from lesionlab.jobs import store
from lesionlab.task import QuietTask

sys.path.insert(0, str(Path(__file__).parent.parent))
from isic_archive_server import Archive, Fault, serving


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    found = Archive()
    found.add("mel", 12)
    found.add("nv", 30, "CC-BY-NC")
    with serving(found):
        monkeypatch.setenv("LESIONLAB_ISIC_URL", found.url)
        yield found


@pytest.fixture
def form(archive: Archive, desk_id: str) -> AppTest:
    def page(desk_id: str) -> None:
        import streamlit as st

        from lesionlab.app.data import downloading
        from lesionlab.app.desk import open_desk

        if downloading.form(open_desk(desk_id)):
            st.success("asked for")

    test = AppTest.from_function(page, default_timeout=120, kwargs={"desk_id": desk_id}).run()
    assert not test.exception, test.exception
    return test


def told(test: AppTest) -> str:
    return test.button(key="isic-download").label


def test_nothing_is_asked_before_the_button_is_pressed(form: AppTest, archive: Archive) -> None:
    form.multiselect(key="isic-classes").set_value(["mel", "nv"]).run()
    form.number_input(key="isic-many").set_value(20).run()
    form.toggle(key="isic-dermoscopic").set_value(False).run()
    assert archive.asked == []
    assert not any(button.key == "isic-download" for button in form.button)


def test_what_would_come_is_told_and_becomes_a_job(
    form: AppTest, archive: Archive, desk_id: str, home: Path
) -> None:
    form.multiselect(key="isic-classes").set_value(["mel", "nv"])
    form.number_input(key="isic-many").set_value(20)
    form.button(key="isic-ask").click().run()
    assert not form.exception, form.exception
    rows = form.dataframe[0].value
    assert rows["In the archive"].tolist() == [12, 30]
    assert rows["To fetch"].tolist() == [12, 20]
    stock = {
        code: Stock(number, sum(len(archive.files[i]) for i in archive.find(f'diagnosis_3:"{n}"')))
        for code, n, number in (("mel", "Melanoma Invasive", 12), ("nv", "Nevus", 30))
    }
    size = offered({"mel": 20, "nv": 20}, stock)[2]
    assert told(form) == f"Download 32 pictures, about {in_words(size or 0)}"
    asked = len(archive.asked)
    # Other numbers and another seed need no new answer; other licences do.
    form.number_input(key="isic-many").set_value(5).run()
    assert told(form).startswith("Download 10 pictures")
    form.multiselect(key="isic-licences").set_value(["CC-0"]).run()
    assert not any(button.key == "isic-download" for button in form.button)
    form.multiselect(key="isic-licences").set_value(["CC-0", "CC-BY-NC"]).run()
    assert len(archive.asked) == asked
    form.button(key="isic-ask").click().run()
    form.toggle(key="isic-own").set_value(True).run()
    form.number_input(key="isic-many-nv").set_value(7).run()
    form.text_input(key="isic-name").set_value("my-skin").run()
    assert told(form).startswith("Download 12 pictures")
    form.button(key="isic-download").click().run()
    assert not form.exception, form.exception
    assert form.success[0].value == "asked for"
    (job,) = store.list_jobs("download-data")
    assert (job.desk, job.name) == (desk_id, "my-skin")
    assert job.spec == {
        "name": "my-skin",
        "per_class": {"mel": 5, "nv": 7},
        "licences": ["CC-0", "CC-BY-NC"],
        "dermoscopic": True,
        "seed": 0,
    }
    from lesionlab.data.isic_archive.job import run_download
    from lesionlab.data.store import open_dataset

    run_download(QuietTask(job.folder, job.spec, desk_id))
    assert open_dataset("my-skin", desk_id).counts() == {"mel": 5, "nv": 7}
    form.button(key="isic-download").click().run()
    assert any("name that is free" in error.value for error in form.error)
    assert not form.success


def test_an_archive_that_cannot_be_reached_is_told(
    form: AppTest, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lesionlab.data.isic_archive import session

    monkeypatch.setattr(session, "FIRST_WAIT", 0.01)
    archive.always["search"] = Fault(503)
    form.button(key="isic-ask").click().run()
    (error,) = form.error
    assert "could not be reached" in error.value and "Check the connection" in error.value
    asked = len(archive.asked)
    form.number_input(key="isic-seed").set_value(3).run()
    assert len(form.error) == 1
    assert len(archive.asked) == asked, "a rerun asks nothing"
    classes = form.multiselect(key="isic-classes").value
    form.multiselect(key="isic-classes").set_value(["nv"]).run()
    assert not form.error, "the problem was with another question"
    form.multiselect(key="isic-classes").set_value(classes).run()
    assert len(form.error) == 1
    archive.always = {}
    form.button(key="isic-ask").click().run()
    assert not form.error
    assert told(form).startswith("Download 42 pictures")


def test_nothing_of_what_is_wanted(form: AppTest) -> None:
    form.multiselect(key="isic-classes").set_value(["df"])
    form.button(key="isic-ask").click().run()
    assert "none of these" in form.info[0].value
    form.multiselect(key="isic-classes").set_value([]).run()
    assert form.button(key="isic-ask").disabled


def test_the_sum_by_hand() -> None:
    there = {"mel": Stock(10, 40_000_000), "nv": Stock(100, 50_000_000)}
    rows, total, size = offered({"mel": 5, "nv": 200}, there)
    assert [row["About MB"] for row in rows] == [20.0, 50.0]
    assert (total, size) == (105, 70_000_000)
    rows, total, size = offered({"mel": 5, "nv": 1}, there | {"nv": Stock(100, None)})
    assert (total, size, rows[1]["About MB"]) == (6, None, None)
