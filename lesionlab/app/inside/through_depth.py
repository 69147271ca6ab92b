"""The strongest map of every block, from the picture to the end: what is left of where."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lesionlab.app import controls, pictures
from lesionlab.app.inside import asking, maps_shown, sizes
from lesionlab.app.inside.look import Look
from lesionlab.app.pictures import Tile


def show(look: Look, blocks: list[dict[str, Any]]) -> None:
    """Draw one map of each block."""
    st.subheader("Through the depth", anchor=False)
    spatial = [
        block for block in blocks if len(block["output_shape"]) == 3 and block["kind"] != "input"
    ]
    with controls.sentences(foot=True):
        found = asking.one_map_each(look, tuple(block["output"] for block in spatial))
    st.markdown(
        "The strongest map at the end of every block. The side falls, each pixel stands for more "
        "and more of the picture, and the outlines of the lesion give way to a few places that "
        "matter. Below each stand its block, its size in pixels, and the map's number and how many "
        "there are."
    )
    tiles = [
        tile(block, one["map"], one["channel"], one["depth"])
        for block, one in zip(spatial, found, strict=True)
    ]
    st.html(pictures.grid_html(tiles, smallest=118, longest=224, square=True))
    st.caption("Black: least of this map. White: most. Each map is stretched to its own range.")


def tile(block: dict[str, Any], values: Any, channel: int, depth: int) -> Tile:
    """One map as a tile with its block, size and number."""
    shown = maps_shown.enlarged(sizes.scaled(values[None])[0], maps_shown.TILE_PIXELS)
    height, width = values.shape
    return Tile(
        pictures.encode(shown, longest=224, exact=True),
        f"Block {block['number']}: map {channel + 1} of {depth}, {height} by {width} pixels",
        f"{block['number']} · {height}×{width} · {channel + 1}/{depth:,}",
    )
