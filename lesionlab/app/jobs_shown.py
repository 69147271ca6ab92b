"""A bar for jobs that make or bring in data, drawn again each second while one is alive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lesionlab.app import caches, controls
from lesionlab.app.desk import Desk
from lesionlab.errors import from_dict

if TYPE_CHECKING:
    from lesionlab.jobs.record import Job
    from lesionlab.jobs.state import State

KINDS = ("synthesize", "import-data", "download-data", "combine-data", "measure-data")
LIVE = ("queued", "running")
WORDS = {
    "queued": "waiting",
    "running": "being made",
    "failed": "failed",
    "cancelled": "cancelled",
    "interrupted": "interrupted",
}


def data_jobs(desk: Desk) -> list[tuple[Job, State]]:
    """Jobs that make data: everybody's drawn set and this desk's imports; one a data set."""
    from lesionlab.jobs import store

    newest: dict[str, Job] = {}
    # Newest first, of whichever kind: a name may be drawn, deleted, and then imported.
    for job in store.list_jobs():
        if job.kind in KINDS and job.desk in (desk.id, store.EVERYBODY):
            newest.setdefault(job.name, job)
    states = store.read_states(list(newest.values()))
    return [(job, states[job.id]) for job in newest.values() if states[job.id].status != "done"]


def show_data_jobs(desk: Desk) -> None:
    """Show a bar for each data set that is being made, and why one was not made."""
    names = {info.name for info in caches.datasets(desk.id)}
    jobs_now = data_jobs(desk)
    alive = any(state.status in LIVE for _, state in jobs_now)
    # On the very first start the drawn set has not been asked for yet.
    waiting = "synthetic" not in names and all(job.name != "synthetic" for job, _ in jobs_now)

    @st.fragment(run_every=1.0 if alive or waiting else None)
    def bars() -> None:
        jobs = data_jobs(desk)
        for job, state in jobs:
            _bar(job, state, desk)
        there = {info.name for info in caches.datasets(desk.id)}
        if there != names:
            for name in sorted(there - names - {desk.dataset}):
                title = caches.dataset_titles(desk.id)[name]
                st.toast(f"{title} is here. Choose it under *Data set*.")
            # Once, when a set came in: everything else on the page may show it now.
            st.rerun()
        came = waiting and any(job.name == "synthetic" for job, _ in jobs)
        if (alive or came) and not any(state.status in LIVE for _, state in jobs):
            st.rerun()

    bars()


def _bar(job: Job, state: State, desk: Desk) -> None:
    from lesionlab.jobs import store

    title = "The full drawn data set" if job.name == "synthetic" else f"The data set {job.name}"
    # What everybody gets is nobody's to stop: thirty readers wait for the one drawn set.
    own = job.desk == desk.id
    if state.status in LIVE:
        words = state.message or WORDS[state.status]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(1.0, max(0.0, state.progress)), text=f"{title}: {words}")
            if own and st.button("Cancel", key=f"cancel-{job.id}", icon=":material/stop_circle:"):
                with controls.sentences():
                    store.request_cancel(job.id)
        return
    if state.status == "failed" and state.error:
        controls.show_error(from_dict(state.error))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{title}: {WORDS.get(state.status, state.status)}.")
        if store.can_resume(job) and st.button("Try again", key=f"resume-{job.id}"):
            with controls.sentences():
                store.resume(job.id)
            st.rerun()
        if own and st.button("Dismiss", key=f"dismiss-{job.id}"):
            with controls.sentences():
                store.delete(job.id)
            st.rerun()
