"""What a result is, what its two drawings show, and what each of them hides, in words."""

from __future__ import annotations

import numpy as np

from lesionlab.app.convolution.after_drawn import percent, say


def size_words(result: np.ndarray) -> str:
    """How many numbers came out, and between which.

    Args:
        result: float32 `(h, w)`, or `(h, w, 3)` for red, green and blue.
    """
    height, width = result.shape[:2]
    low, high = say(float(result.min())), say(float(result.max()))
    return f"What comes out: {width} × {height} numbers from {low} to {high}"


def signed_words(result: np.ndarray, most: float) -> tuple[str, str]:
    """What the drawing with signs shows, and what it hides.

    Args:
        result: Numbers of any shape.
        most: The number with the full colour.
    """
    shows = "Blue is above zero, brown below, and pale is near zero."
    beyond = float((np.abs(result) > most).mean())
    hides = (
        "256 shades must do for all numbers, so those nearer than "
        f"{say(2 * most / 255)} to each other look alike"
    )
    if beyond:
        hides += f", and so do the {percent(beyond)} beyond the ends of the scale"
    return shows, f"{hides}."


def cut_words(result: np.ndarray) -> tuple[str, str]:
    """What the drawing cut to 0 to 255 shows, and what it hides.

    Args:
        result: Numbers of any shape.
    """
    below, above = float((result < 0).mean()), float((result > 255).mean())
    shows = "A picture file has room for 0 to 255 alone, so most programs show a result like this."
    if not below and not above:
        return shows, "only what lies behind the point: the numbers are rounded."
    return shows, (
        f"{percent(below)} of the numbers lie below zero and are all black, "
        f"{percent(above)} lie above 255 and are all white."
    )
