"""A few pictures of a group, spread over it, for the charts of what was measured."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from lesionlab.app import caches, controls, pictures, theme

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset

MOST = 8


@lru_cache(maxsize=8)
def classes_of(found: Dataset) -> np.ndarray:
    """The class of each picture, object `(n,)` of text."""
    codes = np.full(len(found), "", dtype=object)
    for code, rows in caches.class_rows(found).items():
        codes[rows] = code
    return codes


def choose_group(label: str, groups: dict[str, int], default: str, key: str) -> str:
    """A choice of a group of pictures, which a click on a chart may make too (see `on_click`).

    Args:
        groups: Name -> number of pictures.
    """
    if st.session_state.get(key) not in groups:
        st.session_state[key] = default
    return st.selectbox(
        label,
        list(groups),
        format_func=lambda name: f"{name} ({groups[name]:,})",
        key=key,
        persist_state="session",
    )


def on_click(chart_key: str, group_key: str, name_of: Callable[[float], str]) -> dict[str, Any]:
    """Options of a chart whose bars choose a group: what `controls.figure` takes.

    Args:
        chart_key: The chart's own key. group_key: The key of `choose_group`.
        name_of: The group at a place of the horizontal axis.
    """

    def chosen() -> None:
        points = st.session_state[chart_key]["selection"]["points"]
        if points:
            st.session_state[group_key] = name_of(float(points[0]["x"]))

    return {"key": chart_key, "on_select": chosen, "selection_mode": "points"}


def show_examples(found: Dataset, rows: np.ndarray, values: np.ndarray, words: str) -> None:
    """Some pictures of the rows, from the lowest value to the highest.

    Args:
        rows: Row numbers, int `(m,)`.
        values: What was measured of every picture of the set `(n,)`.
        words: How a value is written below its picture.
    """
    if not len(rows):
        st.caption("There are none.")
        return
    # Evenly spread over the places in the order, so that the same ones come each time.
    places = np.unique(np.linspace(0, len(rows) - 1, min(MOST, len(rows))).round().astype(int))
    # Only those places have to be right: of a million, that takes a tenth of sorting them.
    order = rows[np.argpartition(values[rows], places)]
    tiles = [tile(found, int(row), words.format(values[row])) for row in order[places]]
    st.html(pictures.grid_html(tiles, smallest=100))
    st.caption(
        f"{len(tiles)} of {len(rows):,} such pictures, from the lowest to the highest."
        if len(rows) > len(tiles)
        else f"All {len(rows):,} such pictures."
        if len(rows) > 1
        else "The only such picture."
    )


def tile(found: Dataset, row: int, words: str = "") -> pictures.Tile:
    """A small picture of a row with its class and a few words."""
    code = str(found.table["diagnosis"].iat[row])
    name = str(found.table["image_id"].iat[row])
    with controls.sentences():
        small = caches.thumbnail(str(found.image_path(row)))
    return pictures.Tile(
        small,
        alt=f"{theme.class_name(code)}, picture {name}" + (f", {words}" if words else ""),
        caption=f"{theme.short_name(code)} · {words or name}",
        colour=theme.class_colour(code),
    )
