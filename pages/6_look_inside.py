"""Lesson 6: what happens inside a trained network.

The first layers find edges and colours, later ones combine them. Here one walks through the
network that one has just trained, with any picture: its blocks, what each layer writes down, how
the answer comes about, where it looks, and how easily it is misled.
"""

import streamlit as st

from lesionlab.app.inside import (
    break_it,
    feature_maps,
    frame,
    network,
    the_answer,
    where_it_looks,
)
from lesionlab.app.shell import close_page, open_page

SECTIONS = {
    "The network": network.show,
    "Feature maps": feature_maps.show,
    "The answer": the_answer.show,
    "Where it looks": where_it_looks.show,
    "Break it": break_it.show,
}

desk = open_page(__file__)
look = frame.choose(desk)

# Set here rather than as the default: a button of the first section leads to the second.
st.session_state.setdefault(network.SECTION, "The network")
section = st.pills(
    "What to look at",
    list(SECTIONS),
    required=True,
    key=network.SECTION,
    label_visibility="collapsed",
    persist_state="session",
)
SECTIONS[section or "The network"](desk, look)

close_page(__file__, desk)
