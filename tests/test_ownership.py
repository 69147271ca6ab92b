"""Whose a data set is: who sees it, opens it, trains on it, shares it and deletes it."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from published import sheet

from lesionlab.data.import_set import import_dataset
from lesionlab.data.job import run_combine, run_import, run_synthesize
from lesionlab.data.ownership import (
    SERVER_DESKS,
    new_upload,
    owner_of,
    server_path,
    source_path,
)
from lesionlab.data.store import (
    delete_dataset,
    info_of,
    list_datasets,
    may_change,
    open_dataset,
    share_dataset,
)
from lesionlab.errors import DataError
from lesionlab.evaluation.evaluate import evaluate_model
from lesionlab.experiment import recipe
from lesionlab.jobs import runs, store
from lesionlab.task import QuietTask
from lesionlab.training.job import run_train

ANNA, BEN = "a" * 24, "b" * 24


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "skin"
    for number, name in enumerate(("mel/a.png", "nv/b.png")):
        (folder / name).parent.mkdir(parents=True)
        Image.fromarray(np.full((8, 8, 3), number, np.uint8)).save(folder / name)
    return folder


@pytest.fixture
def annas(source: Path, tmp_path: Path) -> str:
    import_dataset("folder", source, "annas", owner_desk=ANNA, task=QuietTask(tmp_path / "j"))
    return "annas"


def names(desk: str | None) -> list[str]:
    return [info.name for info in list_datasets(desk)]


def test_a_private_set_is_there_for_its_desk_alone(annas: str, home: Path) -> None:
    assert names(ANNA) == names(None) == names("command-line") == ["annas", "synthetic-small"]
    assert names(BEN) == ["synthetic-small"]
    assert len(open_dataset(annas, ANNA)) == len(open_dataset(annas)) == 2
    with pytest.raises(DataError, match=r"Received 'annas'\. There are: synthetic-small\. The"):
        open_dataset(annas, BEN)
    assert info_of(annas, BEN) is None
    with pytest.raises(DataError, match="No 'annas'"):
        delete_dataset(annas, BEN)
    with pytest.raises(DataError, match="No 'annas'"):
        share_dataset(annas, BEN)
    assert [may_change(annas, desk) for desk in (ANNA, BEN, None)] == [True, False, True]
    # The desk's id is a key: it must not stand where others may read it.
    assert ANNA not in (home / "datasets" / "annas" / "dataset.json").read_text()


def test_shared_and_taken_back(annas: str, home: Path) -> None:
    before = (home / "datasets").stat().st_mtime_ns
    share_dataset(annas, ANNA)
    assert (home / "datasets").stat().st_mtime_ns > before, "a kept list must see it"
    assert names(BEN) == ["annas", "synthetic-small"]
    assert len(open_dataset(annas, BEN)) == 2
    info = info_of(annas, BEN)
    assert info is not None
    assert [info.whose(desk) for desk in (ANNA, BEN, None)] == ["yours", "shared", "shared"]
    assert not may_change(annas, BEN)
    with pytest.raises(DataError, match="belongs to another desk"):
        delete_dataset(annas, BEN)
    share_dataset(annas, ANNA, shared=False)
    assert names(BEN) == ["synthetic-small"]
    delete_dataset(annas, ANNA)
    assert names(None) == ["synthetic-small"]


def test_what_the_server_brings_is_everyones(source: Path, tmp_path: Path) -> None:
    import_dataset("folder", source, "ours", task=QuietTask(tmp_path / "j"))
    assert "ours" in names(ANNA)
    assert "ours" in names(BEN)
    with pytest.raises(DataError, match="belongs to the server"):
        delete_dataset("ours", ANNA)
    with pytest.raises(DataError, match="everyone sees it already"):
        share_dataset("ours")
    with pytest.raises(DataError, match="comes with the program"):
        delete_dataset("synthetic-small", ANNA)
    delete_dataset("ours")


def test_sets_of_before_there_were_owners(source: Path, tmp_path: Path) -> None:
    made = import_dataset("folder", source, "old", task=QuietTask(tmp_path / "j"))
    path = made.folder / "dataset.json"
    values = json.loads(path.read_text())
    for key in ("owner", "shared", "num_bytes"):
        values.pop(key)
    path.write_text(json.dumps(values))
    info = info_of("old", ANNA)
    assert info is not None
    assert (info.owner, info.shared, info.num_bytes, info.whose(ANNA)) == ("", False, 0, "server")
    assert len(open_dataset("old", ANNA)) == 2


def test_a_damaged_description_hides_the_set_from_desks(annas: str, home: Path) -> None:
    (home / "datasets" / "annas" / "dataset.json").write_text("{torn")
    for desk in (ANNA, BEN):
        with pytest.raises(DataError, match="Received 'annas'"):
            open_dataset(annas, desk)
        assert not may_change(annas, desk)
    with pytest.raises(DataError, match="whole data set"):
        open_dataset(annas)
    delete_dataset(annas)


def test_a_desk_opens_names_and_no_folders(annas: str, source: Path, home: Path) -> None:
    assert len(open_dataset(str(source))) == 2
    for path in (source, home / "datasets" / annas, home / "datasets" / "x" / ".." / annas):
        for desk in (ANNA, BEN):
            with pytest.raises(DataError, match="Expected the name of a data set"):
                open_dataset(str(path), desk)


def test_names_are_one_for_all_desks(annas: str, source: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"called annas already\. Choose another name\.$"):
        import_dataset("folder", source, annas, owner_desk=BEN, task=QuietTask(tmp_path / "k"))
    with pytest.raises(DataError, match="the program keeps for itself"):
        # Everyone who asks for the drawn set would get this one instead.
        import_dataset(
            "folder", source, "synthetic", owner_desk=BEN, task=QuietTask(tmp_path / "k")
        )


def test_trainings_see_what_their_desk_sees(annas: str, source: Path, tmp_path: Path) -> None:
    spec = {"experiment": recipe("small-cnn").model_dump(mode="json", exclude_none=True)}
    for number, data in enumerate((annas, str(source))):
        folder = tmp_path / f"train-{number}"
        with pytest.raises(DataError, match="Expected the name of a data set"):
            run_train(QuietTask(folder, {**spec, "data": data}, desk=BEN))
    # What an earlier attempt wrote down is no way round it.
    (tmp_path / "again" / "checkpoints").mkdir(parents=True)
    (tmp_path / "again" / "checkpoints" / "data.json").write_text(json.dumps({"data": annas}))
    with pytest.raises(DataError, match="Received 'annas'"):
        run_train(QuietTask(tmp_path / "again", spec, desk=BEN))


def test_evaluations_see_what_their_desk_sees(annas: str, source: Path, tmp_path: Path) -> None:
    for data in (annas, str(source)):
        with pytest.raises(DataError, match="Expected the name of a data set"):
            evaluate_model("synthetic-small", data, task=QuietTask(tmp_path, desk=BEN))


def test_jobs_make_sets_of_their_desk(tmp_path: Path, annas: str) -> None:
    (tmp_path / "job").mkdir()
    spec = {"name": "drawn-1", "per_class": 1, "size": [32, 32], "seed": 1}
    run_synthesize(QuietTask(tmp_path / "job", spec, desk=ANNA))
    assert "drawn-1" in names(ANNA)
    assert "drawn-1" not in names(BEN)
    (tmp_path / "job-2").mkdir()
    run_synthesize(QuietTask(tmp_path / "job-2", spec | {"name": "drawn-2", "seed": 2}, desk=ANNA))
    spec = {"names": ["drawn-1", "drawn-2"], "name": "both"}
    with pytest.raises(DataError, match="Received 'drawn-1'"):
        run_combine(QuietTask(tmp_path / "job", spec, desk=BEN))
    run_combine(QuietTask(tmp_path / "job", spec, desk=ANNA))
    assert len(open_dataset("both", ANNA)) == 16
    assert "both" not in names(BEN)


def test_runs_on_a_deleted_set_stay(annas: str) -> None:
    small = recipe("small-cnn")
    other, on_it = runs.train(small, ANNA), runs.train(small, BEN, data=annas)
    assert [run.id for run in runs.runs_on(annas)] == [on_it.id]
    delete_dataset(annas, ANNA)
    assert [run.id for run in runs.runs_on(annas)] == [on_it.id]
    assert {run.id for run in runs.list_runs()} == {on_it.id, other.id}
    # One that asked for the drawn set began with the small one.
    (other.folder / "checkpoints").mkdir()
    (other.folder / "checkpoints" / "data.json").write_text('{"data": "synthetic-small"}')
    assert [run.id for run in runs.runs_on("synthetic-small")] == [other.id]


def test_who_counts_as_the_server() -> None:
    assert store.EVERYBODY in SERVER_DESKS
    assert owner_of(None) == owner_of("") == owner_of("command-line") == ""
    assert owner_of(ANNA) != owner_of(BEN)
    assert len(owner_of(ANNA)) == 64


def test_no_folder_of_the_server_by_default(source: Path) -> None:
    with pytest.raises(DataError, match=r"opens none.*LESIONLAB_IMPORT_ROOTS"):
        server_path(str(source), ANNA)
    assert server_path(str(source), None) == source
    assert server_path(str(source), "command-line") == source


def test_folders_below_the_roots(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    # An empty part would be the folder where the server was started.
    monkeypatch.setenv("LESIONLAB_IMPORT_ROOTS", f"{other}{os.pathsep}{source}{os.pathsep}")
    assert server_path(f" {source / 'mel'} ".strip(), ANNA) == source / "mel"
    assert server_path(str(source / "nv" / ".." / "mel"), ANNA) == source / "mel"
    assert server_path(str(source), ANNA) == source
    (source / "way-out").symlink_to(tmp_path)
    (source / "circle").symlink_to(source / "circle")
    refused = (
        tmp_path,
        source / "..",
        source / "nv" / ".." / ".." / "home",
        f"{source}-2",
        source / "way-out",
        source / "way-out" / "home",
        source / "circle",
        "/etc",
        "/",
        "mel",
        ".",
        "",
        "~",
        f"{source}\0/mel",
    )
    for path in refused:
        with pytest.raises(DataError, match=r"Expected a folder or file below .*other or .*skin"):
            server_path(str(path), ANNA)


def test_the_programs_own_folder_is_no_import(
    home: Path, annas: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LESIONLAB_IMPORT_ROOTS", str(tmp_path))
    # Private sets of others lie there.
    for path in (home, home / "datasets" / annas, tmp_path):
        with pytest.raises(DataError, match="Expected a folder or file below"):
            server_path(str(path), BEN)


def test_links_out_of_an_imported_folder(
    source: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LESIONLAB_IMPORT_ROOTS", str(source))
    secret = tmp_path / "secret.csv"
    secret.write_text("file,label\n")
    assert source_path(source, ANNA) == source
    (source / "nv" / "inside.png").symlink_to(source / "mel" / "a.png")
    assert source_path(source, ANNA) == source
    (source / "labels.csv").symlink_to(secret)
    for check in (source_path, lambda path, desk: server_path(str(path), desk)):
        with pytest.raises(DataError, match=r"labels\.csv is a link"):
            check(source, ANNA)
        with pytest.raises(DataError, match="Expected a folder or file below"):
            check(source / "mel" / ".." / "labels.csv", ANNA)
    (source / "table.csv").write_text("file,label\n")
    # A table of Excel is a zip, too, and is read with the pictures beside it all the same.
    (source / "table.xlsx").write_bytes(sheet([["file", "label"], ["mel/a.png", "mel"]]))
    for table in ("table.csv", "table.xlsx"):
        with pytest.raises(DataError, match=r"labels\.csv is a link"):
            source_path(source / table, ANNA)


def test_import_jobs_hold_the_rule_themselves(
    source: Path, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "job").mkdir()
    spec = {"source": "folder", "path": str(source), "name": "mine"}
    with pytest.raises(DataError, match="opens none"):
        run_import(QuietTask(tmp_path / "job", spec, desk=ANNA))
    with pytest.raises(DataError, match="opens none"):
        store.submit("import-data", spec, ANNA, "mine")
    assert store.list_jobs() == []
    monkeypatch.setenv("LESIONLAB_IMPORT_ROOTS", str(source.parent / "elsewhere"))
    with pytest.raises(DataError, match="below"):
        run_import(QuietTask(tmp_path / "job", spec, desk=ANNA))
    monkeypatch.setenv("LESIONLAB_IMPORT_ROOTS", str(source))
    store.submit("import-data", spec, ANNA, "mine")
    run_import(QuietTask(tmp_path / "job", spec, desk=ANNA))
    assert "mine" in names(ANNA)
    assert "mine" not in names(BEN)
    # It need not wait for its turn to be told that the name is taken.
    for name, sentence in (("mine", "called mine already"), ("synthetic", "keeps for itself")):
        with pytest.raises(DataError, match=sentence):
            store.submit("synthesize", {"name": name}, BEN, name)


def test_uploads_are_read_by_their_desk(source: Path, tmp_path: Path, home: Path) -> None:
    (tmp_path / "job").mkdir()
    upload = new_upload(ANNA)
    upload.parent.mkdir(parents=True)
    with zipfile.ZipFile(upload, "w") as archive:
        archive.write(source / "mel" / "a.png", "mel/a.png")
    spec = {"source": "zip", "path": str(upload), "name": "sent"}
    for path in (upload, upload.parent, home / "uploads"):
        with pytest.raises(DataError, match="opens none"):
            run_import(QuietTask(tmp_path / "job", {**spec, "path": str(path)}, desk=BEN))
    with pytest.raises(DataError, match="opens none"):
        source_path(upload.parent, ANNA)
    run_import(QuietTask(tmp_path / "job", spec, desk=ANNA))
    assert "sent" in names(ANNA)
    assert not upload.parent.exists()


def test_forgotten_uploads_go(home: Path) -> None:
    old, young = new_upload(ANNA), new_upload(ANNA)
    old.parent.mkdir(parents=True)
    old.write_bytes(b"")
    young.write_bytes(b"")
    os.utime(old, (0, 0))
    assert new_upload(BEN, ".csv").parent != old.parent
    assert (old.exists(), young.exists()) == (False, True)
