"""Charts of the first four lessons: tables in, figures out. Knows no page.

Plotly is loaded when a figure is drawn, so that the first page comes quickly.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from lesionlab.app import theme

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

MIND_THE_SCALE = "Mind the scale: each line is ten times the one below."


def class_counts(counts: dict[str, int]) -> Figure:
    """How many pictures each class has, as bars in the classes' colours, the largest on top."""
    import plotly.graph_objects as go

    codes = sorted(counts, key=lambda code: counts[code])
    figure = go.Figure(
        go.Bar(
            x=[counts[code] for code in codes],
            y=[_folded(theme.class_name(code)) for code in codes],
            orientation="h",
            marker={"color": [theme.class_colour(code) for code in codes]},
            text=[f"{counts[code]:,}" for code in codes],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,} pictures<extra></extra>",
        )
    )
    theme.figure_layout(figure, x="Pictures", height=70 + 34 * len(codes), legend=False)
    figure.update_layout(margin={"l": 8, "r": 52, "t": 8, "b": 8})
    figure.update_xaxes(nticks=5, tickangle=0, tickformat=",")
    return figure


def _folded(name: str, longest: int = 26) -> str:
    """A name in lines, so that it leaves room for the bars on a phone."""
    return "<br>".join(textwrap.wrap(name, longest))


def parts_table(labels: np.ndarray, parts: np.ndarray) -> pd.DataFrame:
    """How many pictures of each class are in each part.

    Args:
        labels: Class codes `(n,)`.
        parts: `train`, `validation` or `test`, `(n,)`.

    Returns:
        A row a class, columns `train`, `validation`, `test`.
    """
    import pandas as pd

    table = pd.crosstab(pd.Series(labels, name="label"), pd.Series(parts, name="part"))
    return table.reindex(columns=list(theme.PART_COLOURS), fill_value=0)


def parts_by_class(table: pd.DataFrame) -> Figure:
    """The parts of each class as stacked bars, in per cent of the class.

    Args:
        table: What `parts_table` gives.
    """
    import plotly.graph_objects as go

    shares = table.div(table.sum(axis=1), axis=0) * 100
    codes = list(table.index)[::-1]
    figure = go.Figure(
        [
            go.Bar(
                name=theme.PART_NAMES[part],
                x=shares.loc[codes, part],
                y=[theme.short_name(code) for code in codes],
                orientation="h",
                marker={"color": colour},
                customdata=table.loc[codes, part],
                texttemplate="%{customdata:,}",
                textposition="inside",
                insidetextanchor="middle",
                hovertemplate="%{y}, "
                + theme.PART_NAMES[part]
                + ": %{customdata:,} pictures (%{x:.0f} %)<extra></extra>",
            )
            for part, colour in theme.PART_COLOURS.items()
        ]
    )
    theme.figure_layout(figure, x="Share of the class in per cent", height=110 + 32 * len(codes))
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    figure.update_xaxes(range=[0, 100])
    return figure


def learning_rates(epochs: np.ndarray, head: np.ndarray, body: np.ndarray) -> Figure:
    """The learning rate along the training, for the new head and for the layers before it.

    Args:
        epochs: Where, in epochs, `(n,)`; likewise the rates of `head` and `body`. Not a number
            where nothing of the body learns.
    """
    import plotly.graph_objects as go

    lines = [
        ("New head", head, theme.LEARNING, "solid"),
        ("Layers before", body, "#1B8A82", "dash"),
    ]
    figure = go.Figure(
        [
            go.Scatter(
                x=epochs,
                y=rates,
                name=name,
                mode="lines",
                line={"color": colour, "dash": dash, "width": 2.5},
                hovertemplate="epoch %{x:.1f}: %{y:.2e}<extra>" + name + "</extra>",
            )
            for name, rates, colour, dash in lines
            if np.isfinite(rates).any()
        ]
    )
    theme.figure_layout(figure, x="Epoch", y="Learning rate", height=280)
    known = np.concatenate([head, body])
    largest, smallest = np.nanmax(known), np.nanmin(known[known > 0])
    apart = np.any(body < head) and not np.any((body >= head) & (head > 0))
    if apart or (largest > 5 * smallest and _falls_in_steps(head)):
        # Rates that lie apart by a factor are seen on a scale of factors.
        lowest = max(smallest / 2, largest / 5000)
        figure.update_yaxes(
            type="log", range=np.log10([lowest, largest * 2]).tolist(), dtick=1, tickformat="~g"
        )
    else:
        figure.update_yaxes(range=[0, largest * 1.08], tickformat="~g")
    return figure


def rates_in_words(num_epochs: int, head: np.ndarray, body: np.ndarray) -> str:
    """What `learning_rates` shows, for those who cannot see it."""
    words = f"Learning rate over {num_epochs} epochs, for the head from {head[0]:.2g} to "
    words += f"{head[-1]:.2g}"
    learning = body[np.isfinite(body)]
    if not len(learning):
        return f"{words}. The layers before it do not learn."
    return f"{words}, for the layers before it from {learning[0]:.2g} to {learning[-1]:.2g}."


def _falls_in_steps(rates: np.ndarray) -> bool:
    return len(np.unique(rates)) <= max(20, len(rates) // 20)


def layer_sizes(table: pd.DataFrame) -> Figure:
    """How many parameters each layer has, frozen and learning ones in different colours.

    Args:
        table: Columns `name`, `plain`, `parameters`, `learns` (bool), a row a layer that has any.
    """
    import plotly.graph_objects as go

    figure = go.Figure(
        [
            go.Bar(
                name=name,
                x=np.flatnonzero(table["learns"].to_numpy() == learns) + 1,
                y=table.loc[table["learns"] == learns, "parameters"],
                marker={"color": colour, "line": {"width": 0}},
                customdata=table.loc[table["learns"] == learns, ["name", "plain"]],
                hovertemplate="%{customdata[0]}: %{y:,} parameters<br>%{customdata[1]}"
                "<extra></extra>",
            )
            for name, learns, colour in (
                ("Stays as it is", False, theme.FROZEN),
                ("Learns", True, theme.LEARNING),
            )
            if bool((table["learns"] == learns).any())
        ]
    )
    theme.figure_layout(figure, x="Layer, from the picture to the answer", y="Parameters")
    figure.update_layout(barmode="overlay", bargap=0.12, height=290)
    figure.update_yaxes(type="log", dtick=1, tickformat=",")
    return figure
