"""Small tables of numbers, drawn: kernels, and one step of a convolution."""

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
    inverse = 1 / value
    if abs(inverse - round(inverse)) < 1e-3 and abs(inverse) < 1000:
        return f"1/{inverse:.0f}"
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")


def table_html(values: np.ndarray, alt: str, limit: float | None = None, grey: bool = False) -> str:
    """A table of numbers on their colours.

    Args:
        values: Numbers `(k, k)`.
        limit: The number that has the full colour; the largest one by default.
        grey: Grey levels 0 to 255 in place of the colours around zero.
    """
    size = values.shape[0]
    if grey:
        colours = np.repeat(np.clip(values, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    else:
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


def step_html(patch: np.ndarray, weights: np.ndarray) -> str:
    """One place of a convolution: numbers of the picture, times the kernel, and their sum.

    Args:
        patch: Grey levels `(k, k)` under the kernel.
        weights: The kernel `(k, k)`.
    """
    products = patch * weights
    parts = [
        ("the picture here", table_html(patch, "grey levels of the picture", grey=True)),
        ("×", ""),
        ("the kernel", table_html(weights, "the kernel's numbers")),
        ("=", ""),
        ("multiplied", table_html(products, "products", limit=max(255.0, np.abs(products).max()))),
        ("→", ""),
    ]
    cells = "".join(
        f"<figure>{table}<figcaption>{html.escape(words)}</figcaption></figure>"
        if table
        else f"<b>{words}</b>"
        for words, table in parts
    )
    answer = number(round(float(products.sum())))
    total = f"<figure><strong>{answer}</strong><figcaption>sum</figcaption></figure>"
    return f'<div class="ll-step">{cells}{total}</div>'
