"""The picture that a lesson works on: one of the data set, or one that the reader uploads."""

from __future__ import annotations

import hashlib

import numpy as np
import streamlit as st

from lesionlab.app import caches, controls
from lesionlab.app.desk import Desk
from lesionlab.images.decode import SUFFIXES

SOURCES = {"set": "From the data set", "own": "My own picture"}
UPLOAD, KEPT = "own-picture", "own-picture-bytes"
TYPES = sorted(suffix[1:] for suffix in SUFFIXES)


def picture_in_use(desk: Desk) -> np.ndarray:
    """Let the reader choose a picture; shows what is wrong and ends the page when there is none.

    Returns:
        uint8 RGB `(h, w, 3)`, read-only.
    """
    return _choose(desk)[0]


def picture_file_in_use(desk: Desk) -> tuple[bytes, str]:
    """The same as a file's bytes, with a digest by which caches tell pictures apart."""
    content = _choose(desk)[1]
    return content, hashlib.sha256(content).hexdigest()


def _choose(desk: Desk) -> tuple[np.ndarray, bytes]:
    source = st.segmented_control(
        "Picture",
        list(SOURCES),
        format_func=lambda key: SOURCES[key],
        default="set",
        required=True,
        key="picture-source",
        persist_state="session",
        label_visibility="collapsed",
    )
    if source == "own":
        return _uploaded()
    found = controls.current_dataset(desk)
    image_id = controls.choose_picture(desk, found)
    controls.drawn_note(found.drawn)
    with controls.sentences(foot=True):
        pixels = caches.picture(found, image_id)
        return pixels, caches.picture_path(found, image_id).read_bytes()


def _keep() -> None:
    # Kept under a key of our own: the uploader forgets when another page is opened (fact 8).
    file = st.session_state[UPLOAD]
    if file is None:
        st.session_state.pop(KEPT, None)
    else:
        st.session_state[KEPT] = file.getvalue()


def _uploaded() -> tuple[np.ndarray, bytes]:
    from lesionlab.images.decode import MAX_BYTES, decode_image

    st.file_uploader(
        "A picture file; it stays on this computer",
        TYPES,
        key=UPLOAD,
        on_change=_keep,
        max_upload_size=MAX_BYTES // 2**20,
    )
    content = st.session_state.get(KEPT)
    if content is None:
        st.info("Upload a picture to go on, or take one of the data set.")
        controls.end_page()
    with controls.sentences(foot=True):
        pixels = decode_image(content)
    pixels.setflags(write=False)
    return pixels, content
