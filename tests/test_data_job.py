"""The jobs that draw and import data."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from lesionlab.data.job import run_import, run_synthesize
from lesionlab.data.store import info_of, open_dataset
from lesionlab.errors import Cancelled, DataError
from lesionlab.task import QuietTask

SPEC = {"name": "synthetic", "per_class": 2, "size": [48, 64], "seed": 3}


class Watched(QuietTask):
    """A task that remembers its fractions, and may be stopped at one."""

    def __init__(self, folder: Path, spec: dict[str, Any], stop_at: float = 2) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__(folder, spec)
        self.fractions: list[float] = []
        self.stop_at = stop_at

    def progress(self, fraction: float, message: str) -> None:
        super().progress(fraction, message)
        self.fractions.append(fraction)

    def cancelled(self) -> bool:
        return self.fraction >= self.stop_at


def test_drawing_and_storing(tmp_path: Path) -> None:
    task = Watched(tmp_path / "job", SPEC)
    run_synthesize(task)
    dataset = open_dataset("synthetic")
    assert (dataset.name, len(dataset), dataset.drawn) == ("synthetic", 16, True)
    assert set(dataset.counts().values()) == {2}
    assert set(dataset.table["height"]) == {48}
    assert (dataset.folder / dataset.table["mask"][0]).is_file()
    info = info_of("synthetic")
    assert info is not None
    assert (info.kind, info.owner) == ("synthesize", "")
    assert task.fractions == sorted(task.fractions)
    assert task.fraction == 1
    assert list(task.folder.iterdir()) == []
    run_synthesize(task)


@pytest.mark.parametrize("stop_at", [0.3, 0.9])
def test_cancelled(tmp_path: Path, home: Path, stop_at: float) -> None:
    task = Watched(tmp_path / "job", SPEC, stop_at)
    with pytest.raises(Cancelled):
        run_synthesize(task)
    assert list(task.folder.iterdir()) == []
    folder = home / "datasets"
    assert not folder.exists() or not [p for p in folder.iterdir() if p.suffix != ".lock"]
    assert open_dataset("synthetic").name == "synthetic-small"


def test_importing(tmp_path: Path) -> None:
    shipped = open_dataset("synthetic-small").folder
    task = Watched(tmp_path / "job", {"source": "folder", "path": str(shipped), "name": "copy"})
    run_import(task)
    assert len(open_dataset("copy")) == len(open_dataset("synthetic-small"))
    assert (shipped / "labels.csv").is_file(), "a user's own files stay"


def test_an_upload_goes_once_it_is_imported(tmp_path: Path, home: Path) -> None:
    shipped = open_dataset("synthetic-small").folder
    upload = home / "uploads" / "0123" / "set.zip"
    upload.parent.mkdir(parents=True)
    with zipfile.ZipFile(upload, "w") as archive:
        for code in ("mel", "nv"):
            picture = next((shipped / "images").glob(f"{code}_*.jpg"))
            archive.write(picture, f"{code}/{picture.name}")
    run_import(
        Watched(tmp_path / "job", {"source": "zip", "path": str(upload), "name": "uploaded"})
    )
    assert len(open_dataset("uploaded")) == 2
    assert list((home / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("run", "spec", "sentence"),
    [
        (run_synthesize, {"per_class": 0}, "per_class"),
        (run_synthesize, {"sise": 1}, "sise"),
        (run_import, {"source": "zip", "name": "a"}, "path"),
    ],
)
def test_specs_that_make_no_sense(
    tmp_path: Path, run: Any, spec: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(DataError, match=f"The value of {sentence}"):
        run(Watched(tmp_path / "job", spec))
