"""What stands above all sections of the Look inside page: the choice of a model and a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lesionlab.app import asked, caches, chosen, controls, own_picture
from lesionlab.app.desk import Desk
from lesionlab.app.inside.look import Look
from lesionlab.images.preprocess import Preprocessing

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset


def choose(desk: Desk) -> Look:
    """Let the reader choose; says what is missing and ends the page where there is nothing."""
    reference = chosen.choose_result(desk)
    with controls.sentences(foot=True):
        description = caches.result(reference).description
    controls.need(
        description is not None,
        "This run has no model yet: it is still learning, or it was stopped.",
        "pages/5_training.py",
        desk,
    )
    content, digest = own_picture.picture_file_in_use(desk)
    own = st.session_state.get("picture-source") == "own"
    found = None if own else controls.current_dataset(desk)
    if not asked.service_awake(reference):
        controls.end_page()
    settings = Preprocessing.model_validate(description["experiment"]["preprocessing"])
    with controls.sentences(foot=True):
        prepared = asked.as_seen(content, settings)
    return Look(
        reference=reference,
        description=description,
        preprocessing=settings,
        content=content,
        digest=digest,
        prepared=prepared,
        image_id=None if found is None else _image_id(desk, found),
        drawn=found is not None and found.drawn,
    )


def _image_id(desk: Desk, found: Dataset) -> str:
    """The picture that `controls.choose_picture` shows: the desk's, else the first one."""
    row = caches.row_of(found, desk.image)
    if row is None:
        row = int(next(iter(caches.class_rows(found).values()))[0])
    return str(found.table["image_id"].iat[row])
