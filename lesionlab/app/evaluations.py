"""The evaluations of a model: its own test part, and data sets it was tried on later."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from lesionlab import settings
from lesionlab.app import caches, controls, results
from lesionlab.app.desk import Desk
from lesionlab.app.run_words import LIVE, when
from lesionlab.errors import from_dict

if TYPE_CHECKING:
    from lesionlab.jobs.record import Job

WANTED = "evaluation-wanted"
PARTS = {
    "test": "test part",
    "validation": "validation part",
    "all": "all pictures",
    "unseen": "pictures it has not learned from",
}


@dataclass(frozen=True)
class Evaluated:
    """An evaluation that is ready to be shown.

    Attributes:
        report: evaluation.json.
        predictions: A row a picture, or None where only the numbers travelled with the model.
        labels: int `(n,)`; empty without predictions. Likewise `probabilities` `(n, classes)`.
    """

    report: dict[str, Any]
    predictions: pd.DataFrame | None
    labels: np.ndarray
    probabilities: np.ndarray

    @property
    def classes(self) -> list[str]:
        return list(self.report["classes"])


def choices(reference: str, desk: Desk) -> dict[str, Path | None]:
    """Where evaluations of a model stand: title -> folder, None for the model's own.

    What other desks tried it on is theirs, even where the model is everyone's.

    Raises:
        LesionlabError: There is no such model.
    """
    from lesionlab.jobs import store

    found: dict[str, Path | None] = {}
    own = caches.result(reference).evaluation
    if own is not None:
        found[title_of(own, desk)] = None
    jobs = _jobs_of(reference, desk)
    states = store.read_states(jobs)
    for job in jobs:
        if states[job.id].status == "done":
            data = _data_title(str(job.spec.get("data") or "its own data"), desk)
            found[f"{data}, asked for {when(job.created)} ({job.id[-4:]})"] = job.folder
    return found


def choose(found: dict[str, Path | None], reference: str) -> str:
    """A choice among the evaluations of a model; one that was just asked for comes up by itself."""
    wanted = st.session_state.get(WANTED)
    titles = list(found)
    asked = (
        title for title, folder in found.items() if folder is not None and folder.name == wanted
    )
    first = next(asked, titles[0])
    if len(titles) == 1:
        return first
    # A longer list is another widget, so that it opens with the new evaluation.
    key = f"evaluated-on-{reference}-{len(titles)}"
    return st.selectbox("Evaluated on", titles, index=titles.index(first), key=key) or first


def title_of(report: dict[str, Any], desk: Desk) -> str:
    """What was evaluated on what, such as `Drawn lesions (synthetic), test part, 24 pictures`."""
    part = PARTS.get(str(report.get("part")), str(report.get("part")))
    data = _data_title(str(report.get("data", "its own data")), desk)
    return f"{data}, {part}, {report['n']:,} pictures"


def drawn_words(report: dict[str, Any], model_is_drawn: bool, desk: Desk) -> None:
    """Say that the judged pictures are drawn, or that the model has never seen such photographs.

    Args:
        report: evaluation.json, which names the data.
        model_is_drawn: Whether the model has only seen drawings.
    """
    known = {info.name: info.drawn for info in caches.datasets(desk.id)}
    drawn = known.get(str(report.get("data")), model_is_drawn)
    controls.drawn_note(drawn)
    if model_is_drawn and not drawn:
        st.warning(
            "This model has only seen drawings, and these are photographs. The numbers show how "
            "badly it carries over; they say nothing about a skin lesion.",
            icon=":material/front_hand:",
        )


def _data_title(name: str, desk: Desk) -> str:
    return caches.dataset_titles(desk.id).get(name, name)


def open_evaluated(reference: str, folder: Path | None) -> Evaluated:
    """An evaluation, read once.

    Args:
        folder: Of the job that made it; None for the model's own.
    """
    from lesionlab.jobs.results import Result

    result = caches.result(reference)
    if folder is not None:
        result = Result(reference, "run", None, folder)
    places = [place for place in (result.folder, result.bundle) if place is not None]
    files = [
        place / name for place in places for name in ("evaluation.json", "predictions.parquet")
    ]
    return _open(result, caches.stamp(*files))


@st.cache_resource(show_spinner=False, max_entries=16)
def _open(_result: Any, key: str) -> Evaluated:
    report, predictions = _result.evaluation, _result.predictions
    if predictions is None:
        return Evaluated(report, None, np.empty(0, np.int64), np.empty((0, len(report["classes"]))))
    return Evaluated(report, predictions, *results.arrays(predictions, report["classes"]))


def evaluate_control(reference: str, desk: Desk) -> None:
    """Ask for an evaluation on a data set, and watch those that are under way."""
    from lesionlab.jobs import store

    names = caches.dataset_titles(desk.id)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Data set to try it on",
            list(names),
            format_func=lambda one: names[one],
            key="evaluate-data",
            persist_state="session",
        )
        if st.button("Evaluate", icon=":material/fact_check:", key="evaluate") and name:
            with controls.sentences():
                spec = {"model": reference, "data": name}
                job = store.submit("evaluate", spec, desk.id, f"evaluate-{reference}"[:60])
                st.session_state[WANTED] = job.id
            st.rerun()
    jobs = _jobs_of(reference, desk)
    if jobs:
        _watch(jobs[0])


def _jobs_of(reference: str, desk: Desk) -> list[Job]:
    """The evaluations of a model that this desk or the server has asked for, newest first."""
    from lesionlab.data.ownership import is_server
    from lesionlab.jobs import store

    return [
        job
        for job in store.list_jobs("evaluate")
        if job.spec.get("model") == reference and (job.desk == desk.id or is_server(job.desk))
    ]


def of_another_desk(reference: str, desk: Desk) -> bool:
    """Whether this is a run of another desk, which was opened by its link."""
    from lesionlab.data.ownership import is_server
    from lesionlab.jobs import record

    safe = record.is_safe_id(reference)
    job = record.read_job(settings.current().jobs / reference) if safe else None
    return job is not None and job.desk != desk.id and not is_server(job.desk)


def _watch(job: Job) -> None:
    from lesionlab.jobs import store

    live = store.read_state(job).status in LIVE

    @st.fragment(run_every=1.0 if live else None)
    def watch() -> None:
        state = store.read_state(job)
        if live and state.ended:
            st.rerun()
        if state.status in LIVE:
            st.progress(min(1.0, max(0.0, state.progress)), text=state.message)
        elif state.status == "failed" and state.error:
            controls.show_error(from_dict(state.error))

    watch()
