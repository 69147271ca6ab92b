"""A first look: how many of each class, the gallery, and one picture."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from lesionlab.app import caches, controls, pictures, theme
from lesionlab.app.desk import Desk
from lesionlab.app.gallery import gallery
from lesionlab.diagnoses import DIAGNOSES

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset

PAGE = 12
FACTS = {
    "image_id": "Picture",
    "lesion_id": "Lesion",
    "patient_id": "Patient",
    "age": "Age in years",
    "sex": "Sex",
    "site": "Place on the body",
    "confirmed_by": "Confirmed by",
    "source": "Source",
}


def show(desk: Desk, found: Dataset) -> None:
    """The section of the page."""
    st.subheader("How many of each", anchor=False)
    rows = caches.class_rows(found)
    counts = {code: len(numbers) for code, numbers in rows.items()}
    most, least = max(counts, key=lambda c: counts[c]), min(counts, key=lambda c: counts[c])
    ratio = counts[most] / counts[least]
    controls.figure(
        caches.counts_figure(found),
        alt="Bars: " + ", ".join(f"{theme.class_name(c)} {n:,}" for c, n in counts.items()),
        caption=f"{most.upper()} has {ratio:,.{0 if ratio >= 10 else 1}f} times as many pictures "
        f"as {least.upper()}. A network that sees little of a class learns little about it."
        if counts[most] > counts[least]
        else f"Every class has {counts[most]:,} pictures. In a clinic, moles far outnumber the "
        "others.",
    )
    st.subheader("Look at them", anchor=False)
    show_facts(found, show_gallery(desk, found))


def show_gallery(desk: Desk, found: Dataset) -> str:
    """Twelve pictures of a class at a time, of which one can be picked.

    Returns:
        The `image_id` of the picture in use.
    """
    rows = caches.class_rows(found)
    here = caches.row_of(found, desk.image)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        code = st.pills(
            "Only one class",
            list(rows),
            key="gallery-class",
            wrap=True,
            format_func=theme.short_name,
            help="; ".join(theme.class_name(code) for code in rows),
            persist_state="session",
        )
    numbers = rows[code] if code in rows else caches.mixed_rows(found)
    pages = -(-len(numbers) // PAGE)
    with right:
        key = f"gallery-page-{found.name}-{code}"
        page = int(
            st.number_input(f"Page, 1 to {pages:,}", 1, pages, key=key, persist_state="session")
        )
    there = numbers[(page - 1) * PAGE : page * PAGE]
    if here is None:
        here = int(there[0])
    tiles = {}
    for row in there:
        code = str(found.table["diagnosis"].iat[row])
        image_id = str(found.table["image_id"].iat[row])
        with controls.sentences():
            small = caches.thumbnail(str(found.image_path(int(row))))
        tiles[image_id] = pictures.Tile(
            small,
            alt=f"{theme.class_name(code)}, picture {image_id}",
            caption=f"{theme.short_name(code)} · {image_id}",
            colour=theme.class_colour(code),
            chosen=bool(row == here),
        )
    gallery(tiles, key="gallery", picked=lambda image_id: desk.save(image=image_id))
    return str(found.table["image_id"].iat[here])


def show_facts(found: Dataset, image_id: str) -> None:
    """One picture, what is known of it, and what a dermoscopist looks for."""
    row = found.table.iloc[caches.row_of(found, image_id) or 0]
    code = str(row["diagnosis"])
    diagnosis = DIAGNOSES[code]
    with controls.sentences():
        pixels = caches.picture(found, image_id)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        controls.picture(pixels, alt=f"{diagnosis.name}, picture {image_id}", longest=520)
    with right:
        kind = {True: "cancer or precursor", False: "benign", None: "unknown"}[diagnosis.malignant]
        facts = {FACTS[name]: _plain(row[name]) for name in FACTS if name in row}
        facts["Size"] = f"{pixels.shape[0]}×{pixels.shape[1]} pixels (height×width)"
        rows = "".join(
            f"<dt>{label}</dt><dd>{html.escape(text)}</dd>" for label, text in facts.items() if text
        )
        signs = "".join(f"<li>{html.escape(sign)}</li>" for sign in diagnosis.signs)
        looks = f"A dermoscopist looks for:<ul class='ll-signs'>{signs}</ul>" if signs else ""
        st.html(
            f'<p class="ll-class"><i style="background:{diagnosis.colour}"></i>'
            f"{html.escape(theme.class_name(code))} · {kind}</p>"
            f"<p>{html.escape(diagnosis.plain)}</p>{looks}"
            f'<dl class="ll-facts" style="margin-top:0.9rem">{rows}</dl>'
        )


def _plain(value: object) -> str:
    if value is None or value is pd.NA or value != value:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
