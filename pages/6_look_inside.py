"""Lesson 6: what each layer of a trained network answers to.

The first layers find edges and colours, later ones combine them. The service runs the network on
one picture and hands back what any layer wrote down.
"""

import streamlit as st

from lesionlab.app import answers, asked, caches, chosen, controls, inside, layers, pictures
from lesionlab.app.own_picture import picture_file_in_use
from lesionlab.app.shell import close_page, open_page
from lesionlab.images.preprocess import Preprocessing

desk = open_page(__file__)
reference = chosen.choose_result(desk)
with controls.sentences(foot=True):
    description = caches.result(reference).description
controls.need(
    description is not None,
    "This run has no model yet: it is still learning, or it was stopped.",
    "pages/5_training.py",
    desk,
)
content, _ = picture_file_in_use(desk)
if not asked.service_awake(reference):
    controls.end_page()

with controls.sentences(foot=True):
    table = caches.layers_of(reference)
spatial = layers.spatial_layers(table)
layer = inside.choose_layer(spatial, table, reference)
limit = inside.choose_number()
with controls.sentences(foot=True):
    found = asked.feature_maps(reference, layer, content, limit)
    settings = Preprocessing.model_validate(description["experiment"]["preprocessing"])
    image = asked.as_seen(content, settings)

maps = found["maps"]
height, width, depth = found["shape"]
left, right = st.columns([2, 3], gap="large")
with left:
    st.subheader("What goes in", anchor=False)
    controls.picture(
        image,
        alt=f"The picture at {image.shape[0]} by {image.shape[1]} pixels",
        caption=f"The picture as the network gets it: {image.shape[0]}×{image.shape[1]} pixels.",
    )
    controls.picture(
        answers.overlay(image, layers.unit(maps[0]), strength=0.8),
        alt=f"The picture under the strongest map of {layer}, brightest at the "
        f"{answers.hottest_place(maps[0])}",
        caption=f"The same under the strongest map of this layer, number "
        f"{int(found['indices'][0]) + 1} of {depth:,}.",
        scale=pictures.scale_html(answers.HEAT, "no answer", "", "strongest answer"),
    )
with right:
    st.subheader("What this layer answers", anchor=False)
    controls.picture(
        layers.map_grid(maps),
        alt=f"The {len(maps)} strongest of {depth} feature maps of {layer}, each {height} by "
        f"{width} pixels",
        caption=f"The {len(maps)} strongest of {depth:,} maps, each {height}×{width}, strongest "
        "first, each stretched to its own range.",
        longest=1400,
        exact=max(height, width) < layers.TILE_PIXELS // 2,
        scale=pictures.scale_html(("#000000", "#ffffff"), "least", "", "most of this map"),
    )

st.subheader("Smaller and deeper", anchor=False)
summary = layers.summary_sentence(spatial)
st.markdown(summary)
controls.figure(
    layers.shape_figure(spatial, layer),
    alt=f"Side of the maps and their number from layer to layer. {summary}",
    caption="The dot is the layer above. Above: the side of its maps in pixels. Below: how many.",
    key="shapes",
)

st.subheader("All layers", anchor=False)
inside.layer_list(table)

controls.how_it_works(
    r"\text{map}_c(y, x) = \max\!\Big(0,\ b_c + \sum_{i,j,k} w_{i,j,k,c}\,"
    r"\text{in}_k(y+i,\ x+j)\Big)",
    "lesionlab.explain.feature_maps:feature_maps",
    layers.scaled,
    words="Each map *c* of a convolution layer has a kernel of its own, which looks at all maps of "
    "the layer before. This is the code that reads a layer, and the one that stretches a map.",
)
close_page(__file__, desk)
