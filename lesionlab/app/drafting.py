"""Changing a draft, and what follows from it: which layers learn, and how fast. No page here."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lesionlab import experiment as experiments
from lesionlab.data.sources.words import count
from lesionlab.errors import ExperimentError
from lesionlab.experiment import Experiment, Network, Phase


def changed(draft: Experiment, **parts: dict[str, Any]) -> Experiment:
    """The draft with some values of some parts changed: `changed(draft, model={"alpha": 0.5})`.

    Raises:
        ExperimentError: A value is out of range; the sentence names it.
    """
    values = draft.model_dump(mode="json", exclude_none=True)
    for part, news in parts.items():
        values[part] = {**values[part], **news}
    return experiments.parse(values)


def on_data(draft: Experiment, name: str) -> Experiment:
    """The draft with another data set, and all else as it is."""
    return draft.model_copy(update={"data": draft.data.model_copy(update={"name": name})})


def with_phase(
    draft: Experiment, number: int, num_phases: int | None = None, **news: Any
) -> Experiment:
    """The draft with values of one phase changed.

    Args:
        num_phases: How many there were where the change was made: another tab may have added or
            taken away some, and then nobody knows which one is meant.

    Raises:
        ExperimentError: A value is out of range, or the phases are others.
    """
    phases = _phases_with(draft, number, num_phases)
    phases[number] |= news
    return changed(draft, training={"phases": phases})


def with_one_more_phase(draft: Experiment) -> Experiment:
    """The draft with a copy of its last phase at the end, in which all layers learn.

    Raises:
        ExperimentError: It has as many phases as there may be.
    """
    phases = _phases_with(draft, 0)
    return changed(draft, training={"phases": [*phases, {**phases[-1], "frozen": 0}]})


def without_phase(draft: Experiment, number: int, num_phases: int | None = None) -> Experiment:
    """The draft without one of its phases.

    Raises:
        ExperimentError: There is no such phase, or no other, or the phases are others.
    """
    phases = _phases_with(draft, number, num_phases)
    del phases[number]
    return changed(draft, training={"phases": phases})


def _phases_with(
    draft: Experiment, number: int, num_phases: int | None = None
) -> list[dict[str, Any]]:
    """The phases as a file has them; `number` has to be one of them, counted from 0."""
    phases = [phase.model_dump(mode="json") for phase in draft.training.phases]
    if number >= len(phases) or num_phases not in (None, len(phases)):
        raise ExperimentError(
            f"Expected a change of one of the {count(len(phases), 'phase')} of the experiment.",
            "Phases were added or taken away in another tab, so nothing was changed.",
            "Look at the phases as they are now, and change it again.",
        )
    return phases


def with_network(draft: Experiment, network: str) -> Experiment:
    """The draft with another network, and weights that it can have."""
    weights = "random" if network == "small-cnn" else "imagenet"
    return changed(draft, model={"network": network, "weights": weights})


def with_weights(draft: Experiment, weights: str, theirs: Network | None = None) -> Experiment:
    """The draft that starts from these weights.

    Args:
        weights: As in `Network`.
        theirs: The network of a model of ours; the draft takes over what has to be the same.
    """
    same = {} if theirs is None else {"network": theirs.network, "alpha": theirs.alpha}
    return changed(draft, model={"weights": weights, **same})


def num_frozen(phase: Phase, num_layers: int) -> int:
    """How many of `num_layers` backbone layers stay as they are in a phase."""
    if phase.frozen == "all":
        return num_layers
    return max(0, num_layers + phase.frozen) if phase.frozen < 0 else min(phase.frozen, num_layers)


def freezing_table(layers: list[dict[str, Any]], network: Network, phase: Phase) -> pd.DataFrame:
    """Which layers learn in a phase, and how many parameters that are.

    Args:
        layers: The service's layer table.

    Returns:
        A row a layer that has parameters: `name`, `kind`, `plain`, `part`, `parameters`, `learns`
        (bool), and `trainable`, the number of parameters that training changes.
    """
    table = pd.DataFrame([row for row in layers if row["parameters"]])
    num_layers = sum(row["part"] == "backbone" for row in layers)
    place = table["index"].astype("Float64").fillna(np.inf).astype(float)
    norms = table["kind"] == "BatchNormalization"
    learns = place >= num_frozen(phase, num_layers)
    if network.batchnorm == "frozen":
        learns &= ~norms
    # Half of a batch normalisation's numbers are averages, which are kept and not learned.
    learned = table["parameters"].where(~norms, table["parameters"] // 2)
    table["learns"] = learns
    table["trainable"] = learned.where(learns, 0)
    return table[["name", "kind", "plain", "part", "parameters", "learns", "trainable"]]


def rates(draft: Experiment, points: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The learning rate along all phases.

    Args:
        points: So many an epoch at most; fewer in long trainings.

    Returns:
        Epochs from 0, the head's rate and the rate of the layers before it, each `(n,)`. The last
        is not a number where all layers before the head are frozen.
    """
    fine = max(2, min(points, 2000 // draft.training.epochs))
    epochs, heads, bodies, start = [], [], [], 0
    for phase in draft.training.phases:
        inside = np.arange(phase.epochs * fine) / fine
        rate = phase.learning_rate * schedule(phase, inside)
        epochs.append(start + inside)
        heads.append(rate * phase.head_factor)
        bodies.append(np.full_like(rate, np.nan) if phase.frozen == "all" else rate)
        start += phase.epochs
    return np.concatenate(epochs), np.concatenate(heads), np.concatenate(bodies)


def schedule(phase: Phase, epochs: np.ndarray) -> np.ndarray:
    """What the learning rate is multiplied by, at places within a phase.

    Args:
        epochs: Places in epochs from the phase's start, `(n,)`.
    """
    warmup = phase.warmup_epochs
    factor = np.ones_like(epochs)
    if phase.schedule == "step":
        factor = phase.step_factor ** np.floor(epochs / phase.step_epochs)
    elif phase.schedule == "cosine" and warmup < phase.epochs:
        done = np.clip((epochs - warmup) / (phase.epochs - warmup), 0, 1)
        fall = 0.5 * (1 + np.cos(np.pi * done))
        factor = phase.final_factor + (1 - phase.final_factor) * fall
    return np.where(epochs < warmup, epochs / warmup, factor) if warmup else factor
