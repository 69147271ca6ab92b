"""The controls of the augmentation page. They edit a copy; a button puts it into the draft."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lesionlab.app import controls
from lesionlab.app.desk import Desk
from lesionlab.experiment import Augmentation, recipe

COPY = "augmentation-copy"
# name -> (label, largest, step, unit, factor from what is shown to what is stored, help)
SLIDERS: dict[str, tuple[str, int, int, str, float, str]] = {
    "rotation": ("Turn", 180, 5, "°", 1, "Up to so many degrees to either side."),
    "shift": ("Shift", 50, 1, " %", 100, "Up to this share of the picture, in any direction."),
    "zoom": ("Zoom", 50, 1, " %", 100, "Nearer or farther by up to this share."),
    "shear": ("Shear", 45, 1, "°", 1, "Slant the picture, as if it were pushed sideways."),
    "brightness": ("Brightness", 50, 1, " %", 100, "Lighter or darker by up to this share."),
    "contrast": ("Contrast", 50, 1, " %", 100, "Stronger or weaker differences."),
    "saturation": ("Saturation", 100, 1, " %", 100, "Stronger or paler colours."),
    "hue": ("Hue", 50, 1, " %", 100, "Turn all colours around the colour circle."),
    "cutout": ("Cut out a square", 50, 1, " %", 100, "Hide a square of this share of the width."),
}
GOOD = "small-cnn"  # the recipe whose augmentation fits skin, where no side is up
FILLS = {
    "nearest": "Stretch the border",
    "reflect": "Mirror",
    "wrap": "Repeat",
    "constant": "Black",
}


def choose_augmentation(desk: Desk) -> Augmentation:
    """Let the reader set what may change; starts from the draft."""
    draft = desk.draft.augmentation
    if st.session_state.get(f"{COPY}-of") != (desk.id, draft):
        # Another draft came onto the desk, so the copy starts anew.
        st.session_state[f"{COPY}-of"] = (desk.id, draft)
        st.session_state[COPY] = draft
    copy: Augmentation = st.session_state[COPY]
    with st.container(horizontal=True):
        if st.button("A good start", icon=":material/auto_awesome:", key="augment-good"):
            st.session_state[COPY] = copy = recipe(GOOD).augmentation
        if st.button("Nothing", icon=":material/block:", key="augment-nothing"):
            st.session_state[COPY] = copy = Augmentation()

    def take(name: str, value: Any) -> None:
        st.session_state[COPY] = st.session_state[COPY].model_copy(update={name: value})

    def slider(name: str) -> None:
        label, largest, step, unit, factor, words = SLIDERS[name]
        key = f"augment-{name}"
        st.slider(
            label,
            0,
            largest,
            step=step,
            format=f"%d{unit.replace('%', '%%')}",
            key=controls.bind(key, round(getattr(copy, name) * factor)),
            on_change=lambda: take(name, st.session_state[key] / factor),
            help=words,
        )

    def toggle(name: str, label: str) -> None:
        key = f"augment-{name}"
        st.toggle(
            label,
            key=controls.bind(key, getattr(copy, name)),
            on_change=lambda: take(name, st.session_state[key]),
        )

    left, right = st.columns(2)
    for place, name in enumerate(SLIDERS):
        with left if place % 2 == 0 else right:
            slider(name)
    with right:
        st.selectbox(
            "Fill empty corners",
            list(FILLS),
            key=controls.bind("augment-fill", copy.fill),
            on_change=lambda: take("fill", st.session_state["augment-fill"]),
            format_func=lambda name: FILLS[name],
        )
    with left:
        toggle("horizontal_flip", "Flip left and right")
    with right:
        toggle("vertical_flip", "Flip upside down")
    return copy
