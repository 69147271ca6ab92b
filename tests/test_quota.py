"""What a desk takes of the disk, and what it is told when that is too much."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lesionlab.data import quota
from lesionlab.data.import_set import import_dataset
from lesionlab.data.job import run_import, run_synthesize
from lesionlab.data.ownership import new_upload, owner_of
from lesionlab.data.store import info_of, list_datasets
from lesionlab.errors import DiskError
from lesionlab.files import folder_bytes
from lesionlab.jobs import store
from lesionlab.models.archive import pack
from lesionlab.models.bundle import read_description, read_weights, write_bundle
from lesionlab.models.locate import import_model
from lesionlab.settings import ASSETS
from lesionlab.task import QuietTask

ANNA, BEN = "a" * 24, "b" * 24


def noise(seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (60, 80, 3)).astype(np.uint8))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "skin"
    for number in range(4):
        path = folder / ("mel", "nv")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        noise(number).save(path)  # hardly packed: 14,400 bytes and some
    return folder


def bring(source: Path, name: str, desk: str) -> int:
    import_dataset("folder", source, name, owner_desk=desk, task=QuietTask(source.parent / name))
    info = info_of(name)
    assert info is not None
    return info.num_bytes


def limit(monkeypatch: pytest.MonkeyPatch, num_bytes: int) -> None:
    monkeypatch.setenv("LESIONLAB_DESK_GB", str(num_bytes / 1e9))


def test_sets_uploads_and_runs_of_a_desk_count(source: Path, home: Path) -> None:
    assert quota.usage(ANNA).total == 0
    size = bring(source, "annas", ANNA)
    assert size > folder_bytes(source)
    bring(source, "bens", BEN)
    bring(source, "ours", "")
    upload = new_upload(ANNA)
    upload.parent.mkdir(parents=True)
    upload.write_bytes(bytes(1000))
    for desk in (ANNA, BEN):
        job = store.submit("train", {"path": 3}, desk, "run")
        (job.folder / "model").mkdir()
        (job.folder / "model" / "weights").write_bytes(bytes(2000))
    found = quota.usage(ANNA)
    assert found.datasets == {"annas": size}
    assert found.uploads == 1000
    assert 2000 < found.runs < 2500
    assert found.total == size + 1000 + found.runs
    assert found.limit == 20_000_000_000
    assert quota.usage("command-line").limit is None
    store.delete(store.list_jobs()[-1].id)
    assert quota.usage(ANNA).runs == 0


def test_a_run_that_grows_is_sized_again(home: Path) -> None:
    job = store.submit("train", {}, ANNA, "run")
    before = quota.usage(ANNA).runs
    (job.folder / "log.txt").write_bytes(bytes(500))
    assert quota.usage(ANNA).runs == before + 500


def test_an_upload_in_the_folder_of_all_counts_for_its_job(home: Path, tmp_path: Path) -> None:
    upload = home / "uploads" / "0123.zip"
    upload.parent.mkdir()
    with zipfile.ZipFile(upload, "w") as archive:
        archive.writestr("mel/a.png", b"x")
    spec = {"source": "zip", "path": str(upload), "name": "sent"}
    store.submit("import-data", spec, ANNA, "sent")
    assert quota.usage(ANNA).uploads == upload.stat().st_size
    assert quota.usage(BEN).uploads == 0


def test_the_sentence_says_used_needed_limit_and_what_to_delete(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(source, "annas", ANNA)
    limit(monkeypatch, 100_000)
    with pytest.raises(DiskError) as caught:
        quota.check(ANNA, 60_000)
    size = quota.in_words(quota.usage(ANNA).total)
    assert caught.value.sentence == (
        f"Expected at most 0.1 MB on your desk. You use {size} (data sets {size}), and this needs "
        "60 kB more. Delete data sets, runs or stopped jobs that you no longer need; the largest "
        f"data set is annas, {size}."
    )
    quota.check(ANNA, 1000)
    quota.check(BEN, 60_000)
    quota.check("command-line", 10**15)
    quota.check(None, 10**15)
    with pytest.raises(DiskError, match="Bring in fewer or smaller pictures"):
        quota.check(BEN, 10**6)


def test_sizes_in_words() -> None:
    assert quota.in_words(3_140_000_000) == "3.1 GB"
    assert quota.in_words(25_400_000) == "25 MB"
    assert quota.in_words(240_000) == "0.2 MB"
    assert quota.in_words(11_001) == "12 kB"


def test_no_job_is_taken_that_has_no_room(
    source: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bring(source, "annas", ANNA)
    monkeypatch.setenv("LESIONLAB_IMPORT_ROOTS", str(source))
    packed = new_upload(ANNA)
    packed.parent.mkdir(parents=True)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mel/a.bmp", bytes(200_000))
    limit(monkeypatch, 100_000)
    for kind, spec in (
        ("import-data", {"source": "folder", "path": str(source), "name": "more"}),
        ("import-data", {"source": "zip", "path": str(packed), "name": "more"}),
        ("combine-data", {"names": ["annas"], "name": "more"}),
        ("synthesize", {"name": "more", "per_class": 1, "size": [450, 600]}),
        ("download-data", {"name": "more", "num_bytes": 50_000}),
    ):
        with pytest.raises(DiskError, match=r"at most 0\.1 MB on your desk"):
            store.submit(kind, spec, ANNA, "more")
        if kind == "synthesize":
            store.submit(kind, spec, "everybody", "more")
    assert [job.desk for job in store.list_jobs()] == ["everybody"]
    assert packed.stat().st_size < 1000


def test_the_job_looks_again(source: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LESIONLAB_IMPORT_ROOTS", str(source))
    (tmp_path / "job").mkdir()
    limit(monkeypatch, 40_000)
    spec = {"source": "folder", "path": str(source), "name": "mine"}
    with pytest.raises(DiskError, match="on your desk"):
        run_import(QuietTask(tmp_path / "job", spec, desk=ANNA))
    spec = {"name": "drawn-1", "per_class": 1, "size": [64, 64]}
    with pytest.raises(DiskError, match="on your desk"):
        run_synthesize(QuietTask(tmp_path / "job", spec, desk=ANNA))
    assert [info.name for info in list_datasets()] == ["synthetic-small"]
    run_synthesize(QuietTask(tmp_path / "job", spec, desk="everybody"))


def test_models_that_a_desk_brings_in_count(
    home: Path, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = ASSETS / "models" / "synthetic-small"
    bundle = tmp_path / "theirs"
    shutil.copytree(shipped, bundle)
    assert import_model(bundle, owner=owner_of(ANNA)) == "synthetic-small"
    assert quota.usage(ANNA).models == {}, "what is there already takes no room"
    description = read_description(shipped).model_copy(update={"name": "theirs"})
    write_bundle(bundle, description, read_weights(shipped))
    assert import_model(bundle, owner=owner_of(ANNA)) == "theirs"
    assert quota.usage(ANNA).models == {"theirs": folder_bytes(bundle)}
    assert quota.usage(ANNA).total == folder_bytes(bundle)
    assert quota.usage(BEN).total == 0
    upload = home / "uploads" / "0123" / "more.lesionlab"
    upload.parent.mkdir(parents=True)
    pack(bundle, upload)
    store.submit("import-model", {"path": str(upload)}, BEN, "more")
    assert quota.usage(BEN).uploads == upload.stat().st_size
    import_dataset("folder", source, "small", owner_desk=ANNA, task=QuietTask(tmp_path / "in"))
    limit(monkeypatch, quota.usage(ANNA).total + 1000)
    with pytest.raises(DiskError, match="on the page Predict"):
        store.submit("import-model", {"path": str(upload)}, ANNA, "more")
