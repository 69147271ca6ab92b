"""The section "Feature maps": what any layer of the network writes down about the picture."""

from __future__ import annotations

import streamlit as st

from lesionlab.app import answers, asked, caches, controls, pictures
from lesionlab.app.desk import Desk
from lesionlab.app.inside import choosing, sizes
from lesionlab.app.inside.look import Look


def show(desk: Desk, look: Look) -> None:
    """Draw the section."""
    with controls.sentences(foot=True):
        table = caches.layers_of(look.reference)
    layer = choosing.choose_layer(sizes.spatial_layers(table), table, look.reference)
    limit = choosing.choose_number()
    with controls.sentences(foot=True):
        found = asked.feature_maps(look.reference, layer, look.content, limit)
    maps, image = found["maps"], look.prepared
    height, width, depth = found["shape"]
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.subheader("What goes in", anchor=False)
        controls.picture(
            image,
            alt=f"The picture at {image.shape[0]} by {image.shape[1]} pixels",
            caption=f"The picture as the network gets it: {image.shape[0]}×{image.shape[1]} "
            "pixels.",
        )
        controls.picture(
            answers.overlay(image, sizes.unit(maps[0]), strength=0.8),
            alt=f"The picture under the strongest map of {layer}, brightest at the "
            f"{answers.hottest_place(maps[0])}",
            caption=f"The same under the strongest map of this layer, number "
            f"{int(found['indices'][0]) + 1} of {depth:,}.",
            scale=pictures.scale_html(answers.HEAT, "no answer", "", "strongest answer"),
        )
    with right:
        st.subheader("What this layer answers", anchor=False)
        controls.picture(
            sizes.map_grid(maps),
            alt=f"The {len(maps)} strongest of {depth} feature maps of {layer}, each {height} by "
            f"{width} pixels",
            caption=f"The {len(maps)} strongest of {depth:,} maps, each {height}×{width}, "
            "strongest first, each stretched to its own range.",
            longest=1400,
            exact=max(height, width) < sizes.TILE_PIXELS // 2,
            scale=pictures.scale_html(("#000000", "#ffffff"), "least", "", "most of this map"),
        )
    controls.how_it_works(
        r"\text{map}_c(y, x) = \max\!\Big(0,\ b_c + \sum_{i,j,k} w_{i,j,k,c}\,"
        r"\text{in}_k(y+i,\ x+j)\Big)",
        "lesionlab.explain.feature_maps:feature_maps",
        sizes.scaled,
        words="Each map *c* of a convolution layer has a kernel of its own, which looks at all "
        "maps of the layer before. This is the code that reads a layer, and the one that "
        "stretches a map.",
    )
