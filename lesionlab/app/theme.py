"""Colours and the one look of all charts, in light and dark.

Plotly figures carry no colours of text, grid or ground: Streamlit lays its own theme over them,
which knows whether the reader sits in the light or the dark.
"""

from __future__ import annotations

from typing import Any

from lesionlab.diagnoses import DIAGNOSES

ACCENT = "#1B8A82"
QUIET = "#8A8F98"
PART_COLOURS = {"train": "#1B8A82", "validation": "#E0A84A", "test": "#6C7BB5"}
PART_NAMES = {"train": "Training", "validation": "Validation", "test": "Test"}
FROZEN = "#8FB3C9"
LEARNING = "#E0843A"

# From below zero over nothing to above zero: brown, near white, blue. Safe for colour-blind eyes.
DIVERGING = ("#8C4A00", "#DDA35B", "#F7F3EC", "#7DB9D2", "#064A6E")
# From nothing to much, for counts and matrices.
SEQUENTIAL = ("#F3F6F4", "#C9E2DE", "#7FBDB7", "#35918C", "#0F605E", "#043231")


def class_colour(code: str) -> str:
    """The one colour of a class, as hex; grey for a code that nobody knows."""
    return DIAGNOSES[code].colour if code in DIAGNOSES else QUIET


def class_name(code: str) -> str:
    """What pages call a class: its name and code."""
    return f"{DIAGNOSES[code].name} ({code.upper()})" if code in DIAGNOSES else code.upper()


def short_name(code: str) -> str:
    """A class in few letters: `benign` and `malignant` as words, all others as upper-case codes."""
    return DIAGNOSES[code].name if code in ("benign", "malignant") else code.upper()


def colour_scale(stops: tuple[str, ...]) -> list[list[Any]]:
    """Evenly spaced stops as Plotly wants them: [[0, "#..."], ..., [1, "#..."]]."""
    return [[k / (len(stops) - 1), stop] for k, stop in enumerate(stops)]


def figure_layout(
    figure: Any, x: str = "", y: str = "", height: int = 320, legend: bool = True
) -> Any:
    """Give a Plotly figure the look of the house.

    Args:
        figure: A plotly figure; changed in place.
        x: Title of the horizontal axis with its unit; likewise `y`.
        height: In pixels.
        legend: Whether to show one, above the plot, where it never covers data on a phone.

    Returns:
        The same figure.
    """
    axis = {"automargin": True, "zeroline": False, "fixedrange": True}
    # One call: each update of a Plotly figure costs milliseconds.
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 12, "t": 36 if legend else 12, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=legend,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        hoverlabel={"namelength": -1},
        bargap=0.28,
        dragmode=False,
        font={"size": 13},
        xaxis={**axis, "title": {"text": x or None}},
        yaxis={**axis, "title": {"text": y or None}},
    )
    if "yaxis2" in figure.layout:
        figure.update_xaxes(**axis)
        figure.update_yaxes(**axis)
    return figure
