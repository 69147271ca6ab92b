"""What is not known of the pictures, and what the experiment does with it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from lesionlab.app import caches, controls
from lesionlab.app.controls import unless_stale
from lesionlab.app.data.naming import column_name
from lesionlab.app.desk import Desk
from lesionlab.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

    from lesionlab.data.dataset import Dataset
    from lesionlab.data.missing import MissingAge

ASKED = ("lesion_id", "patient_id", "age", "sex", "site", "source", "confirmed_by")
AGES = {
    "keep": "Leave them unknown",
    "mean": "Put in the mean of the known ages",
}


def show(desk: Desk, found: Dataset) -> None:
    """How much is missing, and what the experiment does with it."""
    counts = missing(found)
    names = [column_name(str(name)) for name in counts.index]
    controls.figure(
        missing_figure(found),
        alt="Bars of what is not known, in pictures: "
        + "; ".join(f"{name} {number:,}" for name, number in zip(names, counts, strict=True)),
        caption=f"Of {len(found):,} pictures. Without lesion and patient the split cannot keep "
        "pictures of one person together.",
    )
    draft = desk.draft

    def save() -> None:
        desk.renew()
        data = desk.draft.data.model_copy(update={"missing_age": st.session_state["missing-age"]})
        desk.save(draft=desk.draft.model_copy(update={"data": data}))

    left, right = st.columns([2, 3], gap="medium")
    with left:
        st.radio(
            "What the experiment does with unknown ages",
            list(AGES),
            key=controls.bind("missing-age", draft.data.missing_age),
            on_change=unless_stale("missing-age", save),
            format_func=lambda name: AGES[name],
        )
    with right:
        st.markdown(_age_words(desk, found))
        st.caption(
            "The networks here look at the picture alone. No age reaches them, so this changes no "
            "answer and no score, only the ages in the table: count by age above, and see a peak "
            "grow at the mean. Benedetti and others put in the mean for HAM10000. Everything else "
            "that is not known stays unknown."
        )


def _age_words(desk: Desk, found: Dataset) -> str:
    data, seed = desk.draft.data, desk.draft.split.seed
    try:
        chosen = caches.labelled(found, data.class_set, data.per_class, seed)
    except DataError:
        chosen = found  # no class of the draft is here; the split section says so
    unknown, mean = unknown_ages(chosen)
    where = f"{len(chosen):,} pictures of the experiment"
    if not unknown:
        return f"Every age is known among the {where}: there is nothing to put in."
    if mean is None:
        return f"No age is known among the {where}, so there is no mean to put in."
    if data.missing_age == "mean":
        return f"Of the {where}, **{unknown:,} get {mean:.1f} years**, the mean of the others."
    return f"Of the {where}, **{unknown:,} have no age**. The mean of the others is {mean:.1f}."


# Keyed by the opened data set itself, like app.caches.
@lru_cache(maxsize=4)
def as_experiment(found: Dataset, missing_age: MissingAge) -> Dataset:
    """The data set with unknown ages as the experiment has them."""
    from lesionlab.data.missing import fill_missing

    return fill_missing(found, missing_age)


@lru_cache(maxsize=16)
def missing(found: Dataset) -> pd.Series:
    """How many pictures lack each of what one would ask for."""
    from lesionlab.data.missing import missing_counts

    return missing_counts(found.table, ASKED)


@lru_cache(maxsize=16)
def missing_figure(found: Dataset) -> Figure:
    """The bars of what is missing."""
    from lesionlab.app import data_charts

    return data_charts.missing_bars(missing(found).rename(index=column_name), len(found))


@lru_cache(maxsize=16)
def unknown_ages(found: Dataset) -> tuple[int, float | None]:
    """How many pictures have no age, and the mean of those that have one, in years."""
    import numpy as np

    from lesionlab.data.missing import ages_of, mean_age

    return int(np.isnan(ages_of(found.table)).sum()), mean_age(found.table)
