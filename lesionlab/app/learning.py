"""The controls of how a network learns: phases, frozen layers, rates; all go into the draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lesionlab.app import controls, drafting
from lesionlab.app.desk import Desk
from lesionlab.app.glossary import term
from lesionlab.app.run_words import OPTIMIZERS
from lesionlab.app.taking import save_draft, taking, with_value
from lesionlab.experiment import Experiment

SCHEDULES = {"constant": "stays the same", "step": "falls in steps", "cosine": "falls smoothly"}
RATES = [m * 10.0**e for e in range(-6, 0) for m in (1, 2, 3, 5)] + [0.1]
MOMENTA = [0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99]
FACTORS = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]
BATCHES = [4, 6, 8, 16, 32, 64, 128]
CLASS_WEIGHTS = {
    "none": "no: each picture counts alike",
    "balanced": "yes: each class counts alike",
    "max": "yes: largest class over this one",
    "sqrt": "half way: rare classes count more, not alike",
}


def choose_phase(desk: Desk) -> int:
    """Which phase the controls below are about; phases can be added and taken away.

    Returns:
        Its number, from 0.
    """
    phases = desk.draft.training.phases
    number = min(int(st.session_state.get("phase-shown", 0)), len(phases) - 1)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(phases) > 1:
            shown = st.segmented_control(
                "Phase",
                list(range(len(phases))),
                key=controls.bind("phase", number),
                format_func=lambda k: f"Phase {k + 1}: {phases[k].epochs} epochs",
                required=True,
                on_change=lambda: st.session_state.update({"phase-shown": st.session_state.phase}),
            )
            number = int(shown or 0)
        if st.button("Add a phase", icon=":material/add:", disabled=len(phases) == 10):
            save_draft(desk, lambda: drafting.with_one_more_phase(desk.draft))
            st.session_state["phase-shown"] = len(phases)
            st.rerun()
        if len(phases) > 1 and st.button("Take this one away", icon=":material/remove:"):
            save_draft(desk, lambda: drafting.without_phase(desk.draft, number, len(phases)))
            st.rerun()
    return number


def choose_frozen(desk: Desk, number: int, num_layers: int) -> None:
    """The freeze slider of a phase."""
    phases = desk.draft.training.phases
    phase = phases[number]

    def change(value: int) -> Experiment:
        frozen = "all" if value == num_layers else value
        return drafting.with_phase(desk.draft, number, len(phases), frozen=frozen)

    st.slider(
        f"First layers that stay frozen, of {num_layers}",
        0,
        num_layers,
        key=controls.bind(f"frozen-{number}", drafting.num_frozen(phase, num_layers)),
        on_change=taking(desk, f"frozen-{number}", change),
        help=term("freezing"),
    )


def choose_learning(desk: Desk, number: int) -> None:
    """How fast a phase learns."""
    phases = desk.draft.training.phases
    phase = phases[number]

    def taken(name: str, convert: Callable[[Any], Any] = lambda v: v) -> Callable[[], None]:
        return taking(
            desk,
            f"{name}-{number}",
            lambda v: drafting.with_phase(desk.draft, number, len(phases), **{name: convert(v)}),
        )

    def key(name: str) -> str:
        return controls.bind(f"{name}-{number}", getattr(phase, name))

    left, middle, right = st.columns(3, gap="medium")
    with left:
        st.select_slider(
            "Learning rate",
            with_value(RATES, phase.learning_rate),
            key=key("learning_rate"),
            format_func=lambda rate: f"{rate:g}",
            on_change=taken("learning_rate"),
            help=term("learning rate"),
        )
        st.select_slider(
            "The new head learns faster by",
            with_value(FACTORS, phase.head_factor),
            key=key("head_factor"),
            format_func=lambda factor: f"{factor:g} times",
            on_change=taken("head_factor"),
            help=term("head"),
        )
    with middle:
        st.number_input(
            "Epochs", 1, 1000, key=key("epochs"), on_change=taken("epochs"), help=term("epoch")
        )
        st.selectbox(
            "Optimizer",
            list(OPTIMIZERS),
            key=key("optimizer"),
            format_func=lambda name: OPTIMIZERS[name],
            on_change=taken("optimizer"),
            help=term("optimizer"),
        )
    with right:
        st.selectbox(
            "The learning rate",
            list(SCHEDULES),
            key=key("schedule"),
            format_func=lambda name: SCHEDULES[name],
            on_change=taken("schedule"),
        )
        if phase.schedule == "step":
            st.number_input(
                "A step after so many epochs",
                1,
                1000,
                key=key("step_epochs"),
                on_change=taken("step_epochs"),
            )
        if phase.optimizer == "sgd":
            st.select_slider(
                "Momentum",
                with_value(MOMENTA, phase.momentum),
                key=key("momentum"),
                on_change=taken("momentum"),
            )


def choose_training(desk: Desk) -> None:
    """What holds for all phases."""
    training = desk.draft.training

    def taken(name: str) -> Callable[[], None]:
        return taking(
            desk, name, lambda v: drafting.changed(desk.draft, training={name: v or None})
        )

    left, middle, right = st.columns(3, gap="medium")
    with left:
        st.select_slider(
            "Pictures in a batch",
            with_value(BATCHES, training.batch_size),
            key=controls.bind("batch_size", training.batch_size),
            on_change=taken("batch_size"),
            help=term("batch"),
        )
    with middle:
        st.selectbox(
            "Make up for rare classes",
            list(CLASS_WEIGHTS),
            key=controls.bind("class_weights", training.class_weights),
            format_func=lambda name: CLASS_WEIGHTS[name],
            on_change=taken("class_weights"),
        )
    with right:
        st.number_input(
            "Stop after so many epochs without gain",
            min_value=1,
            max_value=1000,
            value=None,  # or it could not be emptied again
            key=controls.bind("patience", training.patience),
            on_change=taken("patience"),
            placeholder="never",
            help=term("early stopping"),
        )
