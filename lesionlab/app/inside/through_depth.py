"""Maps from the picture to the end: the strongest of every block, or one feature followed."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lesionlab.app import controls, pictures
from lesionlab.app.inside import asking, following, maps_shown, sizes
from lesionlab.app.inside.look import Look
from lesionlab.app.pictures import Tile


def show(
    look: Look, blocks: list[dict[str, Any]], layer: str, channel: int, values: np.ndarray
) -> None:
    """Draw the maps.

    Args:
        channel: The chosen map of `layer`; `values` are its numbers, float `(h, w)`.
    """
    st.subheader("Through the depth", anchor=False)
    ways = {"strongest": "Strongest of each block", "one": f"Follow map {channel + 1}"}
    way = st.segmented_control(
        "Which maps",
        list(ways),
        format_func=lambda key: ways[key],
        default="strongest",
        required=True,
        key="inside-depth",
        persist_state="session",
        label_visibility="collapsed",
    )
    if way == "one":
        _followed(look, blocks, layer, channel, values)
    else:
        _strongest(look, blocks)
    st.caption("Black: least of this map. White: most. Each map is stretched to its own range.")


def _strongest(look: Look, blocks: list[dict[str, Any]]) -> None:
    spatial = [
        block for block in blocks if len(block["output_shape"]) == 3 and block["kind"] != "input"
    ]
    with controls.sentences(foot=True):
        found = asking.one_map_each(look, tuple(block["output"] for block in spatial))
    st.markdown(
        "The side falls, each pixel stands for more and more of the picture, and the outlines of "
        "the lesion give way to a few places that matter. Below each stand its block, its size in "
        "pixels, and the map's number and how many there are."
    )
    tiles = [
        tile(block, one["map"], one["channel"], one["depth"])
        for block, one in zip(spatial, found, strict=True)
    ]
    st.html(pictures.grid_html(tiles, smallest=118, longest=224, square=True))


def _followed(
    look: Look, blocks: list[dict[str, Any]], layer: str, channel: int, values: np.ndarray
) -> None:
    with controls.sentences(foot=True):
        steps = following.follow(look, blocks, layer, values)
    if not steps:
        st.markdown("Behind this layer there are no more maps. Choose an earlier one.")
        return
    st.markdown(
        f"It starts with map {channel + 1} of layer {layer}. Each further tile is the map that "
        f"looks most like the one before it, among the {following.AMONG} strongest at the last "
        "block of each size. Every later map mixes many earlier ones, so the likeness fades: 1 "
        "would be the same, 0 has nothing in common."
    )
    first = Tile(
        _grey(values),
        f"The start: map {channel + 1}, {values.shape[0]} by {values.shape[1]} pixels",
        f"Start · {values.shape[0]}×{values.shape[1]}",
        chosen=True,
    )
    further = [
        tile(step["block"], step["map"], step["channel"], step["depth"], step["alike"])
        for step in steps
    ]
    st.html(pictures.grid_html([first, *further], smallest=150, longest=224, square=True))


def tile(
    block: dict[str, Any], values: np.ndarray, channel: int, depth: int, alike: float | None = None
) -> Tile:
    """One map as a tile with its block, size and number, or with how like the last one it is."""
    height, width = values.shape
    words = f"Block {block['number']}: map {channel + 1} of {depth}, {height} by {width} pixels"
    caption = f"{block['number']} · {height}×{width} · {channel + 1}/{depth:,}"
    if alike is not None:
        words += f", alike to {maps_shown.number(alike)}"
        caption = f"Block {block['number']} · {height}×{width} · {maps_shown.number(alike)}"
    return Tile(_grey(values), words, caption)


def _grey(values: np.ndarray) -> bytes:
    shown = maps_shown.enlarged(sizes.scaled(values[None])[0], maps_shown.TILE_PIXELS)
    return pictures.encode(shown, longest=224, exact=True)
