"""What the first lessons ask the service for while nothing is trained yet, kept between reruns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from lesionlab import settings
from lesionlab.app.caches import stamp

if TYPE_CHECKING:
    from lesionlab.experiment import Experiment


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
