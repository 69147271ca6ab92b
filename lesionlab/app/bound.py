"""Widgets that show a value which lives elsewhere: on the desk, or in what the page keeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

import streamlit as st
from streamlit.errors import StreamlitAPIException

# No reader chooses the old value again within this time; a slow browser has long heard the new one.
ECHO_SECONDS = 2.0
# Keys of the widgets that show a value which lives elsewhere, and of those the browser forgot.
BOUND, FORGOTTEN = "bound-widgets", "forgotten-widgets"


def stop() -> NoReturn:
    """End the script here, and note which bound widgets it did not reach.

    The browser forgets these, while Streamlit keeps their values after `st.stop`: without a word
    they would come back at their defaults, and count as choices with the next click.
    """
    for key in st.session_state.get(BOUND, ()):
        if key in st.session_state:
            with suppress(StreamlitAPIException):  # this run has shown it
                st.session_state[key] = st.session_state[key]
                st.session_state.setdefault(FORGOTTEN, set()).add(key)
    st.stop()


def _must_be_told(key: str) -> bool:
    """Whether the browser has forgotten this widget, which is bound again now."""
    st.session_state.setdefault(BOUND, set()).add(key)
    forgotten: set[str] = st.session_state.get(FORGOTTEN, set())
    known = key not in forgotten
    forgotten.discard(key)
    return not known


def bind(key: str, value: Any) -> str:
    """Let a keyed widget show `value`, which lives elsewhere (fact 8), and give back its key.

    Nothing is set when the widget shows it already, so that a slider in motion is left alone.
    """
    if _must_be_told(key) or key not in st.session_state:
        st.session_state[key] = value
    elif st.session_state[key] != value:
        st.session_state[f"{key}-replaced"] = (st.session_state[key], time.monotonic())
        st.session_state[key] = value
    return key


def unless_stale(key: str, save: Callable[[], None]) -> Callable[[], None]:
    """A callback for a bound widget on a page that asks for reruns by itself (`run_every`).

    Such a rerun brings the browser's values, and may have been sent just before the browser heard
    that the server had replaced one. That echo of the old value must not count as a choice.
    """

    def called() -> None:
        old, moment = st.session_state.get(f"{key}-replaced", (None, -ECHO_SECONDS))
        if st.session_state[key] == old and time.monotonic() - moment < ECHO_SECONDS:
            return
        save()

    return called


def bind_once(key: str, value: Any, marker: Any) -> str:
    """Let a keyed widget start from `value`, anew whenever `marker` is another one."""
    forgotten = _must_be_told(key)
    if key not in st.session_state or st.session_state.get(f"{key}-marker") != marker:
        st.session_state[key] = value
        st.session_state[f"{key}-marker"] = marker
    elif forgotten:
        st.session_state[key] = st.session_state[key]
    return key
