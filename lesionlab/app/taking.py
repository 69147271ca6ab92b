"""How a widget of the model builder writes its value into the draft."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from lesionlab.app import controls
from lesionlab.app.desk import Desk
from lesionlab.errors import LesionlabError
from lesionlab.experiment import Experiment

Change = Callable[[Any], Experiment]


def save_draft(desk: Desk, make: Callable[[], Experiment]) -> None:
    """Put a changed draft on the desk; a mistake is shown on the next run of the page."""
    try:
        desk.renew()
        desk.save(draft=make())
    except LesionlabError as error:
        st.session_state["builder-error"] = error


def show_last_error() -> None:
    """Show the mistake of the last change, once."""
    error = st.session_state.pop("builder-error", None)
    if error is not None:
        controls.show_error(error)


def taking(desk: Desk, key: str, change: Change) -> Callable[[], None]:
    """A callback that puts a widget's new value into the draft."""
    return lambda: save_draft(desk, lambda: change(st.session_state[key]))


def with_value(options: list[Any], value: Any) -> list[Any]:
    """The options with `value` among them: a file may hold one that no slider offers."""
    # 3 * 10.0**-3 is not 0.003: an option that is the same but for rounding gives way.
    others = [option for option in options if not math.isclose(option, value, rel_tol=1e-9)]
    return sorted([*others, value])
