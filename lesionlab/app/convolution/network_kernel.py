"""One kernel of a trained network, to be slid like any other."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lesionlab.app import asked, chosen, controls
from lesionlab.app.convolution import learned
from lesionlab.app.desk import Desk

WHEN = {"after": "After training", "before": "Before training"}


def choose(desk: Desk) -> tuple[str, str, np.ndarray, float]:
    """Let the reader choose a model, one of its first kernels, and before or after training.

    Returns:
        Title, a sentence, weights float32 `(k, k, 3)` for pixels of 0 to 255, and their bias.
    """
    left, middle, right = st.columns([3, 2, 3], gap="medium", vertical_alignment="top")
    with left:
        reference = chosen.choose_result(desk)
    if not asked.service_awake(reference):
        controls.end_page()
    with controls.sentences(foot=True):
        found = learned.kernels_of(reference)
    count = len(found["after"])
    if st.session_state.get("network-kernel", 1) > count:
        st.session_state["network-kernel"] = 1  # of a model with more
    k = middle.number_input(
        f"Kernel, 1 to {count}", 1, count, key="network-kernel", persist_state="session"
    )
    # Where learned weights came first, the random ones are those that the layer would have drawn.
    names = WHEN if found["exact"] else WHEN | {"before": "Random numbers"}
    which = right.segmented_control(
        "When",
        list(names),
        format_func=lambda key: names[key],
        default="after",
        required=True,
        key="network-when",
        persist_state="session",
    )
    weights, bias = on_pixels(found, int(k) - 1, which or "after")
    times = 1 / float(found["scale"].mean())
    words = (
        "The first layer of your network slides this kernel. It has a table of its own for red, "
        "green and blue, and the three sums are added up."
    )
    if times != 1:
        words += f" The network scales the pixels first, so its own answers are {times:g} times "
        words += "smaller."
    return f"Kernel {k}, {names[which or 'after'].lower()}", words, weights, bias


def on_pixels(found: dict[str, Any], k: int, which: str) -> tuple[np.ndarray, float]:
    """A kernel as it would be without the network's scaling of pixels before it.

    The network sums w (scale x + offset) and adds its bias; divided by the mean scale that is a
    sum over the pixels x themselves, and another bias.

    Args:
        found: From `learned.kernels_of`.
        k: Which kernel, from 0.
        which: `before` or `after`.
    """
    weights, scale = found[which][k], found["scale"]
    mean = float(scale.mean())
    bias = float(found["bias"][k]) if which == "after" else 0.0
    bias += float((weights * found["offset"]).sum())
    return (weights * (scale / mean)).astype(np.float32), bias / mean
