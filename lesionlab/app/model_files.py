"""Taking a model out as one file, and bringing one in."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lesionlab import settings
from lesionlab.app import controls
from lesionlab.app.desk import Desk
from lesionlab.app.run_words import LIVE, STATUS
from lesionlab.errors import LesionlabError, from_dict
from lesionlab.files import forget_upload, write_bytes

if TYPE_CHECKING:
    from lesionlab.jobs.results import Result


def download(reference: str) -> None:
    """A button that hands out a model as one file; it is packed when it is asked for."""
    from lesionlab.jobs.packing import packed_bundle

    st.download_button(
        "Download the model",
        data=lambda: packed_bundle(reference),
        # The id in the name tells large downloads apart (fact 12).
        file_name=f"{reference}.lesionlab",
        mime="application/zip",
        icon=":material/download:",
        key=f"download-{reference}",
        on_click="ignore",
    )


def show_card(result: Result) -> None:
    """The model card, closed until it is opened; nothing where the model has none.

    Only what came with lesionlab is laid out. What somebody else may have written stands there as
    plain text, so that no picture is fetched.
    """
    card = result.card
    if not card:
        return
    with st.expander("Model card: data, licence, how good for whom", icon=":material/badge:"):
        if result.origin == "shipped":
            with st.container(key="model-card"):
                st.markdown(re.sub("^#", "###", card, flags=re.MULTILINE))
        else:
            st.code(card, language=None, wrap_lines=True)


def import_control(desk: Desk) -> None:
    """Upload a `.lesionlab` file; a job checks it and brings it in."""
    from lesionlab.jobs import store

    with st.expander("Bring in a model", icon=":material/upload_file:"):
        st.markdown(
            "A file that ends in `.lesionlab`, downloaded here or on another machine. It is "
            "checked before anything of it is used."
        )
        file = st.file_uploader("Model file", type=["lesionlab"], key="model-file")
        if st.button("Bring it in", disabled=file is None, key="import-model") and file:
            with controls.sentences():
                # Errors name the file, so it keeps its name, in a folder that no one else has.
                folder = settings.current().home / "uploads" / secrets.token_hex(8)
                path = folder / f"{_plain(file.name)}.lesionlab"
                write_bytes(path, file.getvalue())
                try:
                    store.submit("import-model", {"path": str(path)}, desk.id, file.name)
                except LesionlabError:
                    forget_upload(path)
                    raise
        _show_imports(desk)
        _show_own(desk)


def _resume(job_id: str) -> None:
    from lesionlab.jobs import store

    with controls.sentences():
        store.resume(job_id)


def _show_own(desk: Desk) -> None:
    """The models that this desk has brought in: nobody else can delete them."""
    from lesionlab.data import quota
    from lesionlab.jobs.packing import delete_model

    mine = dict(quota.models_of(desk.id))
    if not mine:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Models that you brought in",
            list(mine),
            format_func=lambda one: f"{one}, {quota.in_words(mine[one])}",
            key="own-model",
        )
        with st.popover("Delete", icon=":material/delete:"):
            st.markdown(f"Delete **{name}**? It cannot be brought back.")
            if st.button("Delete it", type="primary", key="delete-model") and name:
                with controls.sentences():
                    delete_model(name, desk.id)
                    if desk.run == name:
                        desk.save(run=None)
                st.rerun()


def _plain(name: str) -> str:
    """A file's name without its ending, in letters that every disk can hold."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name.removesuffix(".lesionlab"))[:60].strip(".-") or "m"


def _show_imports(desk: Desk) -> None:
    """The newest import of this desk, each second while it lives."""
    from lesionlab.jobs import store

    jobs = [job for job in store.list_jobs("import-model") if job.desk == desk.id]
    if not jobs:
        return
    live = store.read_state(jobs[0]).status in LIVE

    @st.fragment(run_every=1.0 if live else None)
    def watch() -> None:
        state = store.read_state(jobs[0])
        if live and state.ended:
            st.rerun()
        if state.status in LIVE:
            st.progress(min(1.0, max(0.0, state.progress)), text=state.message)
        elif state.status == "failed" and state.error:
            controls.show_error(from_dict(state.error))
        elif state.status == "done":
            st.success(f"{jobs[0].name} is here. Choose it above.", icon=":material/check:")
        else:
            st.markdown(f"{jobs[0].name}: {STATUS[state.status]}.")
        if state.ended and store.can_resume(jobs[0]) and Path(str(jobs[0].spec["path"])).exists():
            st.button(
                "Try again",
                icon=":material/refresh:",
                key="import-model-again",
                on_click=_resume,
                args=(jobs[0].id,),
            )

    watch()
