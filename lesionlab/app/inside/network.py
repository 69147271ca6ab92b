"""The section "The network": its blocks as a drawing, and how maps get smaller and more."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from lesionlab.app import caches, controls
from lesionlab.app.desk import Desk
from lesionlab.app.inside import (
    asking,
    block_words,
    choosing,
    kinds,
    network_drawing,
    questions,
    sizes,
)
from lesionlab.app.inside.look import Look

PARTS = {"input": "Input", "backbone": "Backbone", "head": "Head"}
BLOCK, SECTION = "inside-block", "inside-section"


def show(desk: Desk, look: Look) -> None:
    """Draw the section."""
    with controls.sentences(foot=True):
        table = caches.layers_of(look.reference)
        blocks = asking.network_blocks(look.reference)["blocks"]
    st.markdown(f"{block_words.summary(blocks)} Choose a block to see what it does.")
    block = _choose_block(blocks, look.reference)
    spatial = sizes.spatial_layers(table)
    left, right = st.columns(2, gap="large")
    with left:
        _about(block, table)
    with right:
        st.subheader("One layer", anchor=False)
        layer = choosing.choose_layer(
            spatial, table, look.reference, changed=lambda: _follow_layer(blocks)
        )
        st.button(
            "See what it writes down",
            icon=":material/grid_view:",
            on_click=lambda: st.session_state.update({SECTION: "Feature maps"}),
        )
    st.subheader("Smaller and deeper", anchor=False)
    summary = sizes.summary_sentence(spatial)
    st.markdown(summary)
    controls.figure(
        sizes.shape_figure(spatial, layer),
        alt=f"Side of the maps and their number from layer to layer. {summary}",
        caption="The dot is the chosen layer. Above: the side of its maps in pixels. Below: how "
        "many.",
        key="shapes",
    )
    with st.expander(f"All {len(table)} layers", icon=":material/table_rows:"):
        layer_list(table)
    controls.how_it_works(
        r"\text{out} = F(\text{in}) + \text{in}",
        "lesionlab.explain.blocks:split_at_cuts",
        "lesionlab.explain.blocks:skip_of",
        words="A block with a skip connection gives what it made of the maps *plus* the maps "
        "themselves. Blocks and skip connections above are not written down anywhere: this code "
        "finds them in the network's layers, where a way parts and where it meets again.",
    )
    questions.show("network")


def _choose_block(blocks: list[dict[str, Any]], reference: str) -> dict[str, Any]:
    """The drawing; the chosen block, of which the one layer above is the last or any other."""
    layer = st.session_state.get(choosing.LAYER, "")
    known = any(layer in block["layers"] for block in blocks)
    first = choosing.block_of(blocks, layer)["number"] if known else min(1, len(blocks) - 1)
    number = st.session_state[controls.bind_once(BLOCK, first, reference)]

    def picked(other: int) -> None:
        st.session_state[BLOCK] = other
        if 0 <= other < len(blocks) and len(blocks[other]["output_shape"]) == 3:
            st.session_state[choosing.LAYER] = blocks[other]["output"]

    network_drawing.draw(blocks, number, key="inside-network", picked=picked)
    return blocks[number]


def _follow_layer(blocks: list[dict[str, Any]]) -> None:
    layer = st.session_state[choosing.LAYER]
    st.session_state[BLOCK] = choosing.block_of(blocks, layer)["number"]


def _about(block: dict[str, Any], table: list[dict[str, Any]]) -> None:
    st.subheader(block_words.title(block), anchor=False)
    st.markdown(
        f"{block_words.plain(block)}\n\n"
        f"- In: {block_words.size(block['input_shape'])}\n"
        f"- Out: {block_words.size(block['output_shape'])}\n"
        f"- {block_words.learned_sentence(block)}"
    )
    rows = {row["name"]: row for row in table}
    on_skip = set(block["skip"]["layers"]) if block["skip"] else set()
    parts = [rows[name] for name in block["layers"]]
    columns = {
        "Layer": [kinds.name_of(row) for row in parts],
        "Comes out": [" × ".join(map(str, row["output_shape"])) for row in parts],
        "Learned numbers": [row["parameters"] for row in parts],
    }
    if on_skip:
        columns["Way"] = ["skip" if row["name"] in on_skip else "main" for row in parts]
    st.dataframe(
        pd.DataFrame(columns),
        hide_index=True,
        column_config={"Learned numbers": st.column_config.NumberColumn(format="localized")},
        alt=f"The {len(parts)} layers of this block in order.",
    )


def layer_list(table: list[dict[str, Any]]) -> None:
    """Every layer with what it does in plain words."""
    shapes = [" × ".join(str(side) for side in row["output_shape"]) for row in table]
    st.dataframe(
        pd.DataFrame(
            {
                "Number": range(1, len(table) + 1),
                "Kind": [kinds.name_of(row) for row in table],
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
