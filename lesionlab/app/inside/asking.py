"""What the sections ask of the model service, kept between reruns: bounded, keyed by content."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lesionlab.app import asked
from lesionlab.app.inside.look import Look


def network_blocks(reference: str) -> dict[str, Any]:
    """The network as blocks with skip connections: see `explain.blocks.network_blocks`.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    return _network_blocks(reference, asked.model_key(reference))


@st.cache_resource(show_spinner="The network is being looked at …", max_entries=16)
def _network_blocks(reference: str, key: str) -> dict[str, Any]:
    from lesionlab.service import client

    return client.network_blocks(reference)


def feature_maps(
    look: Look, layer: str, limit: int, order: str = "activation", start: int = 0
) -> dict[str, Any]:
    """Maps of one layer: see `service.client.feature_maps`.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    return _feature_maps(look.reference, layer, look.content, limit, order, start, _key(look))


# At most 64 maps of 224×224 each: 12 MB an entry.
@st.cache_resource(show_spinner="The network looks at the picture …", max_entries=16)
def _feature_maps(
    reference: str, layer: str, _image: bytes, limit: int, order: str, start: int, key: str
) -> dict[str, Any]:
    from lesionlab.service import client

    return client.feature_maps(reference, layer, _image, limit, order, start)


def one_map_each(
    look: Look, layers: tuple[str, ...], channel: int | None = None
) -> list[dict[str, Any]]:
    """One map of each layer: see `service.client.one_map_each`.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    return _one_map_each(look.reference, layers, look.content, channel, _key(look))


@st.cache_resource(show_spinner="The network looks at the picture …", max_entries=64)
def _one_map_each(
    reference: str, layers: tuple[str, ...], _image: bytes, channel: int | None, key: str
) -> list[dict[str, Any]]:
    from lesionlab.service import client

    return client.one_map_each(reference, list(layers), _image, channel)


def _key(look: Look) -> str:
    return f"{asked.model_key(look.reference)}|{look.digest}"
