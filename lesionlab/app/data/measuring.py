"""The measures of a data set for a page: at once where they are there or few, else by a job."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from lesionlab.app import caches, controls
from lesionlab.app.desk import Desk

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset
    from lesionlab.data.measures import Measured

# So few are measured while the reader waits: about two seconds for photographs of 450×600.
AT_ONCE = 400
# What the job is called; its bar stands above the sections.
JOB = "{}, light and skin"
# Pictures a second of the job, on the safe side; only for words.
EACH_SECOND = 100


def measured(desk: Desk, found: Dataset) -> Measured | None:
    """The measures of a data set; where they must be made first, a button that asks for them.

    Raises:
        DataError: A picture file of the set is gone.
    """
    from lesionlab.data.measures import MOST_MEASURED, cache_path, measure_dataset

    stored = _stored(found)
    if stored is not None:
        return stored
    if len(found) > MOST_MEASURED:
        st.info(
            f"These {len(found):,} pictures came without measures, and more than "
            f"{MOST_MEASURED:,} are not measured here. Import the set again: pictures are measured "
            "while they are copied.",
            icon=":material/info:",
        )
        return None
    kept = _kept(found, caches.stamp(cache_path(found)))
    if kept is None and len(found) <= AT_ONCE:
        with st.spinner("Measuring the pictures …"):
            measure_dataset(found)
        kept = _kept(found, caches.stamp(cache_path(found)))
    if kept is None:
        _ask(desk, found)
    return kept


def _ask(desk: Desk, found: Dataset) -> None:
    from lesionlab.jobs import store

    name = JOB.format(found.name)
    jobs = [job for job in store.list_jobs("measure-data") if job.spec.get("dataset") == found.name]
    states = store.read_states(jobs)
    if any(not state.ended for state in states.values()):
        st.info("The pictures are being measured. What they say appears here when that is done.")
        return
    minutes = max(1, round(len(found) / EACH_SECOND / 60))
    st.markdown(
        f"The {len(found):,} pictures of this set have not been measured yet. It takes about "
        f"{minutes} {'minute' if minutes == 1 else 'minutes'}, once; meanwhile you can go on."
    )
    if st.button(
        "Measure the pictures", type="primary", key="measure", icon=":material/straighten:"
    ):
        with controls.sentences():
            store.submit("measure-data", {"dataset": found.name}, desk.id, name)
        st.rerun()


# Keyed by the opened data set itself, like app.caches.
@lru_cache(maxsize=8)
def _stored(found: Dataset) -> Measured | None:
    from lesionlab.data.measures import stored_measures

    return stored_measures(found)


@lru_cache(maxsize=8)
def _kept(found: Dataset, key: str) -> Measured | None:
    from lesionlab.data.measures import cached_measures

    return cached_measures(found)
