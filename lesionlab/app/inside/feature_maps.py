"""The section "Feature maps": what any layer of the network writes down about the picture."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lesionlab.app import answers, caches, controls, pictures
from lesionlab.app.desk import Desk
from lesionlab.app.gallery import gallery
from lesionlab.app.inside import (
    asking,
    choosing,
    following,
    maps_shown,
    questions,
    sizes,
    stages,
    through_depth,
)
from lesionlab.app.inside.look import Look
from lesionlab.app.viewer import viewer

NUMBERS = (4, 16, 36, 64)
# Up to so many maps are at least so wide, in CSS pixels.
TILES = {4: 200, 16: 104, 36: 84, 64: 72}
ORDERS = {"activation": "Strongest first", "number": "By number"}
MAP = "inside-map"


def show(desk: Desk, look: Look) -> None:
    """Draw the section."""
    with controls.sentences(foot=True):
        table = caches.layers_of(look.reference)
        blocks = asking.network_blocks(look.reference)["blocks"]
    layer = choosing.choose_layer(sizes.spatial_layers(table), table, look.reference)
    depth = next(row["output_shape"][-1] for row in table if row["name"] == layer)
    order, limit, start = _choose_maps(depth, layer)
    with controls.sentences(foot=True):
        found = asking.feature_maps(look, layer, limit, order, start)
    left, right = st.columns([3, 2], gap="large")
    with left:
        chosen = _grid(found, layer, order, look)
    with right:
        _one(found, chosen, look, layer)
    stages.show(look, blocks, table, layer, chosen)
    place = [int(index) for index in found["indices"]].index(chosen)
    through_depth.show(look, blocks, layer, chosen, found["maps"][place])
    controls.how_it_works(
        r"\begin{gathered}\text{map}_c(y, x) = b_c\ + \\ "
        r"\sum_{i,j,k} w_{i,j,k,c}\,\text{in}_k(y+i,\ x+j)"
        r"\\[1ex] a_c = \frac{1}{h\,w}\sum_{y,x} \text{map}_c(y, x)\end{gathered}",
        "lesionlab.explain.feature_maps:maps_of_layers",
        sizes.scaled,
        following.likest,
        words="Each map *c* of a convolution layer has a kernel of its own, which looks at all "
        "maps of the layer before. Maps are sorted by *a*, the mean of all their places. This is "
        "the code that reads layers, the one that stretches a map, and the one that finds the "
        "likest map when one is followed.",
    )
    questions.show("maps")


def _choose_maps(depth: int, layer: str) -> tuple[str, int, int]:
    """Order, how many, and how many to leave out before them."""
    left, middle, right = st.columns([2, 2, 1], vertical_alignment="bottom")
    with left:
        order = st.segmented_control(
            "Order",
            list(ORDERS),
            format_func=lambda key: ORDERS[key],
            default="activation",
            required=True,
            key="inside-order",
            persist_state="session",
        )
    with middle:
        limit = st.segmented_control(
            "Maps to show",
            NUMBERS,
            default=16,
            required=True,
            key="inside-number",
            persist_state="session",
        )
    number = int(limit or 16)
    start = 0
    if depth > number:
        pages = -(-depth // number)
        with right:
            page = st.number_input(
                f"Sheet, 1 to {pages:,}",
                min_value=1,
                max_value=pages,
                key=controls.bind_once("inside-sheet", 1, (layer, number)),
            )
        start = (int(page) - 1) * number
    return order or "activation", number, start


def _grid(found: dict[str, Any], layer: str, order: str, look: Look) -> int:
    """All maps that are shown, of which one can be picked; gives its index."""
    height, width, depth = found["shape"]
    indices = [int(index) for index in found["indices"]]
    marker = (look.reference, layer, look.digest, indices[0])
    # One starts with the map that differs most from place to place: a flat one teaches little.
    spread = found["maps"].std(axis=(1, 2))
    first = indices[int((spread >= 0.999 * spread.max()).argmax())]
    chosen = int(st.session_state[controls.bind_once(MAP, first, marker)])
    chosen = chosen if chosen in indices else first
    st.subheader("What this layer writes down", anchor=False)
    strongest = "strongest first" if order == "activation" else "by number"
    st.markdown(
        f"{len(indices)} of {depth:,} maps, each {height}×{width} pixels, {strongest}. Below each "
        "stand its number and its **activation**: the mean of all its places, which is large "
        "where the map's pattern is found often or clearly. A strong map is not an important "
        "one: what counts for the answer is decided by the layers behind."
    )
    tiles = maps_shown.map_tiles(found["maps"], found["indices"], found["means"], chosen)
    gallery(
        tiles,
        key="inside-maps",
        picked=lambda name: st.session_state.update({MAP: int(name)}),
        smallest=next(side for most, side in TILES.items() if len(indices) <= most),
        label=f"Feature maps of {layer}, {strongest}",
    )
    st.html(pictures.scale_html(("#000000", "#ffffff"), "least", "", "most of this map"))
    return chosen


def _one(found: dict[str, Any], chosen: int, look: Look, layer: str) -> None:
    """The picked map, to zoom into, and the picture under it."""
    _, _, depth = found["shape"]
    values = found["maps"][[int(index) for index in found["indices"]].index(chosen)]
    st.subheader(f"Map {chosen + 1}", anchor=False)
    content, width, height = maps_shown.large_map(values)
    place = answers.hottest_place(values)
    words = maps_shown.activation_words(values)
    alt = f"Map {chosen + 1} of {depth} of {layer}, brightest at the {place}"
    viewer(content, width, height, alt, key="inside-map-large", tallest=0.5)
    st.caption(f"Map {chosen + 1} of {depth:,}: {words}. It is strongest at the {place}.")
    image = look.prepared
    controls.picture(
        answers.overlay(image, sizes.unit(values), strength=0.8),
        alt=f"The picture under map {chosen + 1} of {layer}, brightest at the {place}",
        caption=f"The picture as the network gets it ({image.shape[0]}×{image.shape[1]} pixels) "
        "under this map.",
        scale=pictures.scale_html(answers.HEAT, "least", "", "most of this map"),
    )
