"""The chart of what a split gives away: counts in, a figure out. Knows no page.

Plotly is loaded when a figure is drawn, so that the first page comes quickly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lesionlab.app import theme

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

GIVEN_AWAY = "#C8643C"


def sisters_by_split(splits: dict[str, tuple[int, int]], asked: str) -> Figure:
    """How many pictures of the part for the mark have a sister in training, a bar a split.

    Args:
        splits: Name of the split -> pictures with a sister in training, and pictures in all; drawn
            from top to bottom.
        asked: The part as readers call it, in lower case.
    """
    import plotly.graph_objects as go

    names = list(splits)[::-1]
    with_sister = [splits[name][0] for name in names]
    without = [splits[name][1] - splits[name][0] for name in names]
    figure = go.Figure(
        [
            go.Bar(
                name=words,
                x=numbers,
                y=names,
                orientation="h",
                marker={"color": colour, "line": {"width": 0}},
                text=[f"{number:,}" if number else "" for number in numbers],
                textposition="inside",
                insidetextanchor="middle",
                hovertemplate="%{y}: %{x:,} pictures<extra>" + words + "</extra>",
            )
            for words, numbers, colour in (
                ("Sister in training", with_sister, GIVEN_AWAY),
                ("New to the network", without, theme.PART_COLOURS["test"]),
            )
        ]
    )
    theme.figure_layout(figure, x=f"Pictures in the {asked} part", height=110 + 40 * len(names))
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    return figure
