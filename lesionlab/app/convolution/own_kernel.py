"""A table of weights that the reader fills in."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lesionlab.images.kernels import KERNELS

LARGEST = 15
VALUES = "own-kernel"
ROUND = "own-kernel-round"
BASE = "own-kernel-base"


def resized(weights: np.ndarray, size: int) -> np.ndarray:
    """The table with another size: zeros are put around it, or its rim is cut off.

    Args:
        weights: `(k, k)`.
        size: New number of rows and columns.
    """
    old = len(weights)
    if size <= old:
        start = (old - size) // 2
        return weights[start : start + size, start : start + size].copy()
    start = (size - old) // 2
    larger = np.zeros((size, size), np.float32)
    larger[start : start + old, start : start + old] = weights
    return larger


def begin_with(weights: np.ndarray) -> None:
    """Put these weights into the table, `(k, k)`."""
    _replace(weights)


def edit() -> np.ndarray:
    """Show the table and its size; gives the weights, float32 `(k, k)`."""
    if VALUES not in st.session_state:
        st.session_state[VALUES] = KERNELS["sobel-x"].weights.copy()
    left, right = st.columns([2, 3], gap="medium")
    with left:
        # The widgets forget when another page is opened, the values do not (fact 8).
        st.session_state["own-size"] = len(st.session_state[VALUES])
        st.number_input(
            f"Rows and columns, 1 to {LARGEST}", 1, LARGEST, key="own-size", on_change=_resize
        )
        st.selectbox(
            "Start from",
            ["zeros", *KERNELS],
            index=None,
            format_func=lambda key: KERNELS[key].title if key in KERNELS else "Zeros",
            key="own-start",
            on_change=_start,
            placeholder="Copy a kernel's numbers",
        )
        st.caption("An empty cell counts as zero. Write decimals with a point: 0.5.")
    with right:
        st.session_state[VALUES] = _table(st.session_state[VALUES])
    weights: np.ndarray = st.session_state[VALUES]
    return weights


def _table(values: np.ndarray) -> np.ndarray:
    import pandas as pd

    key = f"own-table-{st.session_state.get(ROUND, 0)}"
    if key not in st.session_state or BASE not in st.session_state:
        # The editor keeps what was typed as changes of its first table, which must stay the same.
        st.session_state[BASE] = values
    names = [str(k + 1) for k in range(len(values))]
    frame = pd.DataFrame(
        st.session_state[BASE].astype(np.float64), columns=names, index=names
    ).rename_axis("row")
    narrow = {
        name: st.column_config.NumberColumn(name, width=64, min_value=-1e4, max_value=1e4)
        for name in names
    }
    edited = st.data_editor(
        frame,
        key=key,
        column_config=narrow | {"row": st.column_config.Column(disabled=True, width=56)},
        height=min(36 + 35 * len(values), 380),
        width="content",
        alt=f"The {len(values)} rows and columns of your kernel",
    )
    return np.nan_to_num(edited.to_numpy(np.float32))


def _replace(weights: np.ndarray) -> None:
    st.session_state[VALUES] = weights.astype(np.float32)
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def _resize() -> None:
    _replace(resized(st.session_state[VALUES], int(st.session_state["own-size"])))


def _start() -> None:
    name = st.session_state["own-start"]
    if name in KERNELS:
        _replace(KERNELS[name].weights)
    elif name:
        _replace(np.zeros_like(st.session_state[VALUES]))
    st.session_state["own-start"] = None
