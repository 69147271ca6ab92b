"""Data explorer: bringing pictures in, sharing and deleting sets."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lesionlab.app.desk import open_desk
from lesionlab.data.import_set import import_dataset
from lesionlab.data.store import info_of, is_stored, share_dataset
from lesionlab.jobs import store
from lesionlab.task import QuietTask

PAGE = "pages/1_data_explorer.py"
OTHER = "cd" * 12
Show = Callable[..., AppTest]


@pytest.fixture
def own_set(tiny_set: Path, home: Path, desk_id: str) -> str:
    """A data set `mine` that belongs to the desk."""
    import_dataset("folder", tiny_set, "mine", owner_desk=desk_id, task=QuietTask(home))
    return "mine"


def archive(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return buffer.getvalue()


def bringing(show: Show, way: str = "Upload") -> AppTest:
    test = show(PAGE).button(key="bring-in").click().run()
    if way != "Upload":
        test.button_group(key="bring-way").set_value(way).run()
    assert not test.exception
    return test


def uploaded(show: Show, content: bytes) -> AppTest:
    test = bringing(show)
    test.get("file_uploader")[0].set_value(("My Moles.zip", content, "application/zip"))
    test.run()
    assert not test.exception
    return test


def words(test: AppTest) -> str:
    return " ".join(str(element.value) for element in [*test.markdown, *test.caption, *test.error])


def test_drawing_more_is_a_job(show: Show, desk_id: str) -> None:
    test = bringing(show, "Draw")
    test.number_input(key="draw-many").set_value(20)
    test.button(key="draw").click().run()
    (job,) = store.list_jobs("synthesize")
    assert (job.spec["per_class"], job.desk) == (20, desk_id)
    assert store.read_state(job).status == "queued"
    assert any(job.name in str(bar.proto.text) for bar in test.get("progress"))
    assert "draw" not in [button.key for button in test.button], "the dialog is closed"
    test.button(key=f"cancel-{job.id}").click().run()
    assert job.cancel_file.exists()


def test_an_archive_is_imported_by_a_job(show: Show, home: Path, desk_id: str) -> None:
    content = archive(**{"nv/a.png": b"x"})
    test = uploaded(show, content)
    assert "1 pictures" in words(test)
    assert test.text_input(key="archive-name").value == "my-moles"
    test.button(key="import").click().run()
    (job,) = store.list_jobs("import-data")
    assert (job.spec["source"], job.spec["name"], job.desk) == ("zip", "my-moles", desk_id)
    assert Path(job.spec["path"]).read_bytes() == content
    assert Path(job.spec["path"]).is_relative_to(home)


def test_the_layout_of_a_public_set_is_recognised(show: Show) -> None:
    table = b"lesion_id,image_id,dx,dx_type,age,sex,localization\nHAM_0000001,ISIC_1,nv,,,,\n"
    test = uploaded(show, archive(**{"HAM10000_metadata.csv": table, "ISIC_1.jpg": b"x"}))
    assert test.selectbox(key="import-kind").value == "ham10000"
    test.button(key="import").click().run()
    assert store.list_jobs("import-data")[0].spec["source"] == "ham10000"


def test_columns_of_a_table_are_chosen_with_a_preview(show: Show) -> None:
    table = b"photo,finding,age\na.png,mel,40\nb.png,wart,50\n"
    content = archive(**{"list.csv": table, "a.png": b"x", "b.png": b"x"})
    test = uploaded(show, content)
    test.selectbox(key="import-kind").select("table").run()
    assert list(test.dataframe[0].value["finding"]) == ["mel", "wart"]
    path = next(box.key for box in test.selectbox if str(box.key).startswith("label-column"))
    test.selectbox(key=path).select("finding").run()
    assert "left out: no class that we know" in list(test.dataframe[1].value["Becomes"])
    test.selectbox(key=path.replace("label", "file")).select("photo").run()
    test.button(key="import").click().run()
    (job,) = store.list_jobs("import-data")
    assert (job.spec["label_column"], job.spec["file_column"]) == ("finding", "photo")


def test_a_broken_archive_gives_a_sentence(show: Show) -> None:
    test = uploaded(show, b"PK\x03\x04 and then nothing")
    assert "cannot be read" in words(test)


def test_a_folder_of_the_server_only_below_the_roots(
    show: Show, tiny_set: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "On the server" not in bringing(show).button_group(key="bring-way").options
    outside = home.parent / "outside"
    (outside / "nv").mkdir(parents=True)
    root = home.parent / "opened"
    (root / "set" / "nv").mkdir(parents=True)
    (root / "set" / "nv" / "a.png").write_bytes(b"x")
    monkeypatch.setenv("LESIONLAB_IMPORT_ROOTS", str(root))
    test = bringing(show, "On the server")
    test.text_input(key="server-path").set_value(str(outside)).run()
    assert "Expected a folder or file below" in words(test)
    test.text_input(key="server-path").set_value(str(root / "set")).run()
    test.button(key="import").click().run()
    (job,) = store.list_jobs("import-data")
    assert (job.spec["source"], job.spec["name"]) == ("folder", "set")


def test_sets_are_joined_by_a_job(show: Show, own_set: str) -> None:
    test = bringing(show, "Join sets")
    test.multiselect(key="join-sets").set_value(["mine", "tiny"]).run()
    assert "At most 36 pictures." in words(test)
    test.text_input(key="join-name").set_value("both").run()
    test.button(key="join").click().run()
    (job,) = store.list_jobs("combine-data")
    assert (job.spec["names"], job.spec["name"]) == (["mine", "tiny"], "both")


def test_only_its_owner_sees_a_set_until_it_is_shared(
    show: Show, own_set: str, desk_id: str
) -> None:
    assert own_set in show(PAGE).selectbox(key="choose-dataset").proto.options[0] or any(
        own_set in str(option) for option in show(PAGE).selectbox(key="choose-dataset").options
    )
    stranger = show(PAGE, desk=OTHER)
    assert not any(own_set in str(one) for one in stranger.selectbox(key="choose-dataset").options)
    open_desk(OTHER).save(dataset=own_set)
    refused = show(PAGE, desk=OTHER)
    assert "Expected the name of a data set." in refused.error[0].value
    share_dataset(own_set, desk_id)
    seen = show(PAGE, desk=OTHER)
    assert not seen.error
    assert "Another desk shares it" in words(seen)
    assert "delete-set" not in [button.key for button in seen.button]


def test_sharing_and_deleting(show: Show, own_set: str, desk_id: str) -> None:
    open_desk(desk_id).save(dataset=own_set)
    test = show(PAGE)
    test.toggle(key="share-set").set_value(True).run()
    info = info_of(own_set)
    assert info is not None and info.shared
    test.button(key="delete-set").click().run()
    assert "18 pictures with their table" in words(test)
    assert is_stored(own_set)
    test.button(key="delete-for-good").click().run()
    assert not is_stored(own_set)
    assert open_desk(desk_id).dataset == "synthetic"


def test_what_everybody_gets_is_nobodys_to_stop(show: Show) -> None:
    job = store.submit("synthesize", {"per_class": 2}, store.EVERYBODY, "synthetic")
    test = show(PAGE)
    assert any("drawn data set" in str(bar.proto.text) for bar in test.get("progress"))
    assert f"cancel-{job.id}" not in [button.key for button in test.button]
