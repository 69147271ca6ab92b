"""Small pictures of a gallery: in order, a bounded number kept, and none stops the others."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from lesionlab.app.data import small


def test_pictures_come_in_order_and_a_broken_one_is_grey(tmp_path: Path) -> None:
    for name, colour in (("red", "#ff0000"), ("blue", "#0000ff")):
        Image.new("RGB", (40, 30), colour).save(tmp_path / f"{name}.png")
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    names = ("red", "broken", "blue", "gone")
    found = small.small_pictures([tmp_path / f"{name}.png" for name in names])
    middles = [np.asarray(Image.open(io.BytesIO(image)))[8, 8] for image in found]
    expected = [(255, 0, 0), (128, 128, 128), (0, 0, 255), (128, 128, 128)]
    np.testing.assert_allclose(middles, expected, atol=3)


def test_another_picture_under_the_same_name_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (40, 30), "#ff0000").save(path)
    first = small.small_pictures([path])
    Image.new("RGB", (44, 30), "#00ff00").save(path)
    assert small.small_pictures([path]) != first


def test_a_bounded_number_is_kept() -> None:
    assert small._small.cache_info().maxsize == small.KEPT
