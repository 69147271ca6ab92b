"""The section "The network": what it is made of, and how maps get smaller and more."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from lesionlab.app import caches, controls
from lesionlab.app.desk import Desk
from lesionlab.app.inside import choosing, sizes
from lesionlab.app.inside.look import Look

PARTS = {"input": "Input", "backbone": "Backbone", "head": "Head"}


def show(desk: Desk, look: Look) -> None:
    """Draw the section."""
    with controls.sentences(foot=True):
        table = caches.layers_of(look.reference)
    spatial = sizes.spatial_layers(table)
    layer = choosing.choose_layer(spatial, table, look.reference)
    st.subheader("Smaller and deeper", anchor=False)
    summary = sizes.summary_sentence(spatial)
    st.markdown(summary)
    controls.figure(
        sizes.shape_figure(spatial, layer),
        alt=f"Side of the maps and their number from layer to layer. {summary}",
        caption="The dot is the layer above. Above: the side of its maps in pixels. Below: how "
        "many.",
        key="shapes",
    )
    st.subheader("All layers", anchor=False)
    layer_list(table)


def layer_list(table: list[dict[str, Any]]) -> None:
    """Every layer with what it does in plain words."""
    shapes = [" × ".join(str(side) for side in row["output_shape"]) for row in table]
    st.dataframe(
        pd.DataFrame(
            {
                "Number": range(1, len(table) + 1),
                "Kind": [row["kind"] for row in table],
                "What it does": [row["plain"] for row in table],
                "Comes out": shapes,
                "Learned numbers": [row["parameters"] for row in table],
                "Part": [PARTS.get(row["part"], row["part"]) for row in table],
                "Name": [row["name"] for row in table],
            }
        ),
        hide_index=True,
        height=320,
        column_config={"Learned numbers": st.column_config.NumberColumn(format="localized")},
        alt=f"The {len(table)} layers of the network in order, with what each does.",
    )
