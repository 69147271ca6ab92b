"""What an owner does with a data set: share it, delete it; and how much room the desk has left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lesionlab.app import caches, controls
from lesionlab.app.desk import Desk

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset

DELETING = "deleting-set"
WHOSE = {
    "server": "It belongs to the server: everyone sees it.",
    "yours": "It belongs to your desk. Nobody else sees it.",
    "yours-shared": "It belongs to your desk. **Everyone on this server may use it.**",
    "shared": "Another desk shares it with everyone.",
}


def show(desk: Desk, found: Dataset) -> None:
    """Whose the set is, with what its owner may do."""
    info = next((one for one in caches.datasets(desk.id) if one.name == found.name), None)
    if info is None:
        return
    whose = info.whose(desk.id)
    st.markdown(WHOSE["yours-shared" if whose == "yours" and info.shared else whose])
    if whose == "yours":
        _share(desk, found.name, info.shared)
        st.button(
            "Delete this set …",
            icon=":material/delete:",
            key="delete-set",
            on_click=lambda: st.session_state.update({DELETING: found.name}),
        )
    _room(desk)
    if st.session_state.get(DELETING) == found.name:
        _delete(desk, found)


def _keep() -> None:
    st.session_state.pop(DELETING, None)


def _share(desk: Desk, name: str, shared: bool) -> None:
    from lesionlab.data.store import share_dataset

    key = "share-set"

    def save() -> None:
        with controls.sentences():
            share_dataset(name, desk.id, bool(st.session_state[key]))

    st.toggle(
        "Share with everyone on this server",
        key=controls.bind(key, shared),
        on_change=save,
        help="You can take it back. What others have made of it meanwhile stays theirs: trainings, "
        "and sets that they have joined with it.",
    )


@st.dialog("Delete a data set", icon=":material/delete:", on_dismiss=_keep)
def _delete(desk: Desk, found: Dataset) -> None:
    from lesionlab.data.quota import in_words
    from lesionlab.data.store import delete_dataset, what_goes
    from lesionlab.jobs import runs

    with controls.sentences():
        going = what_goes(found.name, desk.id)
    trained = runs.runs_on(found.name)
    lines = [f"{going.num_images:,} pictures with their table, {in_words(going.image_bytes)}"]
    if going.cached_bytes:
        lines.append(f"what was made from them to be quick, {in_words(going.cached_bytes)}")
    st.markdown(f"**{found.title}** goes for good:\n" + "\n".join(f"- {line}" for line in lines))
    if trained:
        word = "training" if len(trained) == 1 else "trainings"
        st.markdown(
            f"{len(trained):,} {word} on it stay, with their models and curves. Their pictures "
            "can no longer be shown."
        )
    left, right = st.columns(2)
    if left.button("Keep it", key="keep-set", width="stretch"):
        _keep()
        st.rerun()
    if right.button("Delete it", type="primary", key="delete-for-good", width="stretch"):
        with controls.sentences():
            delete_dataset(found.name, desk.id)
            controls.take_dataset(desk, "synthetic")
        _keep()
        st.rerun()


def _room(desk: Desk) -> None:
    from lesionlab.data import quota

    used = quota.usage(desk.id)
    if used.limit:
        st.progress(
            min(1.0, used.total / used.limit),
            text=f"Your desk uses {quota.in_words(used.total)} of {quota.in_words(used.limit)}",
        )
