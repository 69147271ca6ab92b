"""The section "Break it": the same picture, spoiled, and what the network makes of it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lesionlab.app import answers, asked, controls, pictures
from lesionlab.app.desk import Desk
from lesionlab.app.inside.look import Look


def show(desk: Desk, look: Look) -> None:
    """Draw the section."""
    turns = st.slider("Quarter turns", 0, 3, 1, key="break-turns", persist_state="session")
    spoiled = np.ascontiguousarray(np.rot90(look.prepared, turns))
    with controls.sentences(foot=True):
        content = pictures.encode(spoiled, max(spoiled.shape), exact=True)
        answer = asked.predict(look.reference, content, look.drawn)
    controls.picture(spoiled, alt=f"The picture after {turns} quarter turns")
    if not answer["probabilities"]:
        controls.need(False, answer["abstain"], "pages/1_data_explorer.py", desk)
    controls.figure(
        answers.probability_figure(answer["probabilities"]),
        alt=f"The probabilities: {answers.in_words(answer['probabilities'])}",
        key="break-probabilities",
    )
