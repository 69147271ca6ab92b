"""Charts of what is known of the people and their pictures: counts in, figures out. Knows no page.

Plotly is loaded when a figure is drawn, so that the first page comes quickly.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from lesionlab.app import theme
from lesionlab.data.crossing import OTHERS, UNKNOWN

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

# For values that are no classes; a table has at most so many columns, and grey for the rest.
PALETTE = (
    "#1B8A82",
    "#E0A84A",
    "#6C7BB5",
    "#C8643C",
    "#7FA650",
    "#B07AA1",
    "#4E9BC4",
    "#A98C5F",
)
MOST_COLOURS = len(PALETTE) + 2
# Rows of a chart on a phone are as high as a line of text needs.
ROW = 30
# Letters of a label; more would leave no room for the bars on a phone.
LONGEST = 22


def value_colours(values: list[str], classes: bool) -> list[str]:
    """A colour for each value: the class's own, else one of the palette; grey for the rest.

    Args:
        values: At most `MOST_COLOURS`.
        classes: Whether the values are codes of classes.
    """
    if classes:
        return [theme.class_colour(value) for value in values]
    rest = {OTHERS: "#B9BDC4", UNKNOWN: theme.QUIET}
    named = [value for value in values if value not in rest]
    colours = dict(zip(named, PALETTE * (len(named) // len(PALETTE) + 1), strict=False)) | rest
    return [colours[value] for value in values]


def value_name(value: str, classes: bool) -> str:
    """A value as charts call it: classes by their code in upper case, all else as it stands."""
    return theme.short_name(value) if classes and value != UNKNOWN else value


def labels(values: Iterable[object], classes: bool) -> list[str]:
    """Values as they stand beside an axis: long ones are cut, where they stay apart."""
    names = [value_name(str(value), classes) for value in values]
    cut = [name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…" for name in names]
    return cut if len(set(cut)) == len(cut) else names


def value_bars(counts: pd.Series, title: str, colours: list[str], classes: bool) -> Figure:
    """How many pictures have each value, as bars with their numbers and shares.

    Args:
        counts: Pictures by value, drawn from top to bottom.
        title: What the values are.
    """
    import plotly.graph_objects as go

    total = max(1, int(counts.sum()))
    names = labels(counts.index, classes)
    figure = go.Figure(
        go.Bar(
            x=counts.to_numpy(),
            y=names,
            orientation="h",
            marker={"color": colours},
            text=[f"{number:,} · {number / total:.1%}" for number in counts],
            textposition="outside",
            cliponaxis=False,
            customdata=[
                theme.class_name(v) if classes and v != UNKNOWN else v for v in counts.index
            ],
            hovertemplate="%{customdata}: %{x:,} pictures<extra></extra>",
        )
    )
    theme.figure_layout(figure, x="Pictures", y=title, height=80 + ROW * len(names), legend=False)
    figure.update_layout(margin={"l": 8, "r": 8, "t": 8, "b": 8})
    # Room for the numbers beside the longest bar, on a phone too.
    figure.update_xaxes(range=[0, 1.6 * max(1, int(counts.max()))], nticks=5, tickangle=0)
    figure.update_yaxes(autorange="reversed", type="category")
    return figure


def crossed_bars(
    table: pd.DataFrame, titles: tuple[str, str], colours: list[str], shares: bool
) -> Figure:
    """Stacked bars: a bar a row of the table, a colour a column.

    Args:
        table: Pictures, with names as charts call them.
        titles: What the rows are, and what the columns are.
        colours: A colour a column.
        shares: Whether each bar goes to 100 per cent.
    """
    import plotly.graph_objects as go

    totals = table.sum(axis=1).clip(lower=1)
    percent = table.div(totals, axis=0) * 100
    shown = percent if shares else table
    figure = go.Figure(
        [
            go.Bar(
                name=str(column),
                x=shown[column].to_numpy(),
                y=[str(name) for name in table.index],
                orientation="h",
                marker={"color": colour, "line": {"width": 0}},
                customdata=np.stack([table[column], percent[column]], axis=1),
                texttemplate="%{customdata[1]:.0f}" if shares else "%{customdata[0]:,.0f}",
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                hovertemplate="%{y}, "
                + str(column)
                + ": %{customdata[0]:,.0f} pictures (%{customdata[1]:.1f} %)<extra></extra>",
            )
            for column, colour in zip(table.columns, colours, strict=True)
        ]
    )
    lines = 1 + sum(len(str(c)) + 5 for c in table.columns) // 44
    height = 90 + ROW * len(table) + 22 * lines
    axis = "Share of each bar's pictures in per cent" if shares else "Pictures"
    theme.figure_layout(figure, x=axis, y=titles[0], height=height)
    figure.update_layout(
        barmode="stack",
        legend={"traceorder": "normal", "title": {"text": f"{titles[1]}: "}},
        # Numbers that do not fit at this size are left out; pointing at a piece still tells.
        uniformtext={"minsize": 10, "mode": "hide"},
    )
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(nticks=6, tickangle=0)
    if shares:
        figure.update_xaxes(range=[0, 100])
    return figure


def heat_map(table: pd.DataFrame, titles: tuple[str, str], shares: bool) -> Figure:
    """The table itself, darker where there is more; the numbers stand in the fields.

    Args:
        table: Pictures, with names as charts call them.
        titles: What the rows are, and what the columns are.
        shares: Whether to give per cent of each row in place of pictures.
    """
    import plotly.graph_objects as go

    totals = table.sum(axis=1).clip(lower=1)
    percent = (table.div(totals, axis=0) * 100).to_numpy()
    counts = table.to_numpy()
    # Counts lie far apart: colours follow their square root, so that small ones are seen too.
    values = percent if shares else np.sqrt(counts)
    texts = [
        [("" if not n else f"{p:.0f}" if shares else f"{n:,}") for n, p in zip(*rows, strict=True)]
        for rows in zip(counts, percent, strict=True)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=[str(name) for name in table.columns],
            y=[str(name) for name in table.index],
            colorscale=theme.colour_scale(theme.SEQUENTIAL),
            zmin=0,
            showscale=False,
            xgap=1,
            ygap=1,
            text=texts,
            texttemplate="%{text}",
            customdata=np.stack([counts, percent], axis=2),
            hovertemplate="%{y}, %{x}: %{customdata[0]:,} pictures "
            "(%{customdata[1]:.1f} % of the row)<extra></extra>",
        )
    )
    theme.figure_layout(
        figure, x=titles[1], y=titles[0], height=120 + ROW * len(table), legend=False
    )
    figure.update_yaxes(autorange="reversed", type="category", showgrid=False)
    figure.update_xaxes(type="category", showgrid=False)
    return figure


def missing_bars(counts: pd.Series, total: int) -> Figure:
    """For how many pictures each thing is not known, in per cent of all.

    Args:
        counts: Pictures by what is missing.
        total: All pictures.
    """
    import plotly.graph_objects as go

    shares = counts.to_numpy() / max(1, total) * 100
    figure = go.Figure(
        go.Bar(
            x=shares,
            y=[str(label) for label in counts.index],
            orientation="h",
            marker={"color": theme.LEARNING},
            text=[
                f"{number:,} · {share:.1f} %" if number else "none"
                for number, share in zip(counts, shares, strict=True)
            ],
            # Beside the bar, and inside those that reach far to the right.
            textposition=["inside" if share > 60 else "outside" for share in shares],
            insidetextanchor="end",
            cliponaxis=False,
            customdata=counts,
            hovertemplate="%{y} not known: %{customdata:,} pictures (%{x:.1f} %)<extra></extra>",
        )
    )
    theme.figure_layout(
        figure, x="Not known, in per cent of the pictures", height=80 + ROW * len(counts)
    )
    figure.update_layout(showlegend=False, margin={"l": 8, "r": 12, "t": 8, "b": 8})
    figure.update_xaxes(range=[0, 100])
    figure.update_yaxes(autorange="reversed", type="category")
    return figure
