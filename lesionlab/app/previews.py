"""What the first lessons ask the service for while nothing is trained yet, kept between reruns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from lesionlab import settings
from lesionlab.app.caches import stamp

if TYPE_CHECKING:
    from lesionlab.experiment import Experiment
    from lesionlab.images.preprocess import Preprocessing


def network_of(experiment: Experiment) -> dict[str, Any]:
    """Layers and parameters of the network that an experiment would build, from the service.

    Only what decides the network is in the key, so that moving the freeze slider or a learning
    rate asks nothing.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    parts = (experiment.model, experiment.data.class_set, experiment.preprocessing.size)
    weights = settings.current().weights
    return _network_of(experiment, f"{parts!r}|{stamp(weights) if weights else ''}")


@st.cache_data(show_spinner="The network is being laid out …", max_entries=32, ttl=900)
def _network_of(_experiment: Experiment, key: str) -> dict[str, Any]:
    from lesionlab.service import client

    return client.describe_experiment(_experiment)


def samples(
    augmentation: Any,
    preprocessing: Preprocessing,
    image: bytes,
    digest: str,
    count: int,
    seed: int,
) -> np.ndarray:
    """Pictures changed by the training layers, uint8 `(count, h, w, 3)`, from the service.

    Args:
        augmentation: lesionlab.experiment.Augmentation.
        image: The file's bytes; `digest` is what they are told apart by.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    key = f"{digest}|{augmentation!r}|{preprocessing!r}"
    return _samples(augmentation, preprocessing, image, key, count, seed)


@st.cache_resource(show_spinner="The training layers are at work …", max_entries=24)
def _samples(
    _augmentation: Any, _preprocessing: Any, _image: bytes, key: str, count: int, seed: int
) -> np.ndarray:
    from lesionlab.service import client

    return client.augment(_augmentation, _preprocessing, _image, count, seed)
