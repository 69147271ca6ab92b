"""Probabilities before and after a picture was spoiled: as bars, and in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lesionlab.app import theme

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def before_after(classes: list[str], before: np.ndarray, after: np.ndarray) -> Figure:
    """Two bars a class, pale before and full after, the likeliest before on top.

    Args:
        classes: Codes in the order of the outputs.
        before: float `(classes,)`; likewise `after`.
    """
    import plotly.graph_objects as go

    order = np.argsort(before, kind="stable")
    names = [theme.short_name(classes[k]) for k in order]
    colours = [theme.class_colour(classes[k]) for k in order]
    figure = go.Figure()
    for title, values, opacity in (("After", after, 1.0), ("Before", before, 0.35)):
        figure.add_bar(
            name=title,
            x=values[order],
            y=names,
            orientation="h",
            marker={"color": colours, "opacity": opacity},
            text=[f"{value:.0%}" for value in values[order]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}, " + title.lower() + ": %{x:.1%}<extra></extra>",
            showlegend=False,
        )
        # The legend in grey: no class's colour says before or after.
        square = {"symbol": "square", "size": 11, "color": theme.QUIET, "opacity": opacity}
        figure.add_scatter(x=[None], y=[None], mode="markers", marker=square, name=title)
    theme.figure_layout(figure, x="Probability", height=100 + 36 * len(classes))
    figure.update_layout(barmode="group", legend={"traceorder": "reversed"}, bargap=0.2)
    figure.update_xaxes(range=[0, 1.12], tickformat=".0%", tickvals=[0, 0.5, 1])
    return figure


def change_sentence(classes: list[str], before: np.ndarray, after: np.ndarray) -> str:
    """What became of the likeliest class."""
    first, now = int(before.argmax()), int(after.argmax())
    name = theme.class_name(classes[first])
    moved = f"{name} goes from {before[first]:.0%} to {after[first]:.0%}"
    if first == now:
        return f"The likeliest class stays: {moved}."
    return (
        f"The answer **flips** to {theme.class_name(classes[now])} with {after[now]:.0%}: {moved}."
    )
