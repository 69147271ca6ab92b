"""What the sections ask the model service for, kept between reruns: small pictures, and few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from lesionlab.app import pictures
from lesionlab.experiment import Augmentation
from lesionlab.images.preprocess import Preprocessing

if TYPE_CHECKING:
    from lesionlab.app.augmentation.repeated import Repeated

TILE_PIXELS = 240


@dataclass(frozen=True)
class Shown:
    """The picture that the lesson works on.

    Attributes:
        content: The file's bytes; `digest` is what they are told apart by.
        plain: As the network gets it unchanged, uint8 `(h, w, 3)`.
        preprocessing: How the experiment prepares pictures.
        code: The class of the picture; "" for the reader's own picture.
    """

    content: bytes
    digest: str
    plain: np.ndarray
    preprocessing: Preprocessing
    code: str

    @property
    def key(self) -> str:
        return f"{self.digest}|{self.preprocessing!r}"

    @property
    def square(self) -> bool:
        return self.plain.shape[0] == self.plain.shape[1]


def class_in_use() -> str:
    """The class of the chosen picture; "" for the reader's own picture."""
    own = st.session_state.get("picture-source") == "own"
    return "" if own else str(st.session_state.get("picture-class", ""))


def most_samples(size: tuple[int, int], wanted: int) -> int:
    """How many samples of this size may be asked for at a time, at most `wanted`."""
    from lesionlab.service.augmenting import MAX_PIXELS

    return min(wanted, MAX_PIXELS // (size[0] * size[1]))


def samples(shown: Shown, augmentation: Augmentation, count: int, seed: int) -> list[bytes]:
    """Pictures changed at random by the training layers, as small JPEGs.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    return _samples(shown, augmentation, f"{shown.key}|{augmentation!r}", count, seed)


@st.cache_resource(show_spinner="The training layers are at work …", max_entries=64)
def _samples(
    _shown: Shown, _augmentation: Augmentation, key: str, count: int, seed: int
) -> list[bytes]:
    from lesionlab.service import client

    return _tiles(client.augment(_augmentation, _shown.preprocessing, _shown.content, count, seed))


def at_values(
    shown: Shown, wanted: Sequence[tuple[str, tuple[float, ...]]], fill: str
) -> list[list[bytes]]:
    """One change at a time at chosen values, by the training layers, as small JPEGs.

    Args:
        wanted: Changes and their values (see `service.client.augment_once`).

    Returns:
        A list of pictures for each change.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    return _at_values(shown, tuple(wanted), fill, shown.key)


@st.cache_resource(show_spinner="The training layers are at work …", max_entries=64)
def _at_values(
    _shown: Shown, wanted: tuple[tuple[str, tuple[float, ...]], ...], fill: str, key: str
) -> list[list[bytes]]:
    from lesionlab.service import client

    return [
        _tiles(client.augment_once(change, values, fill, _shown.preprocessing, _shown.content))
        for change, values in wanted
    ]


def repeated(shown: Shown, augmentation: Augmentation, count: int, seed: int) -> Repeated:
    """One picture as often as an epoch might hold it, and which of the changed ones are equal.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    return _repeated(shown, augmentation, f"{shown.key}|{augmentation!r}", count, seed)


@st.cache_resource(show_spinner="The training layers are at work …", max_entries=32)
def _repeated(
    _shown: Shown, _augmentation: Augmentation, key: str, count: int, seed: int
) -> Repeated:
    from lesionlab.app.augmentation.repeated import compare
    from lesionlab.service import client

    images = client.augment(_augmentation, _shown.preprocessing, _shown.content, count, seed)
    return compare(images, _shown.plain, _tiles(images))


def cost(
    augmentation: Augmentation, preprocessing: Preprocessing, batch: int, turn: int
) -> dict[str, list[float]]:
    """Milliseconds a picture, measured by the service (see `service.client.augment_cost`).

    Args:
        turn: Another one measures again.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    key = f"{augmentation!r}|{preprocessing.size}"
    return _cost(augmentation, preprocessing, key, batch, turn)


# Measured anew after a while: the machine may do other things by then.
@st.cache_data(show_spinner="The clock is running …", max_entries=32, ttl=900)
def _cost(
    _augmentation: Augmentation, _preprocessing: Preprocessing, key: str, batch: int, turn: int
) -> dict[str, list[float]]:
    from lesionlab.service import client

    return client.augment_cost(_augmentation, _preprocessing, batch)


def _tiles(images: np.ndarray) -> list[bytes]:
    return [pictures.encode(image, TILE_PIXELS) for image in images]
