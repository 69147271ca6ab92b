"""The first kernels of a trained network, before training and after it, over the same picture."""

from __future__ import annotations

import html
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from lesionlab.app import asked, chosen, controls, pictures, theme
from lesionlab.app.desk import Desk
from lesionlab.images.convolve import convolve_summed

SHOWN = 8
LONGEST = 128
GRID = "display:grid;grid-template-columns:1fr 2.4fr 1fr 2.4fr;gap:0.6rem 0.8rem;align-items:center"


def show(desk: Desk, image: np.ndarray) -> None:
    """Show the kernels of the model on the desk.

    Args:
        image: uint8 RGB `(h, w, 3)`.
    """
    st.markdown(
        "Nobody writes a network's kernels. They start as random numbers, and training changes "
        "them until they find what helps. Each has one table a colour, drawn here as one coloured "
        "table: mid-grey is zero, brighter is above, darker is below."
    )
    reference = chosen.choose_result(desk)
    if not asked.service_awake(reference):
        return
    with controls.sentences(foot=True):
        found = kernels_of(reference)
    exact = bool(found["exact"])
    small = pictures.at_most(image, LONGEST)
    tiles = compared(small.tobytes(), small.shape[:2], reference, asked.model_key(reference))
    before = "Before training" if exact else "Random numbers"
    heads = [f"<b>{before}</b>", "<span>its answer</span>", "<b>After training</b>"]
    heads.append("<span>its answer</span>")
    st.html(f'<div style="{GRID}">{"".join(heads)}{"".join(tiles)}</div>')
    count = len(found["after"])
    st.caption(
        f"Those {min(SHOWN, count)} of the {count} kernels of the layer "
        f"{html.escape(str(found['layer']))} that answer most strongly. Blue is above zero, brown "
        "below; each answer has a scale of its own. Stride 1, mirrored border."
    )
    if exact:
        st.markdown(
            f"Training changed the {count} kernels of this layer by "
            f"**{100 * change(found):.0f} per cent** of their size."
        )
    else:
        st.caption(
            "This network did not begin with random numbers but with weights that had been "
            "learned before. The random ones are what the same layer would have drawn."
        )


def kernels_of(reference: str) -> dict[str, np.ndarray]:
    """See `service.first_layer.kernels`.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    return _kernels_of(reference, asked.model_key(reference))


@st.cache_resource(show_spinner="The network is asked for its kernels …", max_entries=8)
def _kernels_of(reference: str, key: str) -> dict[str, np.ndarray]:
    from lesionlab.service import client

    return client.first_layer(reference)


def change(found: dict[str, Any]) -> float:
    """How far training moved the kernels: length of the change over length of the start."""
    moved = np.linalg.norm(found["after"] - found["before"])
    return float(moved / (np.linalg.norm(found["before"]) or 1.0))


def answers(image: np.ndarray, found: dict[str, Any], which: str) -> np.ndarray:
    """What each kernel answers to a picture, as the network scales it: float32 `(n, h, w)`.

    Args:
        image: uint8 RGB `(h, w, 3)`.
        found: From `kernels_of`.
        which: `before` or `after`.
    """
    scaled = image * found["scale"] + found["offset"]
    biases = found["bias"] if which == "after" else np.zeros_like(found["bias"])
    return np.stack(
        [
            convolve_summed(scaled, kernel, padding="reflect", bias=float(bias))
            for kernel, bias in zip(found[which], biases, strict=True)
        ]
    )


@lru_cache(maxsize=8)
def compared(pixels: bytes, size: tuple[int, int], reference: str, key: str) -> list[str]:
    """Figures, four a kernel: before, its answer, after, its answer."""
    image = np.frombuffer(pixels, np.uint8).reshape(*size, 3)
    found = kernels_of(reference)
    results = {which: answers(image, found, which) for which in ("before", "after")}
    order = np.argsort(-results["after"].std(axis=(1, 2)), kind="stable")[:SHOWN]
    parts = []
    for k in order:
        for which in ("before", "after"):
            when = f"{which} training" if found["exact"] or which == "after" else "drawn at random"
            words = f"kernel {k + 1} {when}"
            weights, answer = found[which][k], results[which][k]
            drawn = pictures.colour_map(answer, theme.DIVERGING, _limit(answer))
            parts += [
                pictures.figure_html(coloured(weights), words.capitalize(), exact=True),
                pictures.figure_html(drawn, f"Answer of {words}", exact=True),
            ]
    return parts


def coloured(weights: np.ndarray) -> np.ndarray:
    """A kernel over three colours as one small picture: zero is mid-grey.

    Args:
        weights: `(k, k, 3)`.

    Returns:
        uint8 RGB `(k, k, 3)`.
    """
    most = float(np.abs(weights).max()) or 1.0
    return np.rint(127.5 + 127.5 * weights / most).astype(np.uint8)


def _limit(answer: np.ndarray) -> float:
    return float(np.percentile(np.abs(answer), 99.5)) or 1.0
