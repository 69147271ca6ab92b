"""Which data sets there are, and opening and deleting them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lesionlab.data import store
from lesionlab.data.import_set import import_dataset
from lesionlab.data.store import delete_dataset, is_stored, list_datasets, open_dataset
from lesionlab.errors import DataError
from lesionlab.task import QuietTask


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for name in ("mel/a.png", "nv/b.png"):
        path = tmp_path / "some skin" / name
        path.parent.mkdir(parents=True)
        file = io.BytesIO()
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(file, "PNG")
        path.write_bytes(file.getvalue())
    return tmp_path / "some skin"


def test_the_shipped_set_is_there_at_once() -> None:
    (info,) = list_datasets()
    assert (info.name, info.num_classes, info.drawn) == ("synthetic-small", 8, True)
    dataset = open_dataset("synthetic-small")
    assert len(dataset) == info.num_images
    assert set(dataset.counts().values()) == {info.num_images // 8}
    assert dataset.drawn
    assert dataset.licence == "CC0-1.0"
    assert dataset.image_path(0).is_file()
    assert (dataset.folder / dataset.table["mask"][0]).is_file()
    assert dataset.table["patient_id"].notna().all()


def test_synthetic_is_the_small_one_until_the_full_one_is_made(
    source: Path, tmp_path: Path
) -> None:
    assert open_dataset("synthetic").name == "synthetic-small"
    import_dataset("folder", source, "synthetic", task=QuietTask(tmp_path / "job"))
    assert open_dataset("synthetic").name == "synthetic"
    assert open_dataset("synthetic-small").name == "synthetic-small"


def test_a_folder_is_used_where_it_lies(source: Path) -> None:
    dataset = open_dataset(str(source))
    assert dataset.name == "some skin"
    assert dataset.image_path(0) == source / "mel" / "a.png"
    assert [info.name for info in list_datasets()] == ["synthetic-small"]


def test_a_stored_folder_by_its_path(source: Path, tmp_path: Path) -> None:
    made = import_dataset("folder", source, "mine", task=QuietTask(tmp_path / "job"))
    assert open_dataset(str(made.folder)).table.equals(made.table)


def test_unknown_names_list_those_that_there_are() -> None:
    with pytest.raises(DataError, match=r"Received 'nothing'.*There are: synthetic-small"):
        open_dataset("nothing")
    with pytest.raises(DataError):
        open_dataset("")


def test_delete(source: Path, tmp_path: Path, home: Path) -> None:
    import_dataset("folder", source, "mine", task=QuietTask(tmp_path / "job"))
    assert is_stored("mine")
    delete_dataset("mine")
    assert not is_stored("mine")
    assert [path.name for path in (home / "datasets").iterdir()] == [".mine.lock"]
    assert (source / "mel" / "a.png").is_file()
    with pytest.raises(DataError, match="No 'mine'"):
        delete_dataset("mine")
    with pytest.raises(DataError, match="comes with the program"):
        delete_dataset("synthetic-small")
    with pytest.raises(DataError):
        delete_dataset("../home")


@pytest.mark.parametrize("file", ["table.parquet", "dataset.json"])
def test_a_damaged_set_says_so(source: Path, tmp_path: Path, file: str) -> None:
    made = import_dataset("folder", source, "mine", task=QuietTask(tmp_path / "job"))
    (made.folder / file).write_bytes(b"PAR1 torn")
    with pytest.raises(DataError, match=r"whole data set.*import it again"):
        open_dataset("mine")
    list_datasets()
    delete_dataset("mine")


def test_without_the_shipped_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(store, "SHIPPED", tmp_path / "none")
    assert list_datasets() == []
    with pytest.raises(DataError):
        open_dataset("synthetic")
