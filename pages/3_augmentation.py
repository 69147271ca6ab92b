"""Lesson 3: random changes that keep the diagnosis.

A mole turned upside down is the same mole. Turning, shifting and recolouring training pictures a
little shows the network more of what may vary, and keeps it from learning pictures by heart. The
samples here are made by the very layers that training uses.
"""

import streamlit as st

from lesionlab.app import caches, controls
from lesionlab.app.asked import service_awake
from lesionlab.app.augmentation import cost, epoch, questions, safe, samples, strip
from lesionlab.app.augmentation.asked import Shown, class_in_use
from lesionlab.app.own_picture import picture_file_in_use
from lesionlab.app.shell import close_page, open_page

SECTIONS = {
    "Samples": samples.show,
    "One change": strip.show,
    "Safe for the label?": safe.show,
    "Through an epoch": epoch.show,
    "What it costs": cost.show,
}

desk = open_page(__file__)
with st.container(key="abreast-picture"):
    content, digest = picture_file_in_use(desk)
with controls.sentences(foot=True):
    plain = caches.prepared(content, digest, desk.draft.preprocessing)
shown = Shown(content, digest, plain, desk.draft.preprocessing, class_in_use())

section = st.pills(
    "What to look at",
    list(SECTIONS),
    default="Samples",
    required=True,
    key="augmentation-section",
    label_visibility="collapsed",
    persist_state="session",
)
if service_awake():
    SECTIONS[section or "Samples"](desk, shown)
questions.show()

close_page(__file__, desk)
