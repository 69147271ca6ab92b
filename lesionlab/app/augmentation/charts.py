"""Charts of the augmentation page: numbers in, figures out. Knows no page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lesionlab.app import theme

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

BARS = 24


def distance_bars(distances: np.ndarray) -> Figure:
    """How far apart the pairs are.

    Args:
        distances: Grey levels, `(pairs,)`.
    """
    import plotly.graph_objects as go

    counts, edges = np.histogram(distances, BARS, (0, max(1.0, float(distances.max()))))
    figure = go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=np.diff(edges) * 0.92,
            marker={"color": theme.ACCENT},
            customdata=np.stack([edges[:-1], edges[1:]], axis=1),
            hovertemplate="%{customdata[0]:.1f} to %{customdata[1]:.1f} grey levels: "
            "%{y:,} pairs<extra></extra>",
        )
    )
    theme.figure_layout(
        figure, x="Difference of two pictures in grey levels", y="Pairs", height=250, legend=False
    )
    figure.update_xaxes(rangemode="tozero")
    return figure


def cost_bars(milliseconds: dict[str, list[float]]) -> Figure:
    """What each step costs, the median as a bar, the range of the measurements as a whisker.

    Args:
        milliseconds: What people call the step -> measured times a picture, smallest first.
    """
    import plotly.graph_objects as go

    names = list(milliseconds)[::-1]
    times = [np.asarray(milliseconds[name]) for name in names]
    middle = np.array([np.median(found) for found in times])
    figure = go.Figure(
        go.Bar(
            x=middle,
            y=names,
            orientation="h",
            marker={"color": theme.ACCENT},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [found[-1] for found in times] - middle,
                "arrayminus": middle - [found[0] for found in times],
                "color": theme.QUIET,
                "thickness": 1.5,
            },
            hovertemplate="%{y}: %{x:.2f} ms<extra></extra>",
        )
    )
    theme.figure_layout(
        figure, x="Milliseconds a picture", height=90 + 44 * len(names), legend=False
    )
    figure.update_xaxes(rangemode="tozero")
    return figure
