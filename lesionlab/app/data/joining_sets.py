"""Joining data sets into one."""

from __future__ import annotations

import streamlit as st

from lesionlab.app import caches, controls
from lesionlab.app.desk import Desk


def form(desk: Desk) -> bool:
    """Choose sets to join; gives True once the job was asked for."""
    from lesionlab.data.store import check_name
    from lesionlab.jobs import store

    titles = caches.dataset_titles(desk.id)
    infos = {info.name: info for info in caches.datasets(desk.id)}
    st.markdown(
        "Several sets become **one new set**. A picture that is in two of them counts once. "
        "Pictures that the sets call by different names are left out. The old sets stay."
    )
    names = st.multiselect(
        "Data sets to join", list(titles), key="join-sets", format_func=lambda one: titles[one]
    )
    if any(infos[name].kind == "sd198" for name in names) and len(names) > 1:
        st.caption(
            "Of SD-198 only “none of these” is taken. Its own pictures of the eight classes are "
            "photographs without a dermatoscope, and the other sets have these classes."
        )
    total = sum(infos[name].num_images for name in names)
    name = st.text_input("Name of the new data set", key="join-name")
    if names:
        st.caption(f"At most {total:,} pictures.")
    ready = len(names) > 1 and bool(name)
    if not st.button("Join them", type="primary", disabled=not ready, key="join"):
        return False
    with controls.sentences():
        spec = {"names": list(names), "name": check_name(name, desk.id)}
        store.submit("combine-data", spec, desk.id, name)
    return True
