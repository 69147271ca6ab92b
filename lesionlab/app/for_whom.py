"""How good a model is for whom, and where: scores of groups as points with their intervals.

Knows no `st`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from lesionlab.app.misses import tried_without
from lesionlab.app.theme import ACCENT, QUIET, figure_layout
from lesionlab.data.sources.known import HAM10000_PLACES, HAM10000_SOURCES
from lesionlab.evaluation.subgroups import LEAST_MELANOMAS, LEAST_PICTURES

ELSEWHERE = "elsewhere"
BY = {
    "sex": "Sex",
    "age": "Age",
    "site": "Site",
    "source": "Where taken",
    ELSEWHERE: "If taken elsewhere",
}
SCORES = {
    "balanced_accuracy": "Balanced accuracy",
    "macro_auc": "Mean AUC",
    "melanoma_sensitivity": "Melanomas found",
}


def rows_of(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The groups of evaluation.json: `subgroups`, and the sources that it was tried without.

    A bundle of an earlier version does not count the melanomas of a source: 0 stands there.
    """
    sources = [
        {"num_melanomas": 0, **row, "by": ELSEWHERE, "group": row["source"], "n": row["num"]}
        for row in report.get("elsewhere") or []
        if row.get("num")
    ]
    groups = [row for row in report.get("subgroups") or [] if row["by"] in BY]
    return [*groups, *sources]


def overall(report: Mapping[str, Any], by: str, score: str) -> float | None:
    """What the groups are compared with: the score of all, or with all sources known."""
    found: float | None
    if by == ELSEWHERE:
        found = (report.get("at_home") or {}).get(score)
    elif score == "melanoma_sensitivity":
        found = ((report.get("thresholds") or {}).get("mel") or {}).get("sensitivity")
    else:
        found = report[score]
    return found


def kinds(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """By what there are groups, in the order of `BY`."""
    there = {row["by"] for row in rows}
    return [by for by in BY if by in there]


def scored(rows: Sequence[Mapping[str, Any]], by: str, score: str) -> list[Mapping[str, Any]]:
    """The groups that have this score."""
    return [row for row in rows if row["by"] == by and row.get(score) is not None]


def unscored(rows: Sequence[Mapping[str, Any]], by: str, score: str) -> str:
    """The groups without this score and why, as a sentence; "" where all have it."""
    left: dict[str, list[str]] = {}
    for row in rows:
        if row["by"] == by and row.get(score) is None:
            why, key = _why_not(row, score)
            left.setdefault(why, []).append(_named(row, key))
    return " ".join(f"{why}: {', '.join(named)}." for why, named in left.items())


def _why_not(row: Mapping[str, Any], score: str) -> tuple[str, str]:
    """Why a group has no score, and which of its counts belongs to that."""
    if score == "melanoma_sensitivity" and row["num_melanomas"] < LEAST_MELANOMAS:
        return "Too few melanomas to say", "num_melanomas"
    if row["n"] < LEAST_PICTURES:
        return "Too few pictures to say", "n"
    if score == "macro_auc":
        return "One class alone, with nothing to tell it from", "n"
    return "Not known", _counted(score)


def _counted(score: str) -> str:
    return "num_melanomas" if score == "melanoma_sensitivity" else "n"


def _named(row: Mapping[str, Any], key: str) -> str:
    return f"{row['group']} ({row[key]:,})" if row[key] else str(row["group"])


def figure(
    rows: Sequence[Mapping[str, Any]], by: str, score: str, compared: float | None
) -> go.Figure:
    """A point a group with its 95 % interval; the line is the score of all.

    Args:
        rows: From `rows_of`.
        by: One of `BY`; `score` one of `SCORES`.
        compared: From `overall`, 0 to 1.
    """
    found = scored(rows, by, score)[::-1]
    values = [row[score] for row in found]
    intervals = [row.get(f"{score}_interval") or [row[score]] * 2 for row in found]
    key = _counted(score)
    names = [_named(row, key) for row in found]
    chart = go.Figure(
        go.Scatter(
            x=values,
            y=names,
            mode="markers",
            name="A group, with its 95 % interval",
            marker={"size": 11, "color": ACCENT},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [high - value for value, (_, high) in zip(values, intervals, strict=True)],
                "arrayminus": [
                    value - low for value, (low, _) in zip(values, intervals, strict=True)
                ],
                "thickness": 2,
                "color": ACCENT,
            },
            customdata=intervals,
            hovertemplate="%{y}: %{x:.2f} (%{customdata[0]:.2f} to %{customdata[1]:.2f})"
            "<extra></extra>",
        )
    )
    if compared is not None and names:
        chart.add_scatter(
            x=[compared, compared],
            y=[names[0], names[-1]],
            mode="lines",
            name="All sources known" if by == ELSEWHERE else "All pictures together",
            line={"color": QUIET, "dash": "dash", "width": 2},
            hovertemplate="All: %{x:.2f}<extra></extra>",
        )
    what = "melanomas" if key == "num_melanomas" else "pictures"
    figure_layout(chart, x=SCORES[score], y="", height=150 + 40 * len(names))
    chart.update_xaxes(range=[0, 1.02])
    left = "Source left out" if by == ELSEWHERE else BY[by]
    chart.update_yaxes(title={"text": f"{left} ({what})"}, categoryarray=names)
    return chart


def how_counted(
    rows: Sequence[Mapping[str, Any]], by: str, score: str, compared: float | None
) -> str:
    """What must be known to read the figure, as sentences; `compared` as in `figure`."""
    named = {str(row["group"]) for row in rows if row["by"] == by}
    places = f" {HAM10000_PLACES}" if named & set(HAM10000_SOURCES) else ""
    if by != ELSEWHERE:
        return (
            "Where the lines of two groups overlap, chance alone may have made the difference. A "
            f"group with few classes cannot be compared fairly with others.{places}"
        )
    line = ""
    if compared is not None:
        line = (
            " The dashed line is one that knew all sources, with pictures of all of them; part of "
            "the distance may lie in the lesions that each source has."
        )
    alarms = ""
    if score == "melanoma_sensitivity":
        alarms = (
            " Melanomas are counted with an alarm that was set on those very pictures, false for "
            "15 of 100 others."
        )
    tried = tried_without("these")
    return f"{tried}{line} So it may go with pictures from a new clinic.{alarms}{places}"


def in_words(rows: Sequence[Mapping[str, Any]], by: str, score: str) -> str:
    """The best and the worst group, for those who do not see the figure."""
    found = sorted(scored(rows, by, score), key=lambda row: row[score])
    if not found:
        return "No group has enough pictures."
    low, high = found[0], found[-1]
    return (
        f"Lowest: {low['group']} with {low[score]:.2f}. Highest: {high['group']} with "
        f"{high[score]:.2f}."
    )
