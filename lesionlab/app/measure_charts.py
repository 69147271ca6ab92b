"""Charts of what was measured of pictures: numbers in, figures out. Knows no page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lesionlab.app import theme
from lesionlab.diagnoses import DIAGNOSES

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

# Like the skin they stand for; an outline keeps the palest and the darkest apart from the ground.
TONE_COLOURS = {
    "very light": "#F3DAC6",
    "light": "#E5BC9C",
    "intermediate": "#CC9871",
    "tan": "#A8724B",
    "brown": "#7A4A2C",
    "dark": "#472B1D",
    "blue cast": "#8EA2CC",
    "no skin seen": "#8A8F98",
}


def brightness_bars(counts: pd.DataFrame, width: float) -> Figure:
    """How bright the pictures are, stacked by class.

    Args:
        counts: Pictures: a row a step of brightness, named by its lower end; a column a class.
        width: Of a step, in L*.
    """
    import plotly.graph_objects as go

    figure = go.Figure(
        [
            go.Bar(
                name=theme.short_name(str(code)),
                x=counts.index.to_numpy(float) + width / 2,
                y=counts[code].to_numpy(),
                width=width,
                marker={"color": theme.class_colour(str(code)), "line": {"width": 0}},
                customdata=np.stack([counts.index, counts.index + width], axis=1),
                hovertemplate="L* %{customdata[0]:.0f} to %{customdata[1]:.0f}: %{y:,} pictures"
                "<extra>" + theme.class_name(str(code)) + "</extra>",
            )
            for code in counts.columns
        ]
    )
    theme.figure_layout(figure, x="Mean lightness L*, 0 black to 100 white", y="Pictures")
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    figure.update_xaxes(tick0=0, dtick=width if len(counts) <= 8 else 2 * width)
    _without_dimming(figure)
    return figure


def _without_dimming(figure: Figure) -> None:
    # A click chooses a group of bars, so the one that was hit is not to stand out alone.
    figure.update_traces(unselected={"marker": {"opacity": 1}})


def brightness_lines(shares: pd.DataFrame, width: float) -> Figure:
    """How bright the pictures of each class are, each class as a line of its own.

    Args:
        shares: Per cent of the class: a row a step, named by its lower end; a column a class.
        width: Of a step, in L*.
    """
    import plotly.graph_objects as go

    figure = go.Figure(
        [
            go.Scatter(
                name=theme.short_name(str(code)),
                x=shares.index.to_numpy(float) + width / 2,
                y=shares[code].to_numpy(),
                mode="lines",
                line={
                    "color": theme.class_colour(str(code)),
                    "dash": DIAGNOSES[str(code)].dash if str(code) in DIAGNOSES else "solid",
                    "width": 2.5,
                    "shape": "spline",
                    "smoothing": 0.6,
                },
                hovertemplate="L* %{x:.0f}: %{y:.1f} %<extra>"
                + theme.class_name(str(code))
                + "</extra>",
            )
            for code in shares.columns
        ]
    )
    theme.figure_layout(
        figure, x="Mean lightness L*, 0 black to 100 white", y="Per cent of the class"
    )
    figure.update_yaxes(rangemode="tozero")
    return figure


def tone_bars(steps: pd.DataFrame) -> Figure:
    """The angles of the skin as bars in the colours of their categories.

    Args:
        steps: A row a step: `low`, `high` (degrees), `tone`, `pictures`.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    for tone in dict.fromkeys(steps["tone"]):
        mine = steps[steps["tone"] == tone]
        figure.add_bar(
            name=tone,
            x=(mine["low"] + mine["high"]) / 2,
            # The steps are not equally wide, since the categories are not.
            y=mine["pictures"] / (mine["high"] - mine["low"]),
            width=mine["high"] - mine["low"],
            marker={"color": TONE_COLOURS[tone], "line": {"width": 0.7, "color": theme.QUIET}},
            customdata=np.stack([mine["low"], mine["high"], mine["pictures"]], axis=1),
            hovertemplate="%{customdata[0]:.0f}° to %{customdata[1]:.0f}°: "
            "%{customdata[2]:,.0f} pictures<extra>" + tone + "</extra>",
        )
    theme.figure_layout(
        figure, x="Individual Typology Angle in degrees: dark to light", y="Pictures per degree"
    )
    figure.update_layout(barmode="overlay")
    _without_dimming(figure)
    # What lies beyond is colour gone wrong in a few pictures, and would press the rest together.
    figure.update_xaxes(range=[max(-90.0, steps["low"].min()) - 4, steps["high"].max() + 4])
    return figure


def tone_by_class(counts: pd.DataFrame) -> Figure:
    """The categories of skin tone in each class, in per cent of the class.

    Args:
        counts: Pictures: a row a class, a column a category.
    """
    from lesionlab.app.data_charts import crossed_bars

    named = counts.rename(index=lambda code: theme.short_name(str(code)))
    colours = [TONE_COLOURS[str(tone)] for tone in counts.columns]
    figure = crossed_bars(named, ("Class", "Skin tone"), colours, shares=True)
    figure.update_traces(marker_line={"width": 0.7, "color": theme.QUIET})
    return figure


def size_dots(sizes: pd.DataFrame) -> Figure:
    """Height over width of the pictures, larger dots where there are more.

    Args:
        sizes: A row a size: `width`, `height` (pixels), `pictures`.
    """
    import plotly.graph_objects as go

    figure = go.Figure(
        go.Scatter(
            x=sizes["width"],
            y=sizes["height"],
            mode="markers",
            marker={
                "size": 7 + 33 * np.sqrt(sizes["pictures"] / sizes["pictures"].max()),
                "color": theme.ACCENT,
                "opacity": 0.65,
                "line": {"width": 1, "color": theme.QUIET},
            },
            customdata=sizes["pictures"],
            hovertemplate="%{y}×%{x} pixels (height×width): %{customdata:,} pictures"
            "<extra></extra>",
        )
    )
    theme.figure_layout(figure, x="Width in pixels", y="Height in pixels", legend=False)
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(rangemode="tozero")
    return figure
