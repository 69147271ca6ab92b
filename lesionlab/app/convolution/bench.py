"""Picture, kernel and result side by side, with the sum at a place that the reader points at."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from typing import Any

import numpy as np
import streamlit as st

from lesionlab.app import kernels, theme
from lesionlab.app.convolution import (
    bench_arithmetic,
    bench_script,
    bench_sum_script,
    drawing_script,
    result_words,
)
from lesionlab.app.convolution.after_drawn import painted, say
from lesionlab.app.convolution.choices import LAYERS, OWN_TITLE, Choices, make_own
from lesionlab.app.convolution.sliding import COLOURS, Slid, keeps_brightness
from lesionlab.app.pictures import data_address
from lesionlab.images.convolve import window_start

STYLE = """
.view { display: grid; grid-template-columns: minmax(0, 1fr) auto minmax(0, 1fr); gap: 1rem 1.4rem;
  align-items: start; }
.middle { align-self: center; text-align: center; }
.middle table { margin: 0 auto; }
.tables { display: flex; flex-direction: column; gap: 0.5rem; justify-content: center; }
.middle table.small td { width: 0.68rem; height: 0.62rem; }
.middle button { height: 2rem; line-height: 1.9rem; font-size: 0.8rem; padding: 0 0.8rem;
  margin-top: 0.4rem; }
.results { display: flex; flex-wrap: wrap; gap: 6px; align-items: flex-start; }
.results .frame { flex: none; }
.results em { position: absolute; left: 4px; bottom: 4px; padding: 0 0.4rem; border-radius: 4px;
  font-style: normal; font-size: 0.72rem; background: #fffc; color: #1e2a2d;
  pointer-events: none; }
.scale { margin: 0.45rem 0 0; font-size: 0.78rem; opacity: 0.8; }
.scale b { display: block; height: 0.6rem; border-radius: 99px; }
.scale div { display: flex; justify-content: space-between; }
.choice { display: flex; margin: 0.5rem 0 0; }
.choice button { flex: 1; height: 2rem; line-height: 1.9rem; padding: 0 0.4rem; font-size: 0.8rem;
  border-radius: 0; }
.choice button:first-child { border-radius: 99px 0 0 99px; border-right: 0; }
.choice button:last-child { border-radius: 0 99px 99px 0; }
.choice button[aria-pressed=true] { border: 1px solid #1b8a82; font-weight: 600;
  background: color-mix(in srgb, #1b8a82 18%, transparent); }
.near { display: flex; flex-wrap: wrap; gap: 1rem 1.6rem; align-items: flex-start;
  margin-top: 1.1rem; }
.region { position: relative; display: inline-block; }
.region u { position: absolute; box-sizing: border-box; border: 3px solid #ffd400;
  box-shadow: 0 0 0 1px #000, inset 0 0 0 1px #000; pointer-events: none;
  transition: left 240ms, top 240ms; }
td.beyond { font-style: italic; opacity: 0.55; }
td.here { outline: 3px solid #ffd400; outline-offset: -3px; }
.sums { margin-top: 1rem; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0.8rem;
  margin-top: 0.6rem; }
.end { display: flex; align-items: center; gap: 0.8rem; }
.row b { font-size: 1.3rem; font-weight: 400; opacity: 0.7; }
.row strong { font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.told { margin: 0.9rem 0 0; font-size: 1rem; padding: 0.55rem 0.9rem; border-radius: 8px;
  border-left: 4px solid #1b8a82; font-variant-numeric: tabular-nums;
  background: color-mix(in srgb, #1b8a82 12%, transparent); }
.near table.middle td { width: 1.9rem; height: 1.6rem; font-size: 0.68rem; }
@container (max-width: 640px) {
  .view { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0.8rem; }
  .middle { grid-column: 1 / -1; grid-row: 2; }
  .near { gap: 0.8rem; }
  .tables { flex-direction: row; }
  .tables.several td { width: 2.1rem; }
  .tables.several table.small td { width: 0.4rem; height: 0.36rem; }
  .tables.several table.middle td { width: 0.9rem; height: 0.8rem; font-size: 0; }
  .ring { width: 24px; height: 24px; margin: -12px 0 0 -12px; }
  .three { grid-template-columns: minmax(0, 1fr); }
  .three .middle { grid-row: auto; order: 1; }
  .three .out .frame { width: calc(50% - 3px) !important; }
  .row { gap: 0.35rem; }
  .row b { font-size: 1rem; }
  .row td { width: 1.72rem; height: 1.7rem; font-size: 0.7rem; }
  .row strong { font-size: 1.05rem; }
  .many table.middle td { width: 0.72rem; height: 0.66rem; font-size: 0; }
  .many table.small td { width: 0.34rem; height: 0.31rem; }
}
@media (prefers-reduced-motion: reduce) { .region u { transition: none; } }
"""

GREY = ("#000000", "#ffffff")
PURE = ("#ff0000", "#00ff00", "#0000ff")


@cache
def _component() -> Any:
    # Registered when it is first shown, as the gallery is.
    script = drawing_script.SCRIPT + bench_arithmetic.SCRIPT + bench_sum_script.SCRIPT
    script += bench_script.SCRIPT
    style = drawing_script.STYLE + STYLE
    return st.components.v2.component("lesionlab_bench", css=style, js=script)


def show(slid: Slid, choices: Choices) -> None:
    """Show the bench."""
    data = content(slid, choices)
    _component()(key="bench", data=data, on_own_change=make_own)


def content(slid: Slid, choices: Choices) -> dict[str, Any]:
    """What the browser gets: the picture's bytes, the kernel, and the result drawn in two ways."""
    height, width, count = slid.layers.shape
    side = len(choices.weights)
    limit = greatest(slid.result)
    planes = np.moveaxis(slid.result, 2, 0) if slid.result.ndim == 3 else slid.result[None]
    what = LAYERS[choices.layer].lower()
    names = list(COLOURS) if len(planes) == 3 else [what]
    tables = np.moveaxis(choices.weights, 2, 0) if choices.weights.ndim == 3 else choices.weights
    weights = [float(value) for value in tables.ravel()]
    ingoing = GREY
    grey = slid.layers if count == 3 else slid.layers[..., 0]
    if choices.layer in COLOURS:
        grey = np.zeros((height, width, 3), np.uint8)
        grey[..., COLOURS.index(choices.layer)] = slid.layers[..., 0]
        ingoing = (GREY[0], PURE[COLOURS.index(choices.layer)])
    data = {
        "size": [height, width],
        "out": list(slid.result.shape[:2]),
        "names": list(COLOURS) if count == 3 else [choices.layer],
        "mode": choices.layer if count == 3 else "one",
        "pixels": base64.b64encode(slid.layers.tobytes()).decode(),
        "picture": data_address(np.ascontiguousarray(grey)),
        "alt": f"The picture that goes in: {what}",
        "results": [
            {
                "signed": data_address(painted(plane, theme.DIVERGING, limit)),
                "cut": data_address(cut(plane), exact=True),
                "name": name,
                "alt": f"Result of the kernel {choices.title}, {name}"
                + (" layer" if len(planes) == 3 else ""),
            }
            for plane, name in zip(planes, names, strict=True)
        ],
        "whole": _whole(slid.result, choices.title),
        "title": choices.title,
        "editable": choices.title != OWN_TITLE and choices.weights.ndim == 2,
        "side": side,
        # One table for all layers, or one after the other for each.
        "weights": weights,
        "labels": [kernels.number(value) for value in weights],
        "stride": choices.stride,
        "padding": choices.padding,
        "dilation": choices.dilation,
        "bias": choices.bias,
        "before": [
            -window_start(length, 0, side, choices.stride, choices.padding, choices.dilation)
            for length in (height, width)
        ],
        # Until the reader chooses: where the answer is a picture again, it is drawn as one.
        "view": "cut" if keeps_brightness(choices) else "signed",
        "limit": limit,
        "stops": list(theme.DIVERGING),
        "scales": {
            "in": _scale(ingoing, "0", "128", "255") if count == 1 else None,
            "signed": _scale(
                theme.DIVERGING, f"{say(-limit)} or less", "0", f"{say(limit)} or more"
            ),
            "cut": _scale(GREY, "0 or less", "128", "255 or more"),
        },
        "captions": [
            f"What goes in: {what}, {width} × {height} pixels from 0 to 255",
            result_words.size_words(slid.result),
        ],
        "words": {
            "signed": result_words.signed_words(slid.result, limit),
            "cut": result_words.cut_words(slid.result),
        },
        "start": strongest(slid.result),
    }
    words = json.dumps(data, sort_keys=True).encode()
    return {**data, "digest": hashlib.sha256(words).hexdigest()[:16]}


def greatest(result: np.ndarray) -> float:
    """The number that gets the full colour: a few bright spots would leave the rest without."""
    return max(1.0, float(np.percentile(np.abs(result), 99.5)))


def cut(result: np.ndarray) -> np.ndarray:
    """A result as an 8-bit picture keeps it: cut to 0 to 255 and rounded.

    Args:
        result: float32 `(h, w)`, or `(h, w, 3)` as red, green and blue.
    """
    return np.rint(np.clip(result, 0, 255)).astype(np.uint8)


def strongest(result: np.ndarray) -> list[float]:
    """Where the bench begins: the strongest answer in the middle half, as shares of x and y."""
    plane = np.abs(result if result.ndim == 2 else result.sum(axis=2))
    height, width = plane.shape
    top, left = height // 4, width // 4
    middle = plane[top : height - top, left : width - left]
    y, x = np.unravel_index(int(np.argmax(middle)), middle.shape)
    return [(left + int(x) + 0.5) / width, (top + int(y) + 0.5) / height]


def _whole(result: np.ndarray, title: str) -> dict[str, str] | None:
    """Three results as red, green and blue of one picture, cut; None where there is one."""
    if result.ndim == 2:
        return None
    return {
        "cut": data_address(cut(result), exact=True),
        "name": "all three",
        "alt": f"Result of the kernel {title}, its three layers as one picture",
    }


def _scale(stops: tuple[str, ...], *marks: str) -> dict[str, Any]:
    return {"stops": ", ".join(stops), "marks": list(marks)}
