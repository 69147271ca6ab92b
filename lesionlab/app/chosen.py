"""What is chosen now, by the names that readers know, and the choice of a trained model."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import streamlit as st

from lesionlab import settings
from lesionlab.app import caches, controls
from lesionlab.app.desk import Desk
from lesionlab.app.run_words import when
from lesionlab.errors import LesionlabError


def names_now(desk: Desk) -> dict[str, str]:
    """Data, experiment and model on the desk, as the boxes call them."""
    titles = caches.dataset_titles(desk.id)
    shown = desk.dataset if desk.dataset in titles else controls.stand_in(desk.dataset, titles)
    data = titles[shown] if shown else desk.dataset
    draft = desk.draft.title or desk.draft.name
    model = result_title(desk.run) if desk.run else "none yet"
    return {"Data": data, "Experiment": draft, "Model": model}


def result_title(reference: str) -> str:
    """What a run or a model is called; its reference where there is none or it is damaged."""
    from lesionlab.jobs import record

    safe = record.is_safe_id(reference)
    job = record.read_job(settings.current().jobs / reference) if safe else None
    if job is not None and job.kind == "train":
        return _run_title(job.name, job.created)
    try:
        return str(caches.result(reference).title)
    except LesionlabError:
        return reference


def choose_result(desk: Desk, label: str = "Model") -> str:
    """A choice among finished runs and models; gives the reference, kept on the desk."""
    titles = result_titles(desk)
    if desk.run and desk.run not in titles:
        titles = {desk.run: result_title(desk.run), **titles}
    key = "choose-result"
    there = "No model has been trained yet."
    controls.need(bool(titles), there, "pages/5_training.py", desk)
    shown = desk.run or next(iter(titles))
    st.selectbox(
        label,
        list(titles),
        key=controls.bind(key, shown),
        on_change=controls.unless_stale(key, lambda: desk.save(run=st.session_state[key])),
        format_func=lambda reference: titles[reference],
    )
    return shown


def result_titles(desk: Desk) -> dict[str, str]:
    """Finished runs of this desk and all models that are there: reference -> title."""
    from lesionlab.jobs import runs

    titles = {
        run.id: _run_title(run.name, run.created)
        for run in runs.list_runs(desk.id)
        if run.state.status == "done"
    }
    for reference in caches.model_names():
        with suppress(LesionlabError):  # a damaged one says so when it is chosen by its link
            title = caches.result(reference).title
            # A model that was taken out and brought in again is told apart by its name.
            titles[reference] = f"{title} ({reference})" if title in titles.values() else title
    return titles


def _run_title(name: str, created: datetime) -> str:
    return f"{name} · {when(created)}"
