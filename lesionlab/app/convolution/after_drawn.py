"""What comes after a convolution, drawn and in words: pictures of numbers, curves, arithmetic."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from lesionlab.app import pictures, theme
from lesionlab.app.kernels import number, table_html
from lesionlab.images.activations import ACTIVATIONS, Activation
from lesionlab.images.normalise import EPSILON, Normalised

if TYPE_CHECKING:
    import pandas as pd

CURVE_COLOURS = {"relu": theme.ACCENT, "sigmoid": theme.LEARNING, "tanh": "#6C7BB5"}
LONGEST = 320


def say(value: float) -> str:
    """A number short enough for a sentence, with the true minus sign."""
    size = abs(value)
    text = f"{size:,.0f}" if size >= 100 else f"{size:.1f}" if size >= 10 else f"{size:.2f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"\N{MINUS SIGN}{text}" if value < 0 and text != "0" else text


def percent(share: float) -> str:
    """A share of 0 to 1 in per cent; never rounded to none or to all."""
    if 0 < share < 0.001:
        return "less than 0.1 %"
    if 0.999 < share < 1:
        return "more than 99.9 %"
    return f"{100 * share:.1f}".rstrip("0").rstrip(".") + " %"


def greatest(values: np.ndarray) -> float:
    """The number with the full colour: a few bright spots would leave the rest without."""
    return max(1e-6, float(np.percentile(np.abs(values), 99.5)))


def signed_html(values: np.ndarray, alt: str, caption: str, limit: float | None = None) -> str:
    """Numbers in the colours around zero, with their range below.

    Args:
        values: Numbers `(h, w)`.
        limit: The number with the full colour; nearly the largest if nothing is said.
    """
    most = greatest(values) if limit is None else limit
    stops: tuple[str, ...] = theme.DIVERGING
    low, middle, high = say(-most), "0", say(most)
    if values.min() >= 0:
        # Brown would be in the legend alone.
        stops, low, middle = theme.DIVERGING[len(theme.DIVERGING) // 2 :], "0", say(most / 2)
    if values.min() < -most:
        low = f"{low} or less"
    if values.max() > most:
        high = f"{high} or more"
    return pictures.figure_html(
        painted(values, theme.DIVERGING, most),
        alt,
        caption,
        LONGEST,
        exact=True,
        scale=pictures.scale_html(stops, low, middle, high),
    )


def between_html(values: np.ndarray, alt: str, caption: str) -> str:
    """Numbers from 0 to 1, pale to dark."""
    return pictures.figure_html(
        painted(2 * values - 1, theme.SEQUENTIAL, 1.0),
        alt,
        caption,
        LONGEST,
        exact=True,
        scale=pictures.scale_html(theme.SEQUENTIAL, "0", "0.5", "1"),
    )


def painted(values: np.ndarray, stops: tuple[str, ...], most: float) -> bytes:
    """Signed numbers in colours, as a PNG of 256 colours: a third of the bytes of any colour.

    Args:
        values: Numbers `(h, w)`.
        stops: Hex colours from -most over 0 to most.
    """
    places = np.rint((np.clip(values / most, -1, 1) + 1) / 2 * 255).astype(np.uint8)
    picture = Image.fromarray(_large(places))
    colours = pictures.colour_map(np.linspace(-1, 1, 256)[None], stops, 1.0)
    picture.putpalette(colours.tobytes())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _large(pixels: np.ndarray) -> np.ndarray:
    """Every pixel as a square of several: a small result stays sharp wherever it is shown."""
    times = max(1, LONGEST // (2 * max(pixels.shape[:2])))
    return pixels.repeat(times, axis=0).repeat(times, axis=1)


def normalise_formulas(done: Normalised, scale: float, shift: float) -> list[str]:
    """The arithmetic of batch normalisation in LaTeX, with its numbers put in, in two steps."""
    mean, variance = float(done.mean), float(done.variance)
    deviation = _latex((variance + EPSILON) ** 0.5)
    above = f"x - {_latex(mean)}" if mean >= 0 else f"x + {_latex(-mean)}"
    times = "" if scale == 1 else rf"{_latex(scale)} \cdot "
    plus = "" if not shift else f" + {_latex(shift)}" if shift > 0 else f" - {_latex(-shift)}"
    return [
        rf"\text{{out}} = {times}\frac{{{above}}}{{{below}}}{plus}"
        for below in (rf"\sqrt{{{_latex(variance)} + {EPSILON:g}}}", deviation)
    ]


def _latex(value: float) -> str:
    return say(value).replace("\N{MINUS SIGN}", "-").replace(",", r"{,}")


def examples(values: np.ndarray, done: Normalised) -> pd.DataFrame:
    """Three numbers before and after: the smallest, the one in the middle, and the largest."""
    import pandas as pd

    order = np.argsort(values, axis=None)
    names = {"Smallest": order[0], "Middle": order[len(order) // 2], "Largest": order[-1]}
    rows = [
        {
            "Number": name,
            "Before": say(float(values.flat[place])),
            "Minus the mean": say(float(values.flat[place] - done.mean)),
            "After": say(float(done.values.flat[place])),
        }
        for name, place in names.items()
    ]
    return pd.DataFrame(rows).set_index("Number")


def activation_html(one: Activation, values: np.ndarray, alt: str, caption: str) -> str:
    """The answers of one activation in the colours that suit their range."""
    answers = one.apply(values)
    if one.name == "sigmoid":
        return between_html(answers, alt, caption)
    return signed_html(answers, alt, caption, limit=1.0 if one.name == "tanh" else None)


def curves_figure(values: np.ndarray) -> Any:
    """The three functions over the range of these numbers, and where most of them lie.

    Args:
        values: Numbers before the activation.
    """
    import plotly.graph_objects as go

    low, high = (float(end) for end in np.percentile(values, [5, 95]))
    reach = max(4.0, abs(low), abs(high))
    places = np.linspace(-reach, reach, 201)
    figure = go.Figure()
    figure.add_scatter(
        x=[low, high, high, low],
        y=[-1.25, -1.25, 2.5, 2.5],
        fill="toself",
        mode="none",
        fillcolor="rgba(138,143,152,0.22)",
        name="Nine tenths of the numbers",
        hoverinfo="skip",
    )
    for one in ACTIVATIONS.values():
        figure.add_scatter(
            x=places.round(3),
            y=one.apply(places).round(4),
            name=one.title,
            line={"color": CURVE_COLOURS[one.name], "width": 3},
        )
    theme.figure_layout(figure, "Number before (no unit)", "Number after (no unit)", 300)
    figure.update_yaxes(range=[-1.25, 2.5])
    return figure


def square_html(square: np.ndarray, answer: float, kind: str) -> str:
    """One square of numbers and what pooling makes of it."""
    table = table_html(np.round(square, 2), f"{len(square)} by {len(square)} numbers of the square")
    total = number(round(answer, 2))
    return (
        f'<div class="ll-step"><figure>{table}<figcaption>one square</figcaption></figure>'
        f"<b>→</b><figure><strong>{total}</strong><figcaption>{kind}</figcaption></figure></div>"
    )


def strongest_square(values: np.ndarray, size: int) -> tuple[int, int]:
    """Row and column of the square with the number farthest from zero, counted in squares."""
    rows, columns = (length // size for length in values.shape[:2])
    inside = np.abs(values[: rows * size, : columns * size])
    y, x = np.unravel_index(int(np.argmax(inside)), inside.shape)
    return int(y) // size, int(x) // size
