"""One map on its way through convolution, batch normalisation, ReLU and pooling, side by side.

After figure 2C of Cullell-Dalmau et al. (2021), "Convolutional Neural Network for Skin Lesion
Classification: Understanding the Fundamentals Through Hands-On Learning".
"""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lesionlab.app import controls, pictures
from lesionlab.app.convolution import learned
from lesionlab.app.inside import asking, choosing, kinds, maps_shown
from lesionlab.app.inside.look import Look
from lesionlab.app.theme import DIVERGING
from lesionlab.errors import LesionlabError

# Two steps stand side by side on a phone.
STEP = "flex:1 1 9.5rem;max-width:14rem"
WORDS = {
    "Convolution": "The filter's sum at each place: positive where its pattern is, negative "
    "where the opposite is.",
    "Convolution, map by map": "A filter's sum over this one map alone.",
    "Batch normalisation": "Minus the mean, over the standard deviation, times a learned factor, "
    "plus a learned shift.",
    "Max pooling": "The largest of each few neighbours: a smaller map.",
    "Average pooling": "The mean of each few neighbours: a smaller map.",
}


def chain_for(block: dict[str, Any], layer: str) -> list[str]:
    """The stages that the chosen layer belongs to, else the longest of its block; may be empty."""
    found = [chain for chain in block["chains"] if layer in chain]
    return (found or sorted(block["chains"], key=len, reverse=True) or [[]])[0]


def show(
    look: Look,
    blocks: list[dict[str, Any]],
    table: list[dict[str, Any]],
    layer: str,
    channel: int,
) -> None:
    """Draw the stages of the layer's block.

    Args:
        channel: The chosen map of `layer`, followed where the stages are this layer's own.
    """
    st.subheader("One map, step by step", anchor=False)
    chain = chain_for(choosing.block_of(blocks, layer), layer)
    if not chain:
        st.markdown("This block has no convolution, so there are no steps to follow here.")
        return
    kind_of = {row["name"]: row["kind"] for row in table}
    own = layer in chain
    with controls.sentences(foot=True):
        if not own:
            channel = asking.one_map_each(look, (chain[-1],))[0]["channel"]
        stages = asking.one_map_each(look, tuple(chain), channel)
    names = [kinds.NAMES.get(kind_of[name], kind_of[name]) for name in chain]
    st.markdown(
        f"Map {channel + 1} of {stages[0]['depth']:,}: {' → '.join(names)}. "
        f"{missing_sentence(blocks, kind_of, names)} "
        + (
            "Pick another map above to follow it."
            if own
            else "The chosen layer is none of these: followed is the strongest map of its block."
        )
    )
    limits = common_limits([stage["map"] for stage in stages], names)
    values = stages[0]["map"]
    parts = [_filter(look, table, chain[0], channel)]
    for name, stage, limit in zip(names, stages, limits, strict=True):
        before, values = values, stage["map"]
        words = maps_shown.activation_words(values)
        figure = pictures.figure_html(
            maps_shown.signed_map(values, limit),
            alt=f"{name}: map {channel + 1}, {values.shape[0]} by {values.shape[1]} pixels, "
            f"{words}",
            caption=f"{values.shape[0]}×{values.shape[1]} pixels; {words}. "
            f"{relu_words(before, values) if name == 'ReLU' else WORDS.get(name, '')}",
            exact=True,
            scale=pictures.scale_html(DIVERGING, f"−{limit:.2g}", "0", f"{limit:.2g}"),
        )
        parts.append(
            f'<div style="flex:1 1 9.5rem;max-width:14rem"><p><b>{name}</b></p>{figure}</div>'
        )
    # Two stand side by side on a phone.
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:1rem">{"".join(parts)}</div>')


def _filter(look: Look, table: list[dict[str, Any]], layer: str, channel: int) -> str:
    """The filter of a map of the first convolution, whose tables are for colours; else nothing."""
    first = next((row["name"] for row in table if row["kind"] == "Conv2D"), "")
    if layer != first:
        return ""
    try:
        kernel = learned.kernels_of(look.reference)["after"][channel]
    except LesionlabError:
        return ""  # the steps themselves are there all the same
    side, limit = len(kernel), float(np.abs(kernel).max())
    figure = pictures.figure_html(
        maps_shown.kernel_picture(kernel),
        alt=f"The filter of map {channel + 1}: {side} by {side} numbers each for red, green and "
        f"blue, from {maps_shown.number(float(kernel.min()))} to "
        f"{maps_shown.number(float(kernel.max()))}",
        caption=f"{side}×{side} numbers each for red, green and blue, as learned. The picture's "
        "colours are multiplied by them and added up at every place.",
        exact=True,
        scale=pictures.scale_html(DIVERGING, f"−{limit:.2g}", "0", f"{limit:.2g}"),
    )
    return f'<div style="{STEP}"><p><b>Its filter</b></p>{figure}</div>'


def common_limits(maps: list[np.ndarray], names: list[str]) -> list[float]:
    """The largest size of a number for each colour scale.

    From the batch normalisation on all share one, so that one sees what ReLU takes away; the sums
    before it are of another order.
    """
    largest = [max(float(np.abs(values).max()), 1e-6) for values in maps]
    start = names.index("Batch normalisation") if "Batch normalisation" in names else 0
    shared = max(largest[start:])
    return [*largest[:start], *([shared] * (len(maps) - start))]


def relu_words(before: np.ndarray, after: np.ndarray) -> str:
    """What ReLU does, and what it did to this map.

    Args:
        before: The map as it came, float `(h, w)`; likewise `after`.
    """
    negative, cut = float((before < 0).mean()), float((after < before).mean())
    words = "What is negative becomes zero"
    words += f": {_share(negative)} of the places here." if negative else "; here nothing was."
    if cut:  # MobileNetV2's also has an upper bound: Sandler et al. 2018
        words += (
            f" {_share(cut)} were above {maps_shown.number(float(after.max()))} and were cut off."
        )
    return words


def _share(part: float) -> str:
    return f"{part:.0%}" if part >= 0.005 else "less than 1%"


def missing_sentence(blocks: list[dict[str, Any]], kinds: dict[str, str], names: list[str]) -> str:
    """What of the four classic steps is not here, or nowhere in this network."""
    if "Max pooling" in names:
        return ""
    everywhere = [kinds[name] for block in blocks for chain in block["chains"] for name in chain]
    if "MaxPooling2D" not in everywhere:
        return (
            "This network has no max pooling: its convolutions step over every other place "
            "where the side is to become smaller."
        )
    words = "No max pooling follows here; other blocks of this network have it."
    if "ReLU" not in names:
        words = "Neither ReLU nor max pooling follows here; other layers have them."
    return words
