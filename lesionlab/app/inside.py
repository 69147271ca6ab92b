"""Controls of the Look inside page: which layer, how many maps, and the list of all layers."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from lesionlab.app import controls

NUMBERS = (4, 16, 36, 64)
PARTS = {"input": "Input", "backbone": "Backbone", "head": "Head"}


def choose_layer(spatial: pd.DataFrame, table: list[dict[str, Any]], reference: str) -> str:
    """A choice among the layers that have maps; its plain words stand below.

    Args:
        spatial: From `layers.spatial_layers`.
        table: All layers, from the service.
        reference: Of the model; another one starts at its first convolution.
    """
    titles = {
        str(row["name"]): f"{row['number']} · {row['kind']} · {row['side']} pixels × "
        f"{row['depth']:,} maps"
        for row in spatial.to_dict("records")
    }
    convolutions = spatial[spatial["kind"] == "Conv2D"]["name"]
    first = str(convolutions.iloc[0] if len(convolutions) else spatial["name"].iloc[0])
    layer = str(
        st.selectbox(
            "Layer",
            list(titles),
            key=controls.bind_once("inside-layer", first, reference),
            format_func=lambda name: f"{titles[name]} · {name}",
            persist_state="session",
        )
    )
    row = next(row for row in table if row["name"] == layer)
    st.markdown(f"{row['plain']} It has {row['parameters']:,} learned numbers.")
    return layer


def choose_number() -> int:
    """How many maps to show."""
    number = st.segmented_control(
        "Maps to show",
        NUMBERS,
        default=16,
        required=True,
        key="inside-number",
        persist_state="session",
    )
    return int(number or 16)


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
