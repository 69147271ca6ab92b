"""Small tables of numbers, drawn."""

from __future__ import annotations

import html

import numpy as np

from lesionlab.app.pictures import colour_map
from lesionlab.app.theme import DIVERGING

DRAWN_NUMBERS = 7


def number(value: float) -> str:
    """A number short enough for a cell: whole numbers plain, 1/49 as a fraction, others rounded."""
    if value == round(value):
        return f"{int(value)}".replace("-", "\N{MINUS SIGN}")
    inverse = abs(1 / value)
    if abs(inverse - round(inverse)) < 1e-3 and 1.5 < inverse < 1000:
        return ("\N{MINUS SIGN}" if value < 0 else "") + f"1/{inverse:.0f}"
    text = f"{value:.2f}".replace("-", "\N{MINUS SIGN}")
    return "0.00" if text.endswith("0.00") and abs(value) < 1 else text


def table_html(values: np.ndarray, alt: str, limit: float | None = None) -> str:
    """A table of numbers on their colours.

    Args:
        values: Numbers `(k, k)`.
        limit: The number that has the full colour; the largest one by default.
    """
    size = values.shape[0]
    colours = colour_map(values, DIVERGING, limit or float(np.abs(values).max()))
    rows = []
    for y in range(size):
        cells = []
        for x in range(size):
            r, g, b = (int(part) for part in colours[y, x])
            ink = "#fff" if 0.3 * r + 0.59 * g + 0.11 * b < 120 else "#1e2a2d"
            text = number(float(values[y, x])) if size <= DRAWN_NUMBERS else ""
            cells.append(f'<td style="background:rgb({r},{g},{b});color:{ink}">{text}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    small = "" if size < DRAWN_NUMBERS else " ll-middle" if size == DRAWN_NUMBERS else " ll-small"
    return (
        f'<table class="ll-kernel{small}" role="img" aria-label="{html.escape(alt)}">'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
