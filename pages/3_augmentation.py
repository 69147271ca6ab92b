"""Lesson 3: random changes that keep the diagnosis.

A mole turned upside down is the same mole. Turning, shifting and recolouring training pictures a
little shows the network more of what may vary, and keeps it from learning pictures by heart. The
samples here are made by the very layers that training uses.
"""

import numpy as np
import streamlit as st

from lesionlab.app import caches, controls, pictures, previews
from lesionlab.app.asked import service_awake
from lesionlab.app.augmenting import choose_augmentation
from lesionlab.app.own_picture import picture_file_in_use
from lesionlab.app.shell import close_page, open_page
from lesionlab.experiment import Augmentation

SAMPLES = 12

desk = open_page(__file__)
content, digest = picture_file_in_use(desk)

left, right = st.columns([2, 3], gap="large")
with left:
    st.subheader("What may change", anchor=False)
    augmentation = choose_augmentation(desk)
with right:
    st.subheader("One picture, twelve times", anchor=False)
    seed = st.session_state.setdefault("augmentation-seed", 0)
    height, width = desk.draft.preprocessing.size
    with controls.sentences():
        plain = caches.prepared(content, digest, desk.draft.preprocessing)
        samples = np.empty((0, *plain.shape), np.uint8)
        if service_awake():
            samples = previews.samples(
                augmentation, desk.draft.preprocessing, content, digest, SAMPLES, seed
            )
    tiles = [pictures.Tile(plain, "The picture as it is", "the picture as it is")]
    tiles += [
        pictures.Tile(sample, f"Changed at random, number {number}", f"sample {number}")
        for number, sample in enumerate(samples, start=1)
    ]
    st.html(pictures.grid_html(tiles, smallest=118, longest=240, square=height == width, lead=True))
    if augmentation == Augmentation():
        st.info("Nothing may change yet, so all samples are alike. Move a slider.")
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Roll again", icon=":material/casino:", key="roll"):
            st.session_state["augmentation-seed"] = seed + 1
            st.rerun()
        same = augmentation == desk.draft.augmentation
        if st.button(
            "In my experiment" if same else "Use this in my experiment",
            type="primary",
            icon=":material/check:" if same else ":material/science:",
            disabled=same,
            key="use",
        ):
            with controls.sentences():
                desk.save(draft=desk.draft.model_copy(update={"augmentation": augmentation}))
            st.rerun()
    st.caption(
        f"At {height}×{width} pixels, as your experiment prepares its pictures. The validation "
        "and test parts are never changed."
    )

controls.how_it_works(
    r"\text{out}(x, y) = \text{in}\!\left(A^{-1} (x, y)^\top\right) \qquad "
    r"A = \text{turn} \cdot \text{shear} \cdot \text{zoom} \cdot \text{flip} + \text{shift}",
    "lesionlab.models.augment:draw_parameters",
    "lesionlab.models.augment:Augment",
    words="All changes of shape are joined into one transformation, so that the picture is "
    "sampled only once and stays sharp. Colours follow, then the cut-out square.",
)
close_page(__file__, desk)
