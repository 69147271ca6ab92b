"""What stands above all sections of the Look inside page: the choice of a model and a picture."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from lesionlab.app import asked, caches, chosen, controls, own_picture, pictures, theme
from lesionlab.app.desk import Desk
from lesionlab.app.inside.look import Look
from lesionlab.images.preprocess import Preprocessing

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset


def choose(desk: Desk) -> Look:
    """Let the reader choose; says what is missing and ends the page where there is nothing."""
    left, right = st.columns([5, 1], gap="medium")
    with left:
        reference = chosen.choose_result(desk)
    with controls.sentences(foot=True):
        description = caches.result(reference).description
    controls.need(
        description is not None,
        "This run has no model yet: it is still learning, or it was stopped.",
        "pages/5_training.py",
        desk,
    )
    with left:
        content, digest = own_picture.picture_file_in_use(desk)
    own = st.session_state.get("picture-source") == "own"
    found = None if own else controls.current_dataset(desk)
    if not asked.service_awake(reference):
        controls.end_page()
    settings = Preprocessing.model_validate(description["experiment"]["preprocessing"])
    with controls.sentences(foot=True):
        prepared = asked.as_seen(content, settings)
    image_id = None if found is None else _image_id(desk, found)
    with right:
        label = "" if found is None else _label(found, image_id)
        words = f"As the network gets it: {prepared.shape[0]}×{prepared.shape[1]} pixels."
        words += f" Known to be: {label}." if label else ""
        st.html(small_picture(prepared, "The picture", words))
    return Look(
        reference=reference,
        description=description,
        preprocessing=settings,
        content=content,
        digest=digest,
        prepared=prepared,
        image_id=image_id,
        drawn=found is not None and found.drawn,
    )


def small_picture(image: np.ndarray, alt: str, words: str) -> str:
    """HTML of a small picture; its words stand beside it, or below it in a narrow column."""
    return (
        '<figure class="ll-figure" style="display:flex;flex-wrap:wrap;gap:0.3rem 0.9rem">'
        f'<img src="{pictures.data_address(image, 320)}" alt="{html.escape(alt)}" '
        'style="width:auto;flex:1 1 7rem;min-width:7rem;max-width:10.5rem">'
        f'<figcaption style="flex:1 1 9rem">{html.escape(words)}</figcaption></figure>'
    )


def _label(found: Dataset, image_id: str | None) -> str:
    row = None if image_id is None else caches.row_of(found, image_id)
    return "" if row is None else theme.class_name(str(found.table["diagnosis"].iat[row]))


def _image_id(desk: Desk, found: Dataset) -> str:
    """The picture that `controls.choose_picture` shows: the desk's, else the first one."""
    row = caches.row_of(found, desk.image)
    if row is None:
        row = int(next(iter(caches.class_rows(found).values()))[0])
    return str(found.table["image_id"].iat[row])
