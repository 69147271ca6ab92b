"""The first kernels of a trained network, before training and after it, over the same picture."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from lesionlab.app import asked, chosen, controls, pictures, theme
from lesionlab.app.convolution.after_drawn import painted
from lesionlab.app.desk import Desk
from lesionlab.images.convolve import convolve_summed

SHOWN = 8
LONGEST = 128
ABREAST = "repeat(auto-fit,minmax(min(24rem,100%),1fr))"
CARDS = f"display:grid;gap:1.4rem 2rem;grid-template-columns:{ABREAST}"
CARD = "display:grid;grid-template-columns:1fr 2.2fr 1fr 2.2fr;gap:0.3rem 0.6rem;align-items:end"


def show(desk: Desk, image: np.ndarray, choose: bool = True) -> None:
    """Show the kernels of the model on the desk.

    Args:
        image: uint8 RGB `(h, w, 3)`.
        choose: Whether to let the reader choose the model; else it was chosen above.
    """
    st.markdown(
        "Nobody writes a network's kernels. They start as random numbers, and training changes "
        "them until they find what helps. Each has one table a colour, drawn here as one coloured "
        "table: mid-grey is zero, brighter is above, darker is below. Look for acquaintances: an "
        "edge finder like Sobel is bright on one side and dark on the other, an average is even."
    )
    reference = chosen.choose_result(desk) if choose else st.session_state["choose-result"]
    if not asked.service_awake(reference):
        return
    with controls.sentences(foot=True):
        found = kernels_of(reference)
    exact, count = bool(found["exact"]), len(found["after"])
    if exact:
        st.markdown(
            f"Training changed the {count} kernels of the first layer by "
            f"**{100 * change(found):.0f} per cent** of their size."
        )
    else:
        st.markdown(
            "This network did not begin with random numbers but with weights that had been "
            "learned before. The random ones are what the same layer would have drawn."
        )
    everything = count > SHOWN and st.toggle(
        f"Show all {count} kernels", key="learned-all", persist_state="session"
    )
    number = count if everything else min(SHOWN, count)
    small = pictures.at_most(image, LONGEST)
    key = asked.model_key(reference)
    cards = compared(small.tobytes(), small.shape[:2], reference, key, number)
    st.html(f'<div style="{CARDS}">{"".join(cards)}</div>')
    st.caption(
        ("All kernels" if number == count else f"The {number} kernels")
        + " of the first layer, the strongest answer first. Blue is above zero, brown below; each "
        "answer has a scale of its own. Stride 1, mirrored border. To slide one yourself, choose "
        "**Of my network** among the kernels at the top, and its number."
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
def compared(
    pixels: bytes, size: tuple[int, int], reference: str, key: str, number: int
) -> list[str]:
    """A card for each of so many kernels: before, its answer, after, its answer."""
    image = np.frombuffer(pixels, np.uint8).reshape(*size, 3)
    found = kernels_of(reference)
    results = {which: answers(image, found, which) for which in ("before", "after")}
    order = np.argsort(-results["after"].std(axis=(1, 2)), kind="stable")[:number]
    cards = []
    for k in order:
        parts = []
        for which in ("before", "after"):
            when = which if found["exact"] or which == "after" else "random"
            words = f"kernel {k + 1}, {when}" + (" training" if when != "random" else " numbers")
            weights, answer = found[which][k], results[which][k]
            parts += [
                pictures.figure_html(coloured(weights), words.capitalize(), when, exact=True),
                pictures.figure_html(
                    painted(answer, theme.DIVERGING, _limit(answer)),
                    f"Answer of {words}",
                    "its answer",
                    exact=True,
                ),
            ]
        cards.append(f'<div><b>Kernel {k + 1}</b><div style="{CARD}">{"".join(parts)}</div></div>')
    return cards


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
