"""What the sections on the answer ask of the service, and may ask; kept between reruns."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from lesionlab.app import asked, caches, controls
from lesionlab.app.desk import Desk
from lesionlab.app.inside.look import Look
from lesionlab.app.theme import class_name
from lesionlab.evaluation import copies

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset
    from lesionlab.images.preprocess import Preprocessing
    from lesionlab.images.spoil import Spoil


def allowed(look: Look) -> tuple[dict[str, Any], bool]:
    """The model's answer; says why and ends the page where it gives none.

    The service holds the rule that a model of drawings judges no photograph; the reader may say
    that an own picture is a drawn example.

    Returns:
        The answer as `service.client.predict` gives it, and whether the picture counts as drawn.
    """
    drawn = look.drawn
    own = look.image_id is None
    if own and look.description["drawn"]:
        drawn = st.checkbox(
            "This is a drawn example",
            # Said of this picture, not of the next one.
            key=f"drawn-example-{look.digest}",
            persist_state="session",
            help="This model has only seen drawings, so it does not answer for photographs.",
        )
    with controls.sentences(foot=True):
        # The sections follow the picture as it is through the network, so its answer is told too.
        answer = asked.predict(look.reference, look.content, drawn, test_time="none")
    if answer["abstain"]:
        st.warning(answer["abstain"], icon=":material/front_hand:")
    if not answer["probabilities"]:
        st.markdown(
            "If the picture **is** a drawn example, tick the box above."
            if own
            else "Take a picture from a drawn data set, or a model that has learned from "
            "photographs."
        )
        controls.end_page()
    own_way = look.description["experiment"]["evaluation"]["test_time"]
    if own_way != "none":
        st.caption(
            "Here you see what the network makes of the picture as it is. On the page Predict "
            f"this model answers with {copies.WORDS[own_way]}, so its numbers differ a little."
        )
    return answer, drawn


def choose_class(look: Look, answer: dict[str, Any]) -> str:
    """A choice among the model's classes, the likeliest first for each new picture."""
    shares = answer["probabilities"]
    code = st.selectbox(
        "Class",
        sorted(shares, key=lambda code: -shares[code]),
        key=controls.bind_once("inside-class", answer["predicted"], (look.reference, look.digest)),
        format_func=lambda code: f"{class_name(code)} · {shares[code]:.1%}",
        persist_state="session",
    )
    return str(code)


def _key(look: Look) -> str:
    return f"{asked.model_key(look.reference)}|{look.digest}"


def end_numbers(look: Look, drawn: bool) -> dict[str, np.ndarray]:
    """See `service.explaining.end_numbers`.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    return _end_numbers(look.reference, look.content, drawn, _key(look))


@st.cache_resource(show_spinner=False, max_entries=16)
def _end_numbers(reference: str, _image: bytes, drawn: bool, key: str) -> dict[str, np.ndarray]:
    from lesionlab.service import explaining_client

    return explaining_client.end_numbers(reference, _image, drawn)


def heat_maps(
    look: Look, code: str, layer: str, drawn: bool, draws: int = 0, redrawn: int = 3
) -> dict[str, np.ndarray]:
    """See `service.explaining.heat_maps`.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    return _heat_maps(look.reference, look.content, code, layer, drawn, draws, redrawn, _key(look))


@st.cache_resource(show_spinner="The network looks at the picture …", max_entries=48)
def _heat_maps(
    reference: str,
    _image: bytes,
    code: str,
    layer: str,
    drawn: bool,
    draws: int,
    redrawn: int,
    key: str,
) -> dict[str, np.ndarray]:
    from lesionlab.service import explaining_client

    return explaining_client.heat_maps(reference, _image, code, layer, drawn, draws, redrawn)


def spoiled(
    look: Look, settings: Spoil, first: int, count: int, drawn: bool
) -> dict[str, np.ndarray]:
    """See `service.explaining.spoiled_answers`; large pictures are made smaller first.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    piece = _workpiece(look.content, look.digest)
    key = f"{_key(look)}|{settings!r}"
    return _spoiled(look.reference, piece, settings, first, count, drawn, key)


@st.cache_resource(show_spinner=False, max_entries=24)
def _spoiled(
    reference: str,
    _image: bytes,
    _settings: Spoil,
    first: int,
    count: int,
    drawn: bool,
    key: str,
) -> dict[str, np.ndarray]:
    from lesionlab.service import explaining_client

    return explaining_client.spoiled_answers(reference, _image, _settings, first, count, drawn)


def marked(look: Look, settings: Spoil, seed: int) -> tuple[bytes, tuple[int, int]]:
    """The picture with its marks before it is made ready for the network.

    Returns:
        A JPEG, and height and width of the picture on which the marks were drawn.
    """
    piece = _workpiece(look.content, look.digest)
    return _marked(piece, settings, seed, f"{look.digest}|{settings!r}")


@st.cache_resource(show_spinner=False, max_entries=24)
def _marked(_piece: bytes, _settings: Spoil, seed: int, key: str) -> tuple[bytes, tuple[int, int]]:
    from lesionlab.app import pictures
    from lesionlab.images.decode import decode_image
    from lesionlab.images.spoil import spoil

    image = spoil(decode_image(_piece), _settings, seed)
    return pictures.encode(image), (image.shape[0], image.shape[1])


@st.cache_resource(show_spinner=False, max_entries=8)
def _workpiece(_content: bytes, digest: str) -> bytes:
    """The picture as marks are drawn on it: itself, or a copy of at most 800 pixels a side."""
    from lesionlab.app import pictures
    from lesionlab.images.decode import decode_image
    from lesionlab.images.preprocess import LEAST_SIDE, reduce_to

    image = decode_image(_content)
    if max(image.shape[:2]) <= LEAST_SIDE:
        return _content
    return pictures.encode(reduce_to(image, LEAST_SIDE), LEAST_SIDE, exact=True)


def lesion_mask(desk: Desk, look: Look) -> np.ndarray | None:
    """Where the lesion is on the prepared picture, bool `(h, w)`; None where nobody knows."""
    if look.image_id is None:
        return None
    return _mask(controls.current_dataset(desk), look.image_id, look.preprocessing)


@lru_cache(maxsize=16)
def _mask(found: Dataset, image_id: str, preprocessing: Preprocessing) -> np.ndarray | None:
    from lesionlab.errors import PictureError
    from lesionlab.images.decode import read_image
    from lesionlab.images.heat import prepared_mask

    row = caches.row_of(found, image_id)
    if row is None or "mask" not in found.table:
        return None
    name = found.table["mask"].iat[row]
    if not isinstance(name, str) or not name:
        return None
    try:
        mask = read_image(found.folder / name)[..., 0]
    except PictureError:
        return None
    return prepared_mask(mask, caches.picture(found, image_id), preprocessing)
