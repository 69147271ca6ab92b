"""Charts and tables of the last step of a network: numbers in, figures out. Knows no page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lesionlab.app import theme

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

SHOWN = 10


def largest(products: np.ndarray, number: int = SHOWN) -> np.ndarray:
    """Places of the products farthest from zero, the farthest first."""
    return np.argsort(-np.abs(products), kind="stable")[:number]


def sum_table(features: np.ndarray, weights: np.ndarray, bias: float) -> pd.DataFrame:
    """The sum behind one score, row by row: largest products, all others together, bias, score.

    Args:
        features: float `(n,)`.
        weights: Those of one class, float `(n,)`.
        bias: Of this class.

    Returns:
        Columns `part` (text), `number`, `weight` (missing where several are added) and `product`;
        the products of all rows but the last add up to the last one.
    """
    import pandas as pd

    products = features.astype(np.float64) * weights
    places = largest(products)
    rows: list[tuple[str, float | None, float | None, float]] = [
        (f"{k + 1}", float(features[k]), float(weights[k]), float(products[k])) for k in places
    ]
    rest = float(products.sum() - products[places].sum())
    if len(products) > len(places):
        rows.append((f"{len(products) - len(places):,} more", None, None, rest))
    rows.append(("Bias", None, None, float(bias)))
    rows.append(("Score", None, None, float(products.sum() + bias)))
    return pd.DataFrame(rows, columns=["part", "number", "weight", "product"])


def written(table: pd.DataFrame, what: str = "map") -> pd.DataFrame:
    """The table of a sum as people read it: three digits, and nothing where nothing belongs.

    Args:
        table: From `sum_table`.
        what: What the numbers belong to.
    """
    import pandas as pd

    def digits(column: str) -> list[str]:
        return ["" if pd.isna(value) else signed(f"{value:.3f}") for value in table[column]]

    return pd.DataFrame(
        {
            ("Map" if what == "map" else "Unit"): table["part"],
            "Number": digits("number"),
            "× weight": digits("weight"),
            "= product": digits("product"),
        }
    )


def signed(number: str) -> str:
    """A written number with a real minus sign, and no sign before zero."""
    return number.replace("-", "\N{MINUS SIGN}") if float(number) else number.lstrip("+-")


def sum_figure(table: pd.DataFrame, colour: str) -> Figure:
    """The same as steps, each from where the one before it ended.

    Args:
        table: From `sum_table`.
        colour: Of what speaks for the class.
    """
    import plotly.graph_objects as go

    names = [f"No. {part}" if part.isdigit() else part for part in table["part"]]
    names = ["Others" if name.endswith("more") else name for name in names]
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            y=names,
            x=table["product"],
            measure=["relative"] * (len(table) - 1) + ["total"],
            increasing={"marker": {"color": colour}},
            decreasing={"marker": {"color": theme.QUIET}},
            totals={"marker": {"color": theme.ACCENT}},
            connector={"line": {"width": 1, "color": theme.QUIET}},
            text=[signed(f"{value:+.2f}") for value in table["product"]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    theme.figure_layout(figure, x="Sum so far (no unit)", height=90 + 26 * len(table), legend=False)
    figure.update_yaxes(autorange="reversed")
    ends = np.concatenate([[0], np.cumsum(table["product"].to_numpy()[:-1])])
    room = 0.16 * max(float(np.ptp(ends)), 1e-6)
    figure.update_xaxes(range=[float(ends.min()) - room, float(ends.max()) + room])
    return figure


def feature_figure(
    features: np.ndarray, marked: np.ndarray, colour: str, what: str = "map"
) -> Figure:
    """All numbers that the last layer weighs, the marked ones in the class's colour.

    Args:
        what: What the numbers belong to: maps, or what hidden layers made of them.
    """
    import plotly.graph_objects as go

    colours = np.full(len(features), theme.QUIET, dtype=object)
    colours[marked] = colour
    figure = go.Figure(
        go.Bar(
            x=np.arange(1, len(features) + 1),
            y=features,
            marker={"color": colours.tolist(), "line": {"width": 0}},
            hovertemplate="No. %{x}: %{y:.3f}<extra></extra>",
        )
    )
    theme.figure_layout(figure, x=f"Which {what}", y="Its number", height=220, legend=False)
    return figure.update_layout(bargap=0.05)


def weight_figure(
    kernel: np.ndarray, places: np.ndarray, classes: list[str], chosen: str
) -> Figure:
    """The weights of some numbers for every class, brown below zero and blue above.

    Args:
        kernel: float `(n, classes)`.
        places: Which rows, from `largest`.
        classes: Codes in the order of the outputs.
        chosen: The class that is worked out, named last and marked.
    """
    import plotly.graph_objects as go

    values = kernel[places]
    limit = float(np.abs(values).max()) or 1.0
    names = [
        f"<b>{theme.short_name(code)}</b>" if code == chosen else theme.short_name(code)
        for code in classes
    ]
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=names,
            y=[f"No. {place + 1}" for place in places],
            zmin=-limit,
            zmax=limit,
            colorscale=theme.colour_scale(theme.DIVERGING),
            xgap=2,
            ygap=2,
            colorbar={"title": {"text": "Weight"}, "thickness": 12},
            hovertemplate="%{y}, %{x}: %{z:.3f}<extra></extra>",
        )
    )
    theme.figure_layout(figure, x="Class", height=110 + 24 * len(places), legend=False)
    figure.update_yaxes(autorange="reversed")
    return figure


def softmax_table(logits: np.ndarray, temperature: float, classes: list[str]) -> pd.DataFrame:
    """From scores to probabilities, a row a class, the likeliest first.

    Args:
        logits: float `(classes,)`.
        temperature: What the scores are divided by.

    Returns:
        Columns `code`, `score`, `divided`, `power` (e to the distance from the largest divided
        score, so that no number grows beyond all bounds) and `probability`.
    """
    import pandas as pd

    divided = logits.astype(np.float64) / temperature
    powers = np.exp(divided - divided.max())
    table = pd.DataFrame(
        {
            "code": classes,
            "score": logits.astype(np.float64),
            "divided": divided,
            "power": powers,
            "probability": powers / powers.sum(),
        }
    )
    return table.sort_values("probability", ascending=False, ignore_index=True)


def score_figure(table: pd.DataFrame) -> Figure:
    """The scores of all classes as bars, in the order of the table.

    Args:
        table: From `softmax_table`.
    """
    import plotly.graph_objects as go

    figure = go.Figure(
        go.Bar(
            x=table["score"],
            y=[theme.short_name(code) for code in table["code"]],
            orientation="h",
            marker={"color": [theme.class_colour(code) for code in table["code"]]},
            text=[signed(f"{value:.2f}") for value in table["score"]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.3f}<extra></extra>",
        )
    )
    theme.figure_layout(figure, x="Score (logit)", height=90 + 34 * len(table), legend=False)
    low, high = min(0.0, float(table["score"].min())), max(0.0, float(table["score"].max()))
    room = 0.18 * (high - low or 1)
    figure.update_xaxes(range=[low - room, high + room])
    figure.update_yaxes(autorange="reversed")
    return figure
