"""Bringing pictures in: uploaded, from the server or a public archive, drawn, joined from sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from lesionlab import settings
from lesionlab.app import controls
from lesionlab.app.data import downloading, importing, joining_sets, managing
from lesionlab.app.desk import Desk

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset

OPEN = "bringing-in"


def show(desk: Desk, found: Dataset) -> None:
    """The two buttons beside the choice of a data set."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            "Bring in pictures",
            icon=":material/add_photo_alternate:",
            key="bring-in",
            on_click=lambda: st.session_state.update({OPEN: True}),
        )
        with st.popover("This set", icon=":material/tune:"):
            managing.show(desk, found)
    # Kept open by a mark of our own: the bars of running jobs draw the whole page anew at times.
    if st.session_state.get(OPEN):
        _dialog(desk)


def _close() -> None:
    st.session_state.pop(OPEN, None)
    importing.forget_unused()


@st.dialog("Bring in pictures", width="large", on_dismiss=_close)
def _dialog(desk: Desk) -> None:
    ways: dict[str, Callable[[Desk], bool]] = {
        "Upload": importing.archive_form,
        "ISIC Archive": downloading.form,
        "Draw": _draw_form,
        "Join sets": joining_sets.form,
    }
    if settings.current().import_roots:
        ways["On the server"] = importing.server_form
    way = st.pills(
        "From where",
        list(ways),
        default="Upload",
        required=True,
        key="bring-way",
        label_visibility="collapsed",
    )
    if ways[way or "Upload"](desk):
        st.session_state.pop(OPEN, None)
        st.rerun()


def _draw_form(desk: Desk) -> bool:
    from lesionlab.jobs import store

    st.markdown(
        "The program **draws lesions** as textbooks describe them. They are no photographs; "
        "they are there so that you can learn without a download."
    )
    many = st.number_input("Pictures of each class", 10, 1000, 100, step=10, key="draw-many")
    seed = st.number_input("Seed: another one, other pictures", 0, 10_000, 1, key="draw-seed")
    if not st.button("Draw them", type="primary", key="draw"):
        return False
    new = _free_name(f"drawn-{many}-{seed}", desk)
    with controls.sentences():
        spec = {"name": new, "per_class": int(many), "size": [450, 600], "seed": int(seed)}
        store.submit("synthesize", spec, desk.id, new)
    return True


def _free_name(name: str, desk: Desk) -> str:
    """The name, with a number where a set that this desk does not see has it already."""
    from lesionlab.data.store import info_of, is_stored

    free, number = name, 1
    while is_stored(free) and info_of(free, desk.id) is None:
        number += 1
        free = f"{name}-{number}"
    return free
