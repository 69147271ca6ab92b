"""Feature maps in a grid, and how sizes fall while depth grows."""

from __future__ import annotations

from typing import Any

import numpy as np

from lesionlab.app.inside import sizes


def test_each_map_has_its_own_range() -> None:
    maps = np.array([[[0, 1], [2, 4]], [[7, 7], [7, 7]]], np.float32)
    assert sizes.scaled(maps).tolist() == [[[0, 64], [128, 255]], [[0, 0], [0, 0]]]


def test_grid_places_maps_row_by_row() -> None:
    maps = np.zeros((3, 2, 2), np.float32)
    maps[2, 0, 0] = 1
    grid = sizes.map_grid(maps, tile=4)
    # Two columns of 4 pixels with a gap of 4; the third map begins the second row.
    assert grid.shape == (12, 12)
    assert (grid[8:10, 0:2] == 255).all()
    assert (grid[:, 4:8] == sizes.GAP_VALUE).all()
    assert sizes.grid_columns(64) == 8 and sizes.grid_columns(1) == 1


def test_spatial_layers_and_their_figure() -> None:
    network: list[dict[str, Any]] = [
        {"name": "images", "kind": "InputLayer", "output_shape": [None, 32, 48, 3]},
        {"name": "conv", "kind": "Conv2D", "output_shape": (16, 24, 8)},
        {"name": "pool", "kind": "GlobalAveragePooling2D", "output_shape": (8,)},
    ]
    table = sizes.spatial_layers(network)
    assert table["side"].tolist() == [48, 24]
    assert table["depth"].tolist() == [3, 8]
    figure = sizes.shape_figure(table, "conv")
    assert list(figure.data[0].y) == [48, 24]
    assert list(figure.data[1].x) == [2], "the chosen layer is marked"
    assert "ends with 8 maps at 24 pixels" in sizes.summary_sentence(table)
