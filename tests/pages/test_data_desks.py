"""Data explorer with several desks on one server, and what is left when things come to an end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lesionlab.app.data import inspecting
from lesionlab.app.desk import open_desk
from lesionlab.data import quota
from lesionlab.data.import_set import import_dataset
from lesionlab.data.ownership import new_upload, upload_folder
from lesionlab.data.store import SHIPPED
from lesionlab.errors import DataError
from lesionlab.files import write_bytes
from lesionlab.jobs import store
from lesionlab.jobs.state import State, write_state
from lesionlab.jobs.worker import HANDLERS, run
from lesionlab.task import QuietTask

PAGE = "pages/1_data_explorer.py"
OTHER = "cd" * 12
Show = Callable[..., AppTest]


def import_job(desk: str, name: str) -> store.Job:
    """An import of an archive that was uploaded, which holds nothing that can be read."""
    path = new_upload(desk)
    write_bytes(path, b"PK\x05\x06" + bytes(18))
    return store.submit(
        "import-data", {"source": "zip", "path": str(path), "name": name}, desk, name
    )


def bars(test: AppTest) -> str:
    return " ".join(str(bar.proto.text) for bar in test.get("progress"))


def test_another_set_can_be_chosen_when_the_chosen_one_is_gone(
    show: Show, tiny_set: Path, home: Path, desk_id: str
) -> None:
    import_dataset("folder", tiny_set, "mine", owner_desk=desk_id, task=QuietTask(home))
    open_desk(OTHER).save(dataset="mine")
    test = show(PAGE, desk=OTHER)
    choice = test.selectbox(key="choose-dataset")
    assert test.error and choice.value is None
    choice.select("tiny").run()
    assert not test.error
    assert open_desk(OTHER).dataset == "tiny"


def test_drawing_does_not_stumble_over_a_set_of_another_desk(
    show: Show, tiny_set: Path, home: Path, desk_id: str
) -> None:
    def draw() -> AppTest:
        test = show(PAGE).button(key="bring-in").click().run()
        test.button_group(key="bring-way").set_value("Draw").run()
        return test.button(key="draw").click().run()

    import_dataset("folder", tiny_set, "drawn-100-1", owner_desk=OTHER, task=QuietTask(home))
    assert not draw().error
    (job,) = store.list_jobs("synthesize")
    assert (job.name, job.spec["name"]) == ("drawn-100-1-2", "drawn-100-1-2")
    import_dataset("folder", tiny_set, "drawn-100-1-2", owner_desk=desk_id, task=QuietTask(home))
    assert "drawn-100-1-2 already" in draw().error[0].value, "one's own is not drawn once more"


def test_the_newest_job_of_a_name_has_the_bar(show: Show, tiny_set: Path, desk_id: str) -> None:
    old = import_job(desk_id, "both")
    words = json.loads((old.folder / "job.json").read_text())
    words["created"] = "2026-01-01T00:00:00+00:00"
    (old.folder / "job.json").write_text(json.dumps(words))
    write_state(old, State("done", 1.0))
    store.submit("combine-data", {"names": ["tiny"], "name": "both"}, desk_id, "both")
    assert "The data set both" in bars(show(PAGE))


def test_a_job_that_ended_does_not_keep_the_page_busy(show: Show, desk_id: str) -> None:
    """Where nobody has asked for the full drawn set, the page waits for that and nothing else."""
    job = import_job(desk_id, "moles")
    write_state(job, State("cancelled"))
    test = show(PAGE)
    assert f"dismiss-{job.id}" in [button.key for button in test.button]
    assert test.button_group(key="explorer-section"), "the page is drawn to its end"


def test_the_upload_of_a_dismissed_import_goes(show: Show, desk_id: str) -> None:
    job = import_job(desk_id, "moles")
    write_state(job, State("failed", error=DataError("No.").to_dict()))
    assert quota.usage(desk_id).uploads == 22
    show(PAGE).button(key=f"dismiss-{job.id}").click().run()
    assert not store.list_jobs("import-data")
    assert quota.usage(desk_id).total == 0


def test_an_import_whose_upload_is_gone_says_so(desk_id: str) -> None:
    job = import_job(desk_id, "moles")
    Path(job.spec["path"]).unlink()
    ended = run(job, State(), HANDLERS)
    assert ended.status == "failed"
    assert "uploads are kept for two days" in ended.message


def test_no_bar_tells_of_the_jobs_of_another_desk(show: Show) -> None:
    job = import_job(OTHER, "secret-clinic")
    write_state(job, State("failed", error=DataError("secret-clinic is broken.").to_dict()))
    test = show(PAGE)
    assert not test.error
    assert f"dismiss-{job.id}" not in [button.key for button in test.button]


def test_sets_of_one_title_are_told_apart(show: Show, home: Path, desk_id: str) -> None:
    """Whatever is drawn has the same title."""
    for name in ("synthetic", "drawn-20-1", "drawn-20-2"):
        import_dataset("folder", SHIPPED, name, task=QuietTask(home))
    options = show(PAGE).selectbox(key="choose-dataset").options
    assert len(set(options)) == 4
    assert "Drawn lesions (synthetic)" in options
    assert "Drawn lesions (synthetic) (drawn-20-2)" in options


def test_an_upload_is_known_by_its_name(show: Show, desk_id: str) -> None:
    test = show(PAGE).button(key="bring-in").click().run()
    upload = ("Moles of Ward 7.zip", b"PK\x05\x06" + bytes(18), "application/zip")
    test.get("file_uploader")[0].set_value(upload).run()
    (path,) = upload_folder(desk_id).iterdir()
    assert path.name.endswith("-moles-of-ward-7.zip")
    # Another one takes its place.
    test.get("file_uploader")[0].set_value(("b.zip", *upload[1:])).run()
    (path,) = upload_folder(desk_id).iterdir()
    assert path.name.endswith("-b.zip")


def test_what_an_abandoned_form_has_uploaded_goes(show: Show, desk_id: str) -> None:
    upload = (b"PK\x05\x06" + bytes(18), "application/zip")

    def form(name: str) -> AppTest:
        test = show(PAGE).button(key="bring-in").click().run()
        test.get("file_uploader")[0].set_value((name, *upload)).run()
        return test

    job = import_job(desk_id, "waiting")
    first = form("a.zip")
    form("b.zip")
    names = {path.name.partition("-")[2] for path in upload_folder(desk_id).iterdir()}
    assert names == {"", "b.zip"}, "what a job waits for stays"
    assert Path(job.spec["path"]).is_file()
    # The other tab is still open: its archive is there again when it is needed.
    first.run()
    assert any(path.name.endswith("-a.zip") for path in upload_folder(desk_id).iterdir())


def test_a_set_is_not_asked_for_twice(desk_id: str) -> None:
    job = import_job(desk_id, "moles")
    with pytest.raises(DataError, match="moles is on its way already"):
        import_job(desk_id, "moles")
    import_job(desk_id, "other")
    import_job(OTHER, "moles")
    write_state(job, State("cancelled"))
    import_job(desk_id, "moles")


def test_a_chosen_set_is_not_taken_back(show: Show) -> None:
    """A choice that can be cleared gives None, which is no data set."""
    assert show(PAGE).selectbox(key="choose-dataset").proto.HasField("default")


def test_a_table_that_is_mended_on_the_server_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspecting, "KEPT_SECONDS", 1e-6)
    folder = tmp_path / "set"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "a.png").write_bytes(b"x")
    (folder / "below" / "labels.csv").write_text("file,label\na.png,wart\n")
    found = inspecting.inspect(folder)
    assert found.preview is not None and list(found.preview.columns) == ["file", "label"]
    (folder / "below" / "labels.csv").write_text("photo,finding\na.png,mel\n")
    found = inspecting.inspect(folder)
    assert found.preview is not None and list(found.preview.columns) == ["photo", "finding"]
    counted = inspecting.preview(folder, "finding")
    assert counted is not None and counted.label_counts == {"mel": 1}
