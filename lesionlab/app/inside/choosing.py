"""Which layer the page looks at, and how many of its maps."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from lesionlab.app import controls

NUMBERS = (4, 16, 36, 64)


def choose_layer(spatial: pd.DataFrame, table: list[dict[str, Any]], reference: str) -> str:
    """A choice among the layers that have maps; its plain words stand below.

    Args:
        spatial: From `sizes.spatial_layers`.
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
