"""Lesson 1: the pictures, their classes, and the three parts.

A network learns from examples, so it can be no better than they are. Here one looks at them first:
how many there are of each class, what a dermoscopist would look for, what is known of the people,
what the pixels say, and how the pictures are dealt into a part to learn from, a part to steer by,
and a part for the final mark.
"""

import streamlit as st

from lesionlab.app import controls
from lesionlab.app.data import (
    bringing_in,
    browsing,
    crossed,
    measured,
    preparing,
    splitting,
    table_shown,
)
from lesionlab.app.jobs_shown import show_data_jobs
from lesionlab.app.shell import close_page, open_page

SECTIONS = {
    "First look": browsing.show,
    "Who and where": crossed.show,
    "Light and skin": measured.show,
    "Prepare": preparing.show,
    "Split": splitting.show,
    "Table and licence": table_shown.show,
}

desk = open_page(__file__)

left, right = st.columns([3, 2], vertical_alignment="bottom")
with left:
    found = controls.choose_dataset(desk)
with right:
    bringing_in.show(desk, found)
show_data_jobs(desk)
controls.drawn_note(found.drawn)

section = st.pills(
    "What to look at",
    list(SECTIONS),
    default="First look",
    required=True,
    key="explorer-section",
    label_visibility="collapsed",
    persist_state="session",
)
SECTIONS[section or "First look"](desk, found)

close_page(__file__, desk)
