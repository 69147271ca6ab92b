"""The settings that the page tries out: a copy, which a button puts into the experiment."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lesionlab.app import controls
from lesionlab.app.augmentation import changes
from lesionlab.app.augmentation.changes import ALWAYS
from lesionlab.app.augmentation.presets import GOOD, name_of, presets
from lesionlab.app.desk import Desk
from lesionlab.experiment import Augmentation, recipe

COPY = "augmentation-copy"
PER_CENT, PIXELS = "per cent", "pixels"


def trial(desk: Desk) -> Augmentation:
    """The settings in use on this page.

    They start as the experiment's. Where that changes nothing, the first look is at a good start,
    since twelve equal pictures show nothing.
    """
    draft = desk.draft.augmentation
    if st.session_state.get(f"{COPY}-of") != (desk.id, draft):
        # Another draft came onto the desk, so the copy starts anew.
        first = COPY not in st.session_state
        st.session_state[f"{COPY}-of"] = (desk.id, draft)
        st.session_state[COPY] = (
            recipe(GOOD).augmentation if first and draft == Augmentation() else draft
        )
    copy: Augmentation = st.session_state[COPY]
    return copy


def _take(name: str, value: Any) -> None:
    st.session_state[COPY] = st.session_state[COPY].model_copy(update={name: value})


def choose_preset(desk: Desk) -> None:
    """Sets to begin with, and what their paper says."""
    found = presets(desk.draft.preprocessing.size)
    chosen = name_of(trial(desk), found)

    def take() -> None:
        name = st.session_state["augment-preset"]
        if name is not None:
            st.session_state[COPY] = found[name].augmentation

    st.pills(
        "Begin with",
        list(found),
        key=controls.bind("augment-preset", chosen),
        on_change=take,
    )
    if chosen is None:
        st.caption("Your own settings.")
        return
    preset = found[chosen]
    st.caption(preset.given)
    if preset.ours:
        st.caption(f":orange-badge[{preset.kind}] {preset.ours}")


def choose_changes(desk: Desk) -> None:
    """The controls, a group at a time, with what each means for the label beside it."""
    copy = trial(desk)
    group = st.segmented_control(
        "What may change",
        list(changes.GROUPS),
        default=changes.SHAPE,
        required=True,
        key="augment-group",
        persist_state="session",
        label_visibility="collapsed",
    )
    st.caption(changes.GROUPS[group])
    for name, change in changes.CHANGES.items():
        if change.group != group:
            continue
        if name == "shift":
            _shift(copy, desk.draft.preprocessing.size)
        else:
            _slider(change, copy)
        # A shift of so many pixels is hardly ever a whole per cent.
        shown = round(getattr(copy, name) * change.factor, 1)
        near = "" if change.limit == ALWAYS else f"Safe {change.limit}."
        far = change.far if shown > change.safe_to else near
        _means(change.level(shown), change.words, far)
    if group == changes.SHAPE:
        for name, (label, words) in changes.FLIPS.items():
            key = f"augment-{name}"
            st.toggle(
                label,
                key=controls.bind(key, getattr(copy, name)),
                on_change=lambda name=name, key=key: _take(name, st.session_state[key]),
            )
            _means(changes.SAFE, words)
        st.selectbox(
            "Fill empty corners",
            list(changes.FILLS),
            key=controls.bind("augment-fill", copy.fill),
            on_change=lambda: _take("fill", st.session_state["augment-fill"]),
            format_func=lambda name: changes.FILLS[name][0],
        )
        _, level, words = changes.FILLS[copy.fill]
        _means(level, words)


def _means(level: str, *words: str) -> None:
    st.markdown(f"{changes.badge(level)} :small[{' '.join(words).strip()}]")


def _slider(change: changes.Change, copy: Augmentation) -> None:
    key = f"augment-{change.name}"
    st.slider(
        change.label,
        0,
        change.largest,
        step=change.step,
        format=f"%d{change.unit.replace('%', '%%')}",
        key=controls.bind(key, round(getattr(copy, change.name) * change.factor)),
        on_change=lambda: _take(change.name, st.session_state[key] / change.factor),
    )


def _shift(copy: Augmentation, size: tuple[int, int]) -> None:
    """The shift as a share of the picture or in pixels of the experiment's size."""
    height, width = size
    unit = st.session_state.get("augment-shift-unit", PER_CENT)
    if unit == PIXELS:
        key = "augment-shift-pixels"
        st.slider(
            "Shift",
            0,
            width // 2,
            format="%d px",
            key=controls.bind(key, round(copy.shift * width)),
            on_change=lambda: _take("shift", st.session_state[key] / width),
        )
    else:
        _slider(changes.CHANGES["shift"], copy)
    st.segmented_control(
        "Unit of the shift",
        [PER_CENT, PIXELS],
        default=PER_CENT,
        required=True,
        key="augment-shift-unit",
        persist_state="session",
        label_visibility="collapsed",
    )
    if unit == PIXELS and height != width:
        st.caption(
            f"{copy.shift * width:.0f} pixels across and {copy.shift * height:.0f} up and down: "
            "the same share of both sides."
        )


def use_in_experiment(desk: Desk) -> None:
    """What the experiment does now, and the button that gives it the settings of this page."""
    copy = trial(desk)
    same = copy == desk.draft.augmentation
    if st.button(
        "In my experiment" if same else "Use this in my experiment",
        type="primary",
        icon=":material/check:" if same else ":material/science:",
        disabled=same,
        key="use",
    ):
        with controls.sentences():
            desk.renew()
            desk.save(draft=desk.draft.model_copy(update={"augmentation": copy}))
        st.rerun()
    now = changes.in_words(desk.draft.augmentation)
    st.caption(
        f"Your experiment changes: {now}."
        if same
        else f"Here you try: {changes.in_words(copy)}. Your experiment still changes: {now}."
    )
