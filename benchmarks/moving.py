"""Moving a control as a hand would: another value of it, whatever kind it is."""

from __future__ import annotations

from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.web import Session, Widget


def find(session: Session, key: str) -> Widget:
    """The widget with this key on the page that was run last.

    Raises:
        LookupError: The page has none; those that it has are listed.
    """
    for name, widget in session.widgets.items():
        if name.endswith(f"-{key}"):
            return widget
    keys = sorted(name.split("-", 2)[-1] for name in session.widgets)
    raise LookupError(f"the page has no control {key!r}, but {', '.join(keys)}")


def moved(widget: Widget, turn: int) -> WidgetState:
    """The widget's state at its next value; each turn gives another one while there are some."""
    content: Any = widget.content
    state = WidgetState(id=content.id)
    if widget.kind == "slider" and content.options:
        state.string_array_value.data.append(content.options[_place(turn, len(content.options))])
    elif widget.kind == "slider":
        values = list(content.value if content.set_value else content.default)
        steps = round((content.max - content.min) / content.step)
        low = content.min + content.step * (1 + turn % max(1, steps // 3))
        state.double_array_value.data.extend([low, *values[1:]] if len(values) > 1 else [low])
    elif widget.kind == "selectbox":
        state.string_value = content.options[_place(turn, len(content.options))]
    elif widget.kind == "button_group":
        names = [option.content for option in content.options]
        state.string_array_value.data.append(names[_place(turn, len(names))])
    elif widget.kind == "number_input":
        state.double_value = content.min + 1 + turn
    elif widget.kind == "checkbox":
        state.bool_value = bool(turn % 2)
    else:
        raise LookupError(f"nobody has said how to move a {widget.kind}")
    return state


def _place(turn: int, count: int) -> int:
    # Not the first: pages often open with it.
    return (turn + 1) % count
