"""The maps behind the numbers that the last layer weighs: where in the picture they come from."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lesionlab.app import answers, caches, controls, pictures, theme
from lesionlab.app.inside import asking, maps_shown, sizes
from lesionlab.app.inside.look import Look

# So many maps are shown; more numbers than this are not asked for.
SHOWN, MOST_NUMBERS = 6, 1_000_000


def show(look: Look, features: np.ndarray, weights: np.ndarray, code: str) -> None:
    """Draw the maps whose products are farthest from zero.

    Args:
        features: What the last layer weighs, float `(n,)`, one number a map.
        weights: Those of class `code`, float `(n,)`.
    """
    with controls.sentences(foot=True):
        last = sizes.spatial_layers(caches.layers_of(look.reference)).iloc[-1]
        count = int(last["depth"])
        if count != len(features) or count * int(last["side"]) ** 2 > MOST_NUMBERS:
            return  # hidden layers stand between, or there is too much to send
        maps = asking.feature_maps(look, str(last["name"]), count, "number")["maps"]
    products = features * weights
    places = np.argsort(-np.abs(products), kind="stable")[:SHOWN]
    average = look.description["experiment"]["model"]["pooling"] == "avg"
    st.markdown(
        f"**Where these numbers come from.** Here are the maps behind the {len(places)} largest "
        f"products, over the picture: bright where a map is strong. "
        f"{sum_words(maps[places[0]], average)} That is the number of map {places[0] + 1} above."
    )
    tiles = [tile(look.prepared, maps[k], int(k), float(products[k]), code) for k in places]
    st.html(pictures.grid_html(tiles, smallest=140, square=True))
    st.caption(
        f"The number of the map, and what it adds to the score of {theme.class_name(code)}. The "
        "dot has the class's colour where it speaks for the class, else it is grey."
        + (
            " All maps times their weights, added up place by place, are the heat map of the "
            "section *Where it looks*."
            if average
            else ""
        )
    )


def sum_words(values: np.ndarray, average: bool) -> str:
    """How one map became one number, with its own numbers.

    Args:
        values: float `(h, w)`.
    """
    number = maps_shown.number
    fields, total = values.size, float(values.sum())
    if not average:
        return f"The largest of the first map's {fields} fields is {number(float(values.max()))}."
    return (
        f"The first map has {fields} fields; they add up to {number(total)}, and "
        f"{number(total)} / {fields} = {number(total / fields)}."
    )


def tile(
    image: np.ndarray, values: np.ndarray, place: int, product: float, code: str
) -> pictures.Tile:
    """One map over the picture, with what it adds to the score."""
    added = f"{product:+.2f}".replace("-", "−")
    where = answers.hottest_place(values)
    return pictures.Tile(
        answers.overlay(image, sizes.unit(values)),
        f"Map {place + 1}, strongest at the {where}, adds {added} to the score",
        f"{place + 1} · {added}",
        theme.class_colour(code) if product > 0 else theme.QUIET,
    )
