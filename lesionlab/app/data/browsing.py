"""A first look: how many of each class, the gallery, one picture, and what guessing scores."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from lesionlab.app import charts, controls, pictures, theme
from lesionlab.app.data import filtering, finding, imbalance, one_picture, paging, small
from lesionlab.app.desk import Desk
from lesionlab.app.gallery import gallery

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from lesionlab.data.dataset import Dataset

SIZES = (12, 24, 48)


def show(desk: Desk, found: Dataset) -> None:
    """The section of the page."""
    counts = finding.class_counts(found)
    show_counts(counts)
    st.subheader("Look at them", anchor=False)
    rows, filters = filtering.choose_rows(desk, found)
    here = finding.row_of(found, desk.image)
    if len(rows):
        at = paging.choose_page("gallery", len(rows), (found.name, filters), SIZES)
        here = int(rows[at.first]) if here is None else here
        show_gallery(desk, found, rows[at.first : at.behind], here)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            at.steps("-below")
            st.caption(
                f"Pictures {at.first + 1:,} to {at.behind:,} of {len(rows):,}. Choose one to look "
                "closely. With the keyboard: Tab to the pictures, then arrow keys, then Enter."
            )
    else:
        st.info(
            "No picture fits. Clear the filters, or ask for less.", icon=":material/search_off:"
        )
    if here is not None:
        one_picture.look_closely(desk, found, rows, here)
        st.subheader("The picture in use", anchor=False)
        one_picture.show_facts(desk, found, here, find=filtering.find_text)
    imbalance.show(found, counts)


def show_counts(counts: dict[str, int]) -> None:
    """How many pictures each class has."""
    st.subheader("How many of each", anchor=False)
    most, least = max(counts, key=lambda c: counts[c]), min(counts, key=lambda c: counts[c])
    ratio = counts[most] / counts[least]
    controls.figure(
        _counts_figure(tuple(counts.items())),
        alt="Bars: " + ", ".join(f"{theme.class_name(c)} {n:,}" for c, n in counts.items()),
        caption=f"{most.upper()} has {ratio:,.{0 if ratio >= 10 else 1}f} times as many pictures "
        f"as {least.upper()}. A network that sees little of a class learns little about it."
        if counts[most] > counts[least]
        else f"Every class has {counts[most]:,} pictures. In a clinic, moles far outnumber the "
        "others.",
    )


@lru_cache(maxsize=16)
def _counts_figure(counts: tuple[tuple[str, int], ...]) -> Figure:
    return charts.class_counts(dict(counts))


def show_gallery(desk: Desk, found: Dataset, rows: np.ndarray, here: int) -> None:
    """Small pictures, each of which can be picked.

    Args:
        rows: Their row numbers, int `(k,)`.
        here: The row of the picture in use.
    """
    images = small.small_pictures([found.image_path(row) for row in rows.tolist()])
    tiles = {}
    for row, image in zip(rows.tolist(), images, strict=True):
        code, image_id = (str(found.table[name].iat[row]) for name in ("diagnosis", "image_id"))
        tiles[image_id] = pictures.Tile(
            image,
            alt=one_picture.words(found, row),
            caption=f"{theme.short_name(code)} · {image_id}",
            colour=theme.class_colour(code),
            chosen=row == here,
        )

    def picked(image_id: str) -> None:
        desk.save(image=image_id)
        one_picture.ask_to_open(by_gallery=True)

    gallery(
        tiles,
        key="gallery",
        picked=picked,
        label=f"Gallery of {len(tiles)} pictures",
        focus=st.session_state.get(one_picture.RETURNS, 0),
    )
