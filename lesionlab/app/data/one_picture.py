"""One picture: what is known of it, what a dermoscopist looks for, and a close look."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from lesionlab.app import controls, theme
from lesionlab.app.data import large, paging
from lesionlab.app.desk import Desk
from lesionlab.app.viewer import viewer
from lesionlab.diagnoses import DIAGNOSES

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset

FACTS = {
    "image_id": "Picture",
    "lesion_id": "Lesion",
    "patient_id": "Patient",
    "age": "Age in years",
    "sex": "Sex",
    "site": "Place on the body",
    "confirmed_by": "Confirmed by",
    "source": "Source",
    "licence": "Licence",
    "attribution": "Made by",
}
KINDS = {True: "cancer or precursor", False: "benign", None: "unknown"}
SEEN = "closely-row"
# How often the keyboard's focus was given back to the gallery.
RETURNS = "closely-returns"
USED_BY = ("pages/2_convolution.py", "pages/3_augmentation.py", "pages/6_look_inside.py")


def show_facts(desk: Desk, found: Dataset, row: int, find: Callable[[str], None]) -> None:
    """The picture in use, beside all that is known of it, and the way to other pages.

    Args:
        find: Called with a lesion's id to look for all pictures of it.
    """
    with controls.sentences(foot=True):
        picture = large.large_picture(found, row)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        controls.picture(picture.jpeg, alt=words(found, row))
        st.button(
            "Look closely", key="look-closely", icon=":material/zoom_in:", on_click=ask_to_open
        )
    with right:
        st.html(facts_html(found, row, picture))
        lesion = found.table["lesion_id"].iat[row]
        if (others := num_of_lesion(found, lesion)) > 1:
            st.button(
                f"Show all {others} pictures of this lesion",
                key="same-lesion",
                icon=":material/content_copy:",
                on_click=find,
                args=(str(lesion),),
            )
    with st.container(horizontal=True, vertical_alignment="center", key="used-by"):
        st.markdown("These lessons go on with this picture:", width="content")
        for path in USED_BY:
            controls.link(path, desk, width="content")


def words(found: Dataset, row: int) -> str:
    """What a screen reader says of a picture."""
    code, image_id = (str(found.table[name].iat[row]) for name in ("diagnosis", "image_id"))
    return f"{theme.class_name(code)}, picture {image_id}"


def num_of_lesion(found: Dataset, lesion: object) -> int:
    """How many pictures show this lesion; 0 where it is not known which one it is."""
    if not _plain(lesion):
        return 0
    return int((found.table["lesion_id"] == lesion).sum())


def facts_html(found: Dataset, row: int, picture: large.LargePicture) -> str:
    """Class, signs and facts of a picture, as HTML."""
    code = str(found.table["diagnosis"].iat[row])
    diagnosis = DIAGNOSES[code]
    facts = {
        label: _plain(found.table[name].iat[row])
        for name, label in FACTS.items()
        if name in found.table
    }
    facts["Size"] = f"{picture.full_height:,}×{picture.full_width:,} pixels (height×width)"
    rows = "".join(
        f"<dt>{label}</dt><dd>{html.escape(text)}</dd>" for label, text in facts.items() if text
    )
    signs = "".join(f"<li>{html.escape(sign)}</li>" for sign in diagnosis.signs)
    looks = f"A dermoscopist looks for:<ul class='ll-signs'>{signs}</ul>" if signs else ""
    return (
        f'<p class="ll-class"><i style="background:{diagnosis.colour}"></i>'
        f"{html.escape(theme.class_name(code))} · {KINDS[diagnosis.malignant]}</p>"
        f"<p>{html.escape(diagnosis.plain)}</p>{looks}"
        f'<dl class="ll-facts" style="margin-top:0.9rem">{rows}</dl>'
    )


def ask_to_open(by_gallery: bool = False) -> None:
    """Have the close look opened when the page is drawn next.

    Args:
        by_gallery: Give the keyboard's focus back to the gallery when it is closed.
    """
    st.session_state["open-closely"] = True
    st.session_state["closely-by-gallery"] = by_gallery


def _closed() -> None:
    if st.session_state.get("closely-by-gallery"):
        st.session_state[RETURNS] = st.session_state.get(RETURNS, 0) + 1


def look_closely(desk: Desk, found: Dataset, rows: np.ndarray, row: int) -> None:
    """Open the close look, if it was asked for.

    Args:
        rows: The pictures that were found, through which one can go on, int `(k,)`.
        row: The picture in use.
    """
    if st.session_state.pop("open-closely", False):
        st.session_state[SEEN] = row
        # Closed, the page is drawn again, for the gallery to frame the picture seen last.
        dialog: Any = st.dialog("Look closely", width="large", on_dismiss=_closed)
        dialog(_close_look)(desk, found, rows)


def _close_look(desk: Desk, found: Dataset, rows: np.ndarray) -> None:
    row = int(st.session_state[SEEN])
    places = np.flatnonzero(rows == row)
    here = int(places[0]) if len(places) else -1

    def step(by: int) -> None:
        place = (here + by) % len(rows)
        new = int(rows[place])
        st.session_state[SEEN] = new
        paging.show_row("gallery", place)
        with controls.sentences():
            desk.save(image=str(found.table["image_id"].iat[new]))

    with controls.sentences():
        picture = large.large_picture(found, row)
        outline = large.outline(found, row)
    left, right = st.columns([7, 4], gap="medium")
    with left:
        viewer(
            picture.jpeg,
            picture.width,
            picture.height,
            alt=words(found, row),
            key="viewer",
            outline=outline.png if outline else None,
        )
        if (picture.width, picture.height) != (picture.full_width, picture.full_height):
            st.caption(
                f"Shown at {picture.height:,}×{picture.width:,} pixels; the file has "
                f"{picture.full_height:,}×{picture.full_width:,}."
            )
        if outline:
            st.caption(f"The outlined lesion covers {outline.share:.0%} of the picture.")
    with right:
        with st.container(horizontal=True, vertical_alignment="center"):
            for name, by in (("Back", -1), ("Next", 1)):
                st.button(
                    name,
                    key=f"closely-{name.lower()}",
                    on_click=step,
                    args=(by,),
                    disabled=not len(rows),
                )
            if here >= 0:
                st.caption(f"{here + 1:,} of {len(rows):,}", width="content")
        st.html(facts_html(found, row, picture))


def _plain(value: Any) -> str:
    import pandas as pd

    if value is None or value is pd.NA or value != value:
        return ""
    return f"{float(value):g}" if isinstance(value, float | np.floating) else str(value)
