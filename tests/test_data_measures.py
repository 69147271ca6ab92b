"""The measures of a data set: from its table, from the cache, or made on demand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lesionlab.data import measures
from lesionlab.data.dataset import Dataset
from lesionlab.data.measures import (
    cached_measures,
    from_table,
    measure_dataset,
    run_measure,
    stored_measures,
)
from lesionlab.data.store import open_dataset, read_folder
from lesionlab.errors import Cancelled, DataError
from lesionlab.images.measures import measure
from lesionlab.task import QuietTask


@pytest.fixture
def three(tmp_path: Path) -> Dataset:
    """A dark, a light and a broken picture in class folders."""
    folder = tmp_path / "three"
    for name, colour, size in (
        ("nv/a", (60, 40, 30), (40, 30)),
        ("mel/b", (182, 140, 110), (8, 6)),
    ):
        path = folder / f"{name}.png"
        path.parent.mkdir(parents=True)
        Image.new("RGB", size, colour).save(path)
    (folder / "nv" / "broken.png").write_bytes(b"no picture")
    return read_folder(folder, "three")


def row_of(dataset: Dataset, stem: str) -> int:
    return int(np.flatnonzero(dataset.table["path"].astype(str).str.contains(stem))[0])


def test_measured_once_and_kept(three: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cached_measures(three) is None
    told: list[float] = []
    found = measure_dataset(three, lambda fraction, words: told.append(fraction))
    light, broken = row_of(three, "b.png"), row_of(three, "broken")
    assert found.brightness[light] == pytest.approx(61.507, abs=0.01)
    assert found.ita[light] == pytest.approx(27.43, abs=0.01)
    assert (found.widths[light], found.heights[light]) == (8, 6)
    assert np.isnan(found.brightness[broken])
    assert (found.known[broken], found.widths[broken]) == (False, 0)
    assert told == [0.0]
    monkeypatch.setattr(measures, "measure_row", lambda dataset, row: pytest.fail("measured twice"))
    again = measure_dataset(three)
    assert np.array_equal(again.hashes, found.hashes)
    assert np.array_equal(again.brightness, found.brightness, equal_nan=True)


def test_the_table_has_them_after_an_import(three: Dataset) -> None:
    from lesionlab.data.import_set import import_dataset

    imported = import_dataset("folder", three.folder, "stored", task=QuietTask(three.folder))
    found = stored_measures(imported)
    assert found is not None
    assert found.brightness[row_of(imported, "b.png")] == pytest.approx(61.507, abs=0.01)
    assert len(found) == 2
    assert stored_measures(three) is None


def test_hash_words_are_blocks_of_frequencies() -> None:
    # The first bit of row 0, the ninth of row 0, the first of row 8, the last of row 15.
    bits = np.zeros((16, 16), np.uint8)
    for place in ((0, 0), (0, 8), (8, 0), (15, 15)):
        bits[place] = 1
    table = pd.DataFrame({name: [1.0, 1.0] for name in measures.COLUMNS})
    table["phash"] = [np.packbits(bits).tobytes().hex(), None]
    found = from_table(table)
    words = found.hashes[0].view(np.uint8).reshape(4, 8)
    assert words[:3, 0].tolist() == [128, 128, 128]
    assert words[3].tolist() == [0, 0, 0, 0, 0, 0, 0, 1]
    assert found.known.tolist() == [True, False]


def test_hashes_that_nobody_compares_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pd.DataFrame({name: [1.0, 1.0, 1.0] for name in measures.COLUMNS})
    table["phash"] = ["00" * 32, None, "ff" * 32]
    assert from_table(table).hashes.shape == (3, 4)
    monkeypatch.setattr(measures, "MOST_SEARCHED", 1)
    found = from_table(table)
    assert found.hashes.shape == (0, 4)
    assert found.known.tolist() == [True, False, True]


def test_the_mask_is_used(tmp_path: Path) -> None:
    pixels = np.full((60, 80, 3), (182, 140, 110), np.uint8)
    pixels[:, :50] = (70, 40, 30)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    lesion = np.zeros((60, 80), np.uint8)
    lesion[:, :50] = 255
    Image.fromarray(lesion).save(tmp_path / "a-mask.png")
    table = pd.DataFrame({"path": ["a.png", "a.png"], "mask": ["a-mask.png", None]})
    found = measure_dataset(Dataset("masked", tmp_path, table))
    assert found.ita[0] == pytest.approx(27.43, abs=0.01)
    assert found.ita[1] == pytest.approx(measure(pixels)["ita"], abs=0.01)
    assert abs(found.ita[1] - found.ita[0]) > 20


def test_stopped_or_too_large(three: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Cancelled):
        measure_dataset(three, cancelled=lambda: True)
    assert cached_measures(three) is None
    monkeypatch.setattr(measures, "MOST_MEASURED", 2)
    with pytest.raises(DataError, match="at most 2"):
        measure_dataset(three)


def test_the_job_measures_the_set_it_names(tmp_path: Path) -> None:
    task = QuietTask(tmp_path, {"dataset": "synthetic-small"})
    run_measure(task)
    assert task.fraction == 1.0
    shipped = open_dataset("synthetic-small")
    found = cached_measures(shipped)
    assert found is not None
    assert len(found) == len(shipped)
    assert found.known.all()
    with pytest.raises(DataError, match="Expected the name"):
        run_measure(QuietTask(tmp_path))
