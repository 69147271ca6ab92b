"""Parts of the Predict page: the picture, the tick for drawn ones, the answer and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from lesionlab.app import (
    answers,
    asked,
    caches,
    chosen,
    controls,
    misses,
    model_words,
    pictures,
    theme,
)
from lesionlab.app.desk import Desk
from lesionlab.app.own_picture import TYPES
from lesionlab.data.leaks import may_share
from lesionlab.evaluation import copies
from lesionlab.evaluation.thresholds import SUSPICIONS

NO_DIAGNOSIS_HTML = (
    "This is an exercise, <strong>not a diagnosis</strong>, and lesionlab is <strong>not a medical "
    "device</strong>. Whatever it says, show a changing or worrying spot to a doctor."
)
SOURCES = {"own": "My own picture", "set": "An example from the data set"}
UPLOAD = "predict-upload"
KEPT = "predict-picture"
WORDS_OF_PART = {
    "train": "This picture was in the **training part**: the model has learned from it, so its "
    "answer proves nothing.",
    "validation": "This picture was in the **validation part**, on which the best weights, the "
    "temperature and the thresholds were chosen.",
    "test": "This picture was in the **test part**: the model has never seen it.",
}


@dataclass(frozen=True)
class Picture:
    """A picture to be judged.

    Attributes:
        content: Bytes of the file.
        pixels: uint8 RGB `(h, w, 3)`.
        name: What its owner or the data set calls it.
        data: Name of the data set that it comes from, or None for an upload.
        drawn: Whether it comes from a drawn data set.
        truth: The class that the data set names, or None.
        citation: Of the data set.
    """

    content: bytes
    pixels: np.ndarray
    name: str
    data: str | None = None
    drawn: bool = False
    truth: str | None = None
    citation: str = ""


def choose(desk: Desk) -> Picture:
    """Let the reader upload a picture or take an example; ends the page when there is none."""
    source = st.segmented_control(
        "Picture",
        list(SOURCES),
        format_func=lambda key: SOURCES[key],
        default="own" if KEPT in st.session_state else "set",
        required=True,
        key="predict-source",
        persist_state="session",
        label_visibility="collapsed",
    )
    if source == "own":
        return _uploaded()
    found = controls.current_dataset(desk)
    image_id = controls.choose_picture(desk, found, "Example")
    row = caches.row_of(found, image_id)
    with controls.sentences():
        return Picture(
            caches.picture_path(found, image_id).read_bytes(),
            caches.picture(found, image_id),
            image_id,
            found.name,
            found.drawn,
            None if row is None else str(found.table["diagnosis"].iat[row]),
            found.citation,
        )


def _keep() -> None:
    # Kept under a key of our own: the uploader forgets when another page is opened (fact 8).
    file = st.session_state[UPLOAD]
    if file is None:
        st.session_state.pop(KEPT, None)
    else:
        st.session_state[KEPT] = (file.name, file.getvalue())


def _uploaded() -> Picture:
    from lesionlab.images.decode import MAX_BYTES, decode_image

    st.file_uploader(
        "A picture of one lesion, best taken through a dermatoscope; it stays on this computer",
        TYPES,
        key=UPLOAD,
        on_change=_keep,
        max_upload_size=MAX_BYTES // 2**20,
        help="It is kept in memory only: when the page is refreshed, it is forgotten.",
    )
    kept = st.session_state.get(KEPT)
    if kept is None:
        st.markdown("Upload a picture, or take an example from the data set.")
        controls.end_page()
    name, content = kept
    with controls.sentences(foot=True):
        return Picture(content, decode_image(content), name)


def drawn_tick(picture: Picture, model_is_drawn: bool) -> bool:
    """Whether the picture is a drawn example: known for a data set's, else the reader says so."""
    if picture.data is not None:
        controls.drawn_note(picture.drawn)
        return picture.drawn
    if not model_is_drawn:
        return False
    return st.checkbox(
        "This is a drawn example",
        # Said of this picture, not of the next one.
        key=f"drawn-example-{asked.digest(picture.content)}",
        help="This model has only seen drawings, so it does not answer for photographs.",
    )


def way_out(picture: Picture) -> str:
    """What to do where a model that has only seen drawings stays silent."""
    photographs = "To ask about photographs, choose a model that has learned from photographs."
    if picture.data is not None:
        return f"Take an example from a drawn data set. {photographs}"
    return f"If the picture **is** a drawn example, tick the box above. {photographs}"


def offer_other_model(picture: Picture, desk: Desk, reference: str) -> None:
    """Where a model of drawings stays silent: what to do, and a button for the other model."""
    st.markdown(way_out(picture))
    other = chosen.default_model(drawn=False)
    if picture.drawn or other in (None, reference) or caches.result(str(other)).drawn:
        return
    st.button(
        f"Ask a model of photographs: {model_words.literal(caches.result(str(other)).title)}",
        icon=":material/photo_camera:",
        key="ask-other-model",
        on_click=lambda: desk.save(run=other),
    )


def say_other_kind(picture: Picture, model_is_drawn: bool) -> None:
    """Say that a model of photographs is asked about a drawing."""
    if picture.drawn and not model_is_drawn:
        st.warning(
            "This model has learned from photographs, and this picture is drawn. Its answer says "
            "nothing about either.",
            icon=":material/front_hand:",
        )


def show_picture(picture: Picture, answer: dict[str, Any]) -> None:
    """The picture, with its heat map over it if there is one and it is wished."""
    heat, shown, scale = answer["heat_map"], picture.pixels, ""
    alt = f"The picture {picture.name}"
    caption = f"{picture.name}, {answer['height']}×{answer['width']} pixels"
    if picture.truth:
        caption += f". The data set says: {theme.class_name(picture.truth)}"
    image = pictures.at_most(shown, 640)
    if heat is not None:
        wished = st.toggle("Heat map", value=True, key="heat-map", persist_state="session")
        if wished:
            image = answers.overlay(image, heat)
            alt += f" under a heat map that is brightest at the {answers.hottest_place(heat)}"
            scale = pictures.scale_html(answers.HEAT, "did not matter", "", "spoke most for it")
    controls.picture(image, alt=alt, caption=caption, scale=scale)
    if heat is not None:
        st.caption(
            "The heat map shows which places spoke for the likeliest class. It does not show where "
            "a cancer is, and a model may look at the right place for a wrong reason."
        )


def show_quality(quality: dict[str, Any]) -> None:
    """What is wrong with the picture itself, or that nothing is."""
    for warning in quality["warnings"]:
        st.markdown(f":material/warning: {warning}")
    if not quality["warnings"]:
        st.markdown(":material/check: Sharp enough and well lit.")
    st.caption(f"Sharpness {quality['sharpness']:.2f}, exposure {quality['exposure']:.2f}.")


def show_answer(answer: dict[str, Any]) -> None:
    """Careful words, then the bars."""
    for sentence in answers.sentences(answer):
        st.markdown(sentence)
    probabilities = answer["probabilities"]
    controls.figure(
        answers.probability_figure(probabilities),
        alt=f"Probabilities, the likeliest first: {answers.in_words(probabilities, 9)}.",
        caption="The probabilities of all classes sum to 100 %. They say how sure the model is "
        "among the classes that it knows, not how likely a disease is.",
        key="probabilities",
    )


def show_misses(evaluation: dict[str, Any] | None, drawn: bool) -> None:
    """How often this model misses a melanoma, in frequencies of 100.

    Args:
        evaluation: The model's own evaluation.json, if it has one.
        drawn: Whether the model has only seen drawings.
    """
    known = [misses.misses(evaluation, name) for name in ("mel", "malignant")]
    measured = [found for found in known if found is not None]
    case = SUSPICIONS["malignant"] if measured and measured[0].name != "mel" else "a melanoma"
    with st.container(border=True, key="misses"):
        st.markdown(f"**How often this model misses {case}**")
        if not measured:
            st.markdown("Nobody has measured this for this model. Do not rely on its silence.")
            return
        if measured[0].num_cases >= misses.LEAST_CASES:
            st.html(misses.array_html(measured[0]))
        words = [misses.sentence(found, drawn) for found in measured]
        words += [misses.false_alarms(evaluation, drawn), misses.chosen_note(measured)]
        if not drawn:
            words.append(misses.elsewhere(evaluation))
        for sentences in filter(None, words):
            st.markdown(sentences)


def show_way(description: dict[str, Any]) -> None:
    """Say where an answer is the mean over several copies of the picture."""
    way = description["experiment"]["evaluation"]["test_time"]
    if way != "none":
        st.markdown(f"Its answer is {copies.WORDS[way]}; the heat map is of the picture as it is.")


def show_seen(picture: Picture, reference: str, model: dict[str, Any]) -> None:
    """Whether the model has met this picture while learning."""
    learned = model.get("data") or {}
    if picture.data is None or not may_share(
        picture.data, picture.citation, picture.drawn, learned
    ):
        return
    own = picture.data == learned.get("name")
    parts = _parts(reference, asked.model_key(reference)) if own else {}
    sentence = WORDS_OF_PART.get(parts.get(picture.name, ""))
    st.markdown(sentence or "The model may have learned from this very picture.")


@st.cache_data(show_spinner=False, max_entries=8)
def _parts(reference: str, key: str) -> dict[str, str]:
    """image_id -> part of the run's own split; empty for a model that came without one."""
    from lesionlab.errors import JobError
    from lesionlab.jobs import runs

    try:
        split = runs.open_run(reference).split
    except JobError:
        # A model that was shipped or imported: its split stayed where it was trained.
        return {}
    if not isinstance(split, pd.DataFrame):
        return {}
    return dict(zip(split["image_id"].astype(str), split["part"].astype(str), strict=True))
