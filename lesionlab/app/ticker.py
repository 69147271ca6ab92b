"""One thread a web process that keeps the queue of jobs moving, and the pages quick."""

from __future__ import annotations

import gc
import importlib
import logging
import threading
import time

import streamlit as st

from lesionlab import settings

SECONDS = 2.0
FIRST_SECONDS = 1.0
# What the first visit of most pages would have to wait for.
AHEAD = (
    "plotly.graph_objects",
    "sklearn.metrics",
    "lesionlab.data.store",
    "lesionlab.data.split",
    "lesionlab.evaluation.metrics",
    "lesionlab.images.convolve",
    "lesionlab.jobs.runs",
    "lesionlab.service.client",
)
log = logging.getLogger(__name__)


def ensure_ticker() -> None:
    """Start the ticker of the home folder in use, once a process."""
    _start(str(settings.current().home))


@st.cache_resource(show_spinner=False, max_entries=4)
def _start(home: str) -> threading.Thread:
    thread = threading.Thread(target=_run, args=(home,), name="lesionlab-ticker", daemon=True)
    thread.start()
    return thread


def _run(home: str) -> None:
    # The first page is drawn before the queue is loaded and a worker wants the processor.
    time.sleep(FIRST_SECONDS)
    from lesionlab.jobs import queue, store

    load_ahead()
    first = True
    while True:
        try:
            if str(settings.current().home) != home:
                return
            if first:
                store.ensure_synthetic()
                first = False
            queue.tick()
        except Exception:
            log.exception("The queue could not be moved on; trying again.")
        time.sleep(SECONDS)


def load_ahead() -> None:
    """Load what the pages need, and take it out of the search for garbage.

    Streamlit searches all objects after every script run. With pandas, Plotly and scikit-learn
    loaded that is 94 ms a run, for objects that live as long as the process.
    """
    for name in AHEAD:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
