"""What the layers of a network do, as figures: feature maps in a grid, sizes and depth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from lesionlab.app.theme import ACCENT, LEARNING, figure_layout

GAP = 4
GAP_VALUE = 128
TILE_PIXELS = 96


def grid_columns(count: int) -> int:
    """Columns for `count` maps, so that the grid is a little wider than high; at most 8."""
    return int(min(8, max(1, np.ceil(np.sqrt(count)))))


def scaled(maps: np.ndarray) -> np.ndarray:
    """Each map stretched to its own full range, uint8 `(k, h, w)` from float `(k, h, w)`.

    A map without any difference becomes black.
    """
    low = maps.min(axis=(1, 2), keepdims=True)
    span = maps.max(axis=(1, 2), keepdims=True) - low
    parts = np.divide(maps - low, span, out=np.zeros_like(maps, dtype=np.float32), where=span > 0)
    return np.rint(255 * parts).astype(np.uint8)


def unit(one: np.ndarray) -> np.ndarray:
    """One map stretched to 0..1, float32 `(h, w)`; all zero without any difference."""
    span = float(one.max() - one.min())
    return ((one - one.min()) / span if span else np.zeros_like(one)).astype(np.float32)


def map_grid(maps: np.ndarray, tile: int = TILE_PIXELS) -> np.ndarray:
    """Feature maps side by side in one picture, row by row, strongest first.

    Args:
        maps: float `(k, h, w)` in the wanted order.
        tile: Least pixels of a map's longer side; small maps are shown with square pixels.

    Returns:
        uint8 `(rows * side, columns * side)` with grey lines between the maps.
    """
    count, height, width = maps.shape
    times = max(1, tile // max(height, width))
    shown = scaled(maps).repeat(times, axis=1).repeat(times, axis=2)
    columns = grid_columns(count)
    rows = -(-count // columns)
    height, width = shown.shape[1:]
    shape = (rows * (height + GAP) - GAP, columns * (width + GAP) - GAP)
    grid = np.full(shape, GAP_VALUE, np.uint8)
    for number, one in enumerate(shown):
        top, left = (number // columns) * (height + GAP), (number % columns) * (width + GAP)
        grid[top : top + height, left : left + width] = one
    return grid


def spatial_layers(layers: list[dict[str, Any]]) -> pd.DataFrame:
    """The layers that give maps: number, name, kind, side (pixels, the longer one) and depth."""
    rows = []
    for number, layer in enumerate(layers, start=1):
        shape = layer["output_shape"]
        if len(shape) == 4:
            shape = shape[1:]
        if len(shape) == 3 and all(shape):
            side = max(shape[0], shape[1])
            rows.append((number, layer["name"], layer["kind"], side, shape[2]))
    return pd.DataFrame(rows, columns=["number", "name", "kind", "side", "depth"])


def shape_figure(table: pd.DataFrame, chosen: str | None = None) -> go.Figure:
    """How maps get smaller and more from layer to layer; the chosen layer is marked.

    Args:
        table: From `spatial_layers`.
    """
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.12)
    parts = (("side", "Side (pixels)", ACCENT), ("depth", "Maps (depth)", LEARNING))
    for row, (column, title, colour) in enumerate(parts, start=1):
        figure.add_scatter(
            x=table["number"],
            y=table[column],
            mode="lines",
            line={"shape": "hv", "color": colour, "width": 2.5},
            fill="tozeroy",
            customdata=table[["name", "kind"]],
            hovertemplate="%{customdata[0]} (%{customdata[1]}): %{y}<extra></extra>",
            row=row,
            col=1,
        )
        here = table[table["name"] == chosen]
        figure.add_scatter(
            x=here["number"],
            y=here[column],
            mode="markers",
            marker={"size": 12, "color": colour, "line": {"width": 2, "color": "#FFFFFF"}},
            hoverinfo="skip",
            row=row,
            col=1,
        )
        figure.update_yaxes(title=title, row=row, col=1)
    figure_layout(figure, height=360, legend=False)
    for row, (_, title, _) in enumerate(parts, start=1):
        figure.update_yaxes(title=title, rangemode="tozero", row=row, col=1)
    figure.update_xaxes(title="Layer, from the picture (left) to the answer (right)", row=2, col=1)
    return figure


def summary_sentence(table: pd.DataFrame) -> str:
    """From the first to the last maps in one sentence."""
    if table.empty:
        return "This network has no layer with maps."
    first, last = table.iloc[0], table.iloc[-1]
    return (
        f"It begins with {first['depth']} layers of colour at {first['side']} pixels a side and "
        f"ends with {last['depth']:,} maps at {last['side']} pixels: the network gives up *where* "
        "something is for *what* it is."
    )
