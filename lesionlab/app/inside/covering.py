"""The second opinion of "Where it looks": the picture is covered square by square."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import streamlit as st

from lesionlab.app import answers, asked, controls, pictures, theme
from lesionlab.app.inside import heat_drawing, maps_shown
from lesionlab.app.inside.look import Look
from lesionlab.images.heat import rank_correlation, share_inside

GRID = 10
KEPT, MOST = "covered-answers", 4


def answers_of(look: Look, drawn: bool) -> tuple[np.ndarray, np.ndarray]:
    """The probabilities with each square covered, asked in pieces under a bar; kept.

    Returns:
        float32 `(GRID, GRID, classes)`, and `(classes,)` with nothing covered.
    """
    from lesionlab.service import explaining_client

    kept: OrderedDict[str, tuple[np.ndarray, np.ndarray]]
    kept = st.session_state.setdefault(KEPT, OrderedDict())
    key = f"{asked.model_key(look.reference)}|{look.digest}|{drawn}"
    if key not in kept:
        bar = st.progress(0.0, "The picture is covered square by square …")
        parts: list[np.ndarray] = []
        done = 0
        while done < GRID * GRID:
            found = explaining_client.covered_answers(
                look.reference, look.content, GRID, done, drawn
            )
            parts.append(found["probabilities"])
            done += len(found["probabilities"])
            bar.progress(done / GRID**2, "The picture is covered square by square …")
        bar.empty()
        shares = np.concatenate(parts).reshape(GRID, GRID, -1)
        kept[key] = shares, found["whole"]
        while len(kept) > MOST:
            kept.popitem(last=False)
    return kept[key]


def show(look: Look, drawn: bool, code: str, heat: np.ndarray, mask: np.ndarray | None) -> None:
    """Draw the map of one class and what it says.

    Args:
        heat: The heat map of the same class, to compare with.
        mask: Where the lesion is, or None.
    """
    with controls.sentences(foot=True):
        covered, whole = answers_of(look, drawn)
    number = list(look.description["classes"]).index(code)
    drops = whole[number] - covered[..., number]  # above zero: the place spoke for the class
    row, column = np.unravel_index(int(drops.argmax()), drops.shape)
    limit = float(np.abs(drops).max())
    controls.picture(
        heat_drawing.outlined(heat_drawing.signed_overlay(look.prepared, drops), mask),
        alt=f"The picture under a map of {GRID} by {GRID} squares: covering one at the "
        f"{answers.hottest_place(drops)} costs the most.",
        caption=f"What covering a place does to the probability of {theme.class_name(code)}, in "
        "percentage points.",
        scale=pictures.scale_html(
            theme.DIVERGING,
            f"rises by {100 * limit:.0f} points",
            "no change",
            f"falls by {100 * limit:.0f} points",
        ),
    )
    if drops[row, column] <= 0:
        st.markdown("Covering no place makes this class less likely.")
    else:
        st.markdown(
            f"With nothing covered the class gets **{whole[number]:.1%}**; with the square that "
            f"costs most covered, **{covered[row, column, number]:.1%}**."
        )
    if mask is not None:
        st.markdown(
            heat_drawing.share_sentence(share_inside(drops, mask), float(mask.mean())).replace(
                "heat", "fall"
            )
        )
    agreement = rank_correlation(heat, np.maximum(drops, 0))
    if agreement is not None:
        st.markdown(
            f"The two maps agree to **{maps_shown.number(agreement)}** (1 is the same, 0 has "
            "nothing in common)."
        )
