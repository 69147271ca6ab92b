"""Which layer the page looks at; the sections that want one share the choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from lesionlab.app import controls
from lesionlab.app.inside import kinds

LAYER = "inside-layer"


def choose_layer(
    spatial: pd.DataFrame,
    table: list[dict[str, Any]],
    reference: str,
    changed: Callable[[], None] | None = None,
) -> str:
    """A choice among the layers that have maps; its plain words stand below.

    Args:
        spatial: From `sizes.spatial_layers`.
        table: All layers, from the service.
        reference: Of the model; another one starts at its first convolution.
        changed: Called when the reader chose another one.
    """
    titles = {str(row["name"]): title(row) for row in spatial.to_dict("records")}
    convolutions = spatial[spatial["kind"] == "Conv2D"]["name"]
    first = str(convolutions.iloc[0] if len(convolutions) else spatial["name"].iloc[0])
    layer = str(
        st.selectbox(
            "Layer",
            list(titles),
            key=controls.bind_once(LAYER, first, reference),
            format_func=lambda name: f"{titles[name]} · {name}",
            persist_state="session",
            on_change=changed,
        )
    )
    row = next(row for row in table if row["name"] == layer)
    count = row["parameters"]
    numbers = f"It has {count:,} learned numbers." if count else "It has nothing to learn."
    st.markdown(f"{row['plain']} {numbers}")
    return layer


def title(row: Mapping[Any, Any]) -> str:
    """A layer in a choice: its number, kind and size.

    Args:
        row: Of `sizes.spatial_layers`.
    """
    maps = "colours" if row["depth"] == 3 else "maps"
    return f"{row['number']} · {kinds.name_of(row)} · {row['side']} pixels, {row['depth']:,} {maps}"


def block_of(blocks: list[dict[str, Any]], layer: str) -> dict[str, Any]:
    """The block that a layer belongs to; the first one where none has it."""
    return next((block for block in blocks if layer in block["layers"]), blocks[0])
