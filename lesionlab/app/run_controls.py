"""Choosing a run, how it stands, and what its owner may do with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import streamlit as st

from lesionlab.app import controls, model_files, run_words
from lesionlab.app.desk import Desk
from lesionlab.errors import JobError

if TYPE_CHECKING:
    from lesionlab.jobs.record import Job
    from lesionlab.jobs.runs import Run
    from lesionlab.jobs.state import State

MOST_SHOWN = 20
RUN_ID = re.compile(r"\d{8}-\d{6}-")


def choose_run(desk: Desk) -> Run | None:
    """A choice among the runs of this desk and the one that was opened by its link.

    Returns:
        The run that is on the desk, else the newest of this desk; None when there is none.
    """
    from lesionlab.jobs import runs

    known = {run.id: run for run in runs.list_runs(desk.id)}
    if desk.run and desk.run not in known:
        try:
            known = {desk.run: runs.open_run(desk.run), **known}
        except JobError as error:
            # A model that was imported or shipped has no run; a deleted run has none any more.
            if RUN_ID.match(desk.run):
                controls.show_error(error)
    if not known:
        return None
    shown = desk.run if desk.run in known else next(iter(known))
    # Another list, another widget: a tick of the fragment below may bring the value of the old one
    # just after a new run was put on the desk, and must not count as a choice.
    key = f"choose-run-{next(iter(known))}-{len(known)}"
    st.selectbox(
        "Run",
        list(known),
        key=controls.bind(key, shown),
        on_change=lambda: desk.save(run=st.session_state[key]),
        format_func=lambda run_id: run_words.run_title(known[run_id], desk.id),
    )
    return known[shown]


def show_state(run: Run, state: State, desk: Desk) -> None:
    """A bar and a sentence; while the run lives, its owner can cancel it."""
    from lesionlab.jobs import store

    words = run_words.state_sentence(state)
    if state.ended:
        st.markdown(f"**{words}**")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(1.0, max(0.0, state.progress)), text=words)
        mine = run.desk == desk.id
        if mine and st.button("Cancel", icon=":material/stop_circle:", key="cancel-run"):
            with controls.sentences():
                store.request_cancel(run.id)
            st.toast("Stopping. What was learned so far is kept.")


def show_notes(run: Run) -> None:
    """What the training says about itself: what it started from, which way it works and why."""
    try:
        inode = (run.folder / "metrics.jsonl").stat().st_ino
    except FileNotFoundError:
        return
    notes = _notes(run.job, inode)
    if notes:
        st.caption(" ".join(notes))


def _notes(job: Job, inode: int) -> list[str]:
    from lesionlab.jobs import store

    known = _known_notes(job.id, inode)
    lines, known["offset"] = store.read_metrics(job, known["offset"])
    # A text as the key: two readers at once, or a resumed run, say each thing once.
    known["notes"] |= {str(line["text"]): None for line in lines if line.get("kind") == "note"}
    return list(known["notes"])


@st.cache_resource(show_spinner=False, max_entries=32)
def _known_notes(job_id: str, inode: int) -> dict[str, Any]:
    """How far a run's file was read, and its notes. A resumed run has a new file, so a new one."""
    return {"offset": 0, "notes": {}}


def show_actions(run: Run, state: State, desk: Desk) -> None:
    """Resume, link, download, rename, delete. Those that change a run are for its owner."""
    from lesionlab.jobs import store

    mine = run.desk == desk.id
    with st.container(horizontal=True, vertical_alignment="center"):
        if mine and run.can_resume:
            resume = st.button("Resume", type="primary", icon=":material/resume:", key="resume-run")
            if resume:
                with controls.sentences():
                    store.resume(run.id)
                st.rerun()
        with st.popover("Link", icon=":material/link:"):
            st.markdown("Whoever has this link can look at the run, but not change it.")
            st.code(link_to(run.id), language=None, wrap_lines=True)
        if state.status == "done":
            model_files.download(run.id)
        if mine:
            _rename(run)
            _delete(run, state, desk)
    if not mine:
        st.caption("This run belongs to another desk: you can look at it, but not change it.")


def link_to(run_id: str) -> str:
    """The address of a run, without the desk of whoever copies it."""
    base = (st.context.url or "").split("?")[0]
    return f"{base}?run={run_id}"


def _rename(run: Run) -> None:
    from lesionlab.jobs import store

    with st.popover("Rename", icon=":material/edit:"), st.form("rename-run", border=False):
        name = st.text_input("New name", value=run.name, max_chars=80)
        if st.form_submit_button("Rename"):
            with controls.sentences():
                store.rename(run.id, name)
            st.rerun()


def _delete(run: Run, state: State, desk: Desk) -> None:
    from lesionlab.jobs import store

    with st.popover("Delete", icon=":material/delete:", disabled=state.status == "running"):
        st.markdown(f"Delete **{run.name}** with its model and curves? It cannot be brought back.")
        if st.button("Delete it", type="primary", key="delete-run"):
            with controls.sentences():
                store.delete(run.id)
                if desk.run == run.id:
                    desk.save(run=None)
            st.rerun()


def show_runs(desk: Desk) -> None:
    """The newest runs of this desk as a table."""
    from lesionlab.jobs import runs, store

    mine = runs.list_runs(desk.id)
    if not mine:
        st.caption("None yet.")
        return
    shown = mine[:MOST_SHOWN]
    states = store.read_states([run.job for run in shown])
    rows = [(run, states[run.id], run.evaluation) for run in shown]
    percent = st.column_config.NumberColumn(format="%.0f %%")
    st.dataframe(
        run_words.runs_table(rows),
        hide_index=True,
        column_config={"Accuracy": percent, "Balanced": percent},
        placeholder="–",
        alt=f"The newest {len(shown)} runs of this desk with their status and accuracy.",
    )
    if len(mine) > len(shown):
        st.caption(f"And {len(mine) - len(shown)} older ones, in the list above.")
