"""Large pictures for the browser, and outlines."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from lesionlab.app.data import large
from lesionlab.data.dataset import Dataset


def made(folder: Path, height: int, width: int, mask: np.ndarray | None = None) -> Dataset:
    Image.new("RGB", (width, height), "#a05030").save(folder / "a.png")
    table = pd.DataFrame({"image_id": ["a"], "path": ["a.png"]})
    if mask is not None:
        Image.fromarray(mask).save(folder / "m.png")
        table["mask"] = ["m.png"]
    return Dataset("made", folder, table)


def test_a_picture_is_sent_as_it_is_and_a_huge_one_smaller(tmp_path: Path) -> None:
    small = large.large_picture(made(tmp_path, 30, 40), 0)
    assert (small.height, small.width, small.full_height, small.full_width) == (30, 40, 30, 40)
    (tmp_path / "huge").mkdir()
    huge = large.large_picture(made(tmp_path / "huge", 1000, 2000), 0)
    assert (huge.height, huge.width, huge.full_height, huge.full_width) == (800, 1600, 1000, 2000)
    assert Image.open(io.BytesIO(huge.jpeg)).size == (1600, 800)


def test_the_outline_runs_along_the_rim_of_the_mask(tmp_path: Path) -> None:
    mask = np.zeros((40, 60), np.uint8)
    mask[10:30, 20:40] = 255
    found = large.outline(made(tmp_path, 40, 60, mask), 0)
    assert found is not None
    assert found.share == 400 / 2400
    colours = np.asarray(Image.open(io.BytesIO(found.png)))
    assert colours.shape == (40, 60, 4)
    assert colours[20, 20].tolist() == list(large.OUTLINE)
    assert colours[20, 19].tolist() == list(large.HALO)
    assert colours[20, 30, 3] == colours[5, 5, 3] == 0
    assert int((colours[..., 3] > 0).sum()) == 22 * 22 - 18 * 18


def test_without_a_mask_there_is_no_outline(tmp_path: Path) -> None:
    assert large.outline(made(tmp_path, 30, 40), 0) is None
    found = made(tmp_path, 30, 40)
    found.table["mask"] = [None]
    assert large.outline(found, 0) is None
