"""What is chosen now, by the names that readers know, and which trained model answers.

Until a reader chooses a model, one that came with lesionlab answers: for drawings the one that has
learned from drawings, for photographs the one that has learned from photographs.
"""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from lesionlab import settings
from lesionlab.app import caches, controls, model_words
from lesionlab.app.desk import Desk
from lesionlab.app.lessons import lesson_of
from lesionlab.app.run_words import named_run
from lesionlab.errors import LesionlabError

# Which page is being drawn, and at whose desk: kept by shell.open_page.
OPEN = "page-open"
# Where a reader may show a picture of his own, and under which key stands whether he does.
OWN_PICTURES = {
    "pages/2_convolution.py": "picture-source",
    "pages/6_look_inside.py": "picture-source",
    "pages/8_predict.py": "predict-source",
}


def default_model(drawn: bool) -> str | None:
    """The model that answers where nobody has chosen one; None where none came with lesionlab.

    Args:
        drawn: Whether it is asked about drawings. Where no model has learned from such pictures,
            one that has learned from the others stands in.
    """
    shipped = {}
    for reference in caches.model_names():
        with suppress(LesionlabError):  # a damaged one answers nothing
            found = caches.result(reference)
            if found.origin == "shipped":
                shipped[reference] = found.drawn
    fitting = [reference for reference, of_drawings in shipped.items() if of_drawings == drawn]
    return next(iter([*fitting, *shipped]), None)


def model_of(desk: Desk) -> str | None:
    """The model that answers on the page that is open: the chosen one, else the default."""
    return desk.run or default_model(drawings_shown(desk))


def drawings_shown(desk: Desk) -> bool:
    """Whether the open page is about drawings: those of the data set in use, and no own picture."""
    page = lesson_of(st.session_state[OPEN][0]).path if OPEN in st.session_state else ""
    if page in OWN_PICTURES and st.session_state.get(OWN_PICTURES[page]) == "own":
        return False
    drawn = {info.name: info.drawn for info in caches.datasets(desk.id)}
    shown = desk.dataset if desk.dataset in drawn else controls.stand_in(desk.dataset, drawn)
    return drawn.get(shown or "", True)


def names_now(desk: Desk) -> dict[str, str]:
    """Data, experiment and model on the desk, as the boxes call them."""
    titles = caches.dataset_titles(desk.id)
    shown = desk.dataset if desk.dataset in titles else controls.stand_in(desk.dataset, titles)
    data = titles[shown] if shown else desk.dataset
    draft = desk.draft.title or desk.draft.name
    answers = model_of(desk)
    model = result_title(answers) if answers else "none yet"
    return {"Data": data, "Experiment": draft, "Model": model}


def result_title(reference: str) -> str:
    """What a run or a model is called; its reference where there is none or it is damaged."""
    from lesionlab.jobs import record

    safe = record.is_safe_id(reference)
    job = record.read_job(settings.current().jobs / reference) if safe else None
    if job is not None and job.kind == "train":
        return named_run(job)
    try:
        return str(caches.result(reference).title)
    except LesionlabError:
        return reference


def choose_result(desk: Desk, label: str = "Model") -> str:
    """A choice among finished runs and models; gives the reference, kept on the desk.

    Below it stands what the model has learned from.
    """
    titles = result_titles(desk)
    answers = model_of(desk)
    if answers and answers not in titles:
        titles = {answers: result_title(answers), **titles}
    key = "choose-result"
    there = "No model has been trained yet."
    controls.need(bool(titles), there, "pages/5_training.py", desk)
    shown = answers or next(iter(titles))
    st.selectbox(
        label,
        list(titles),
        key=controls.bind(key, shown),
        on_change=controls.unless_stale(key, lambda: desk.save(run=st.session_state[key])),
        format_func=lambda reference: titles[reference],
    )
    with suppress(LesionlabError):  # what is wrong with it is said where it is used
        description = caches.result(shown).description
        if description is not None:
            st.caption(model_words.learned_from(description["data"], description["drawn"]))
    return shown


def result_titles(desk: Desk) -> dict[str, str]:
    """Finished runs of this desk and all models that are there: reference -> title."""
    from lesionlab.jobs import runs

    titles = {
        run.id: named_run(run.job) for run in runs.list_runs(desk.id) if run.state.status == "done"
    }
    for reference in caches.model_names():
        with suppress(LesionlabError):  # a damaged one says so when it is chosen by its link
            title = caches.result(reference).title
            # A model that was taken out and brought in again is told apart by its name.
            titles[reference] = f"{title} ({reference})" if title in titles.values() else title
    return titles
