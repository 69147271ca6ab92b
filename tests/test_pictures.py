"""Pictures as HTML: every one has an alternative text, and file names cannot break the page."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from lesionlab.app import kernels, pictures


def test_colour_map_has_its_stops_at_the_ends_and_the_middle() -> None:
    stops = ("#ff0000", "#ffffff", "#0000ff")
    colours = pictures.colour_map(np.array([[-2.0, 0.0, 2.0, 9.0]]), stops, 2.0)
    assert colours.shape == (1, 4, 3)
    assert colours[0, 0].tolist() == [255, 0, 0]
    assert np.all(colours[0, 1] >= 253)
    assert colours[0, 2].tolist() == colours[0, 3].tolist() == [0, 0, 255]


def test_encode_makes_small_jpegs_and_exact_pngs() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    small = Image.open(io.BytesIO(pictures.encode(pixels, longest=100)))
    assert (small.format, small.size) == ("JPEG", (100, 75))
    exact = Image.open(io.BytesIO(pictures.encode(pixels, exact=True)))
    np.testing.assert_array_equal(np.asarray(exact), pixels)


def test_names_are_escaped() -> None:
    tile = pictures.Tile(np.zeros((4, 4, 3), np.uint8), 'a"><script>', "<b>", "#ffffff")
    text = pictures.grid_html([tile, tile])
    assert "<script>" not in text
    assert "<b>" not in text
    assert text.count("alt=") == 2


def test_numbers_in_kernels() -> None:
    assert [kernels.number(v) for v in (1 / 49, -2.0, 0.0, 0.3)] == ["1/49", "−2", "0", "0.30"]
    table = kernels.table_html(np.eye(3), "one")
    assert table.count("<td") == 9
    assert kernels.table_html(np.ones((15, 15)) / 225, "many").count("1/225") == 0
