"""What the model service answers, kept between reruns, and a sentence while it wakes up."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import numpy as np
import streamlit as st

from lesionlab import settings
from lesionlab.app import caches
from lesionlab.evaluation.copies import TestTime
from lesionlab.images.preprocess import Preprocessing

AWAKE, WARMED = "service-awake", "model-warmed"
POLL_SECONDS, LONGEST_SECONDS = 0.25, 60.0


def service_awake(reference: str | None = None) -> bool:
    """Whether the service can be asked; started and waited for, where it sleeps.

    Args:
        reference: A model to load meanwhile, so that its first answer comes quickly.

    The page waits here rather than being drawn again by a timer: a browser that asks for a rerun
    by itself sends the old values of widgets that the server has just set anew.
    """
    from lesionlab.service import client

    if st.session_state.get(AWAKE):
        return True
    place = st.empty()
    client.warm(reference)
    until = time.monotonic() + LONGEST_SECONDS
    while not client.ready():
        if time.monotonic() > until:
            place.warning(
                "The network does not wake up. The machine may be busy: try again in a minute.",
                icon=":material/bedtime:",
            )
            return False
        # Drawn anew each time, so that a moved control or another page ends the waiting.
        place.info("The network is waking up: some seconds, once.", icon=":material/bedtime:")
        time.sleep(POLL_SECONDS)
    place.empty()
    st.session_state[AWAKE] = True
    return True


def warm_ahead(reference: str | None) -> None:
    """Load the chosen model in the background, once a session, before it is asked something."""
    from lesionlab.service import client

    if reference is None or st.session_state.get(WARMED) == reference:
        return
    if any((place / "manifest.json").is_file() for place in settings.bundle_places(reference)):
        st.session_state[WARMED] = reference
        client.warm(reference)


def model_key(reference: str) -> str:
    """What tells a model from another one that had its name before."""
    places = settings.bundle_places(reference)
    return reference + caches.stamp(*(place / "manifest.json" for place in places))


def digest(image: bytes) -> str:
    """A short name for the bytes of a picture."""
    return hashlib.sha256(image).hexdigest()


def feature_maps(reference: str, layer: str, image: bytes, limit: int) -> dict[str, Any]:
    """The strongest maps of a layer: see `service.client.feature_maps`.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    return _feature_maps(reference, layer, image, limit, f"{model_key(reference)}|{digest(image)}")


@st.cache_resource(show_spinner="The network looks at the picture …", max_entries=16)
def _feature_maps(
    reference: str, layer: str, _image: bytes, limit: int, key: str
) -> dict[str, Any]:
    from lesionlab.service import client

    return client.feature_maps(reference, layer, _image, limit)


def predict(
    reference: str, image: bytes, drawn_confirmed: bool, test_time: TestTime | None = None
) -> dict[str, Any]:
    """A model's answer about a picture with its heat map: see `service.client.predict`.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    key = f"{model_key(reference)}|{digest(image)}"
    return _predict(reference, image, drawn_confirmed, test_time, key)


@st.cache_resource(show_spinner="The network looks at the picture …", max_entries=32)
def _predict(
    reference: str, _image: bytes, drawn_confirmed: bool, test_time: TestTime | None, key: str
) -> dict[str, Any]:
    from lesionlab.service import client

    return client.predict(
        reference, _image, drawn_confirmed=drawn_confirmed, heat_map=True, test_time=test_time
    )


def as_seen(image: bytes, preprocessing: Preprocessing) -> np.ndarray:
    """A picture as a network gets it, uint8 RGB `(height, width, 3)`.

    Raises:
        PictureError: The file cannot be read.
    """
    return caches.prepared(image, digest(image), preprocessing)
