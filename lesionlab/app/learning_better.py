"""More ways to learn better, each off until somebody turns it on; all go into the draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lesionlab.app import chosen, controls, drafting
from lesionlab.app.desk import Desk
from lesionlab.app.glossary import term
from lesionlab.app.taking import taking, with_value
from lesionlab.evaluation.copies import WAYS, WORDS
from lesionlab.experiment import Experiment

DECAYS = [0.0, 0.9, 0.98, 0.99, 0.995, 0.999, 0.9995, 0.9999]
TAUS = [0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0]
SMOOTHINGS = [0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3]
BETAS = [0.0, 0.1, 0.2, 0.4, 0.7, 1.0, 2.0]
WARMUPS = [0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0]
NORMS = [0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0]
FLOORS = [0.0, 0.001, 0.01, 0.05, 0.1, 0.2]
WEIGHTS = [0.1, 0.25, 0.5, 0.75, 0.9, 1.0]
TEMPERATURES = [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0]
KEEP = {
    "loss": "the smallest validation loss",
    "balanced_accuracy": "the best balanced accuracy",
    "last": "the last epoch, whatever it is",
}


def choose_ways(desk: Desk, number: int) -> None:
    """All of them, in an expander.

    Args:
        number: The phase that the controls of the learning rate are about, from 0.
    """
    # The title stays as it is: under another one the browser would close what is open.
    with st.expander("More ways to learn better", icon=":material/tune:"):
        st.markdown(
            "None of them helps everywhere. Turn on **one at a time**, train again, and compare "
            "the two runs."
        )
        st.markdown("**Calmer steps**")
        st.caption("Against a loss that jumps about, and weights that hang on a lucky batch.")
        _choose_steps(desk, number)
        st.markdown("**Pictures and answers**")
        st.caption(
            "Against rare classes that are passed over, answers that are too sure, and learning "
            "by heart."
        )
        _choose_answers(desk)
        st.markdown("**Teachers**")
        st.caption("A small network can learn from larger ones that were trained before.")
        _choose_teachers(desk)
        st.markdown("**When it answers**")
        _choose_test_time(desk)
    used = ways_used(desk.draft, number)
    if used:
        st.caption(f"In use: {', '.join(used)}.")


def ways_used(draft: Experiment, number: int) -> list[str]:
    """The names of those that a draft uses, in a phase and in all of them."""
    training = draft.training
    phase = training.phases[number]
    ways = {
        "warm-up": phase.warmup_epochs,
        "gradient clipping": phase.clip_norm,
        "a lowest learning rate": phase.schedule == "cosine" and phase.final_factor,
        "averaged weights": training.ema_decay,
        f"weights of {KEEP[training.keep]}": training.keep != "loss",
        "logit adjustment": training.logit_adjustment,
        "label smoothing": training.label_smoothing,
        "mixup": training.mixup,
        "CutMix": training.cutmix,
        "teachers": training.distillation.teachers,
        "changed copies when it answers": draft.evaluation.test_time != "none",
    }
    return [name for name, on in ways.items() if on]


def _slider(
    label: str,
    options: list[float],
    key: str,
    value: float,
    change: Callable[[], None],
    help_text: str,
    unit: str = "",
) -> None:
    st.select_slider(
        label,
        with_value(options, value),
        key=controls.bind(key, value),
        format_func=lambda number: f"{number:g}{unit}" if number else "off",
        on_change=change,
        help=help_text,
    )


def _choose_steps(desk: Desk, number: int) -> None:
    training = desk.draft.training
    phase = training.phases[number]

    def taken(name: str, off: Any = 0.0) -> Callable[[], None]:
        return taking(
            desk,
            f"{name}-{number}",
            lambda v: drafting.with_phase(
                desk.draft, number, len(training.phases), **{name: v or off}
            ),
        )

    left, middle, right = st.columns(3, gap="medium")
    with left:
        _slider(
            "Warm-up",
            WARMUPS,
            f"warmup_epochs-{number}",
            phase.warmup_epochs,
            taken("warmup_epochs"),
            f"{term('warm-up')} Good when all layers learn from the start, or with a high "
            "learning rate.",
            " epochs",
        )
    with middle:
        _slider(
            "Longest step (gradient clipping)",
            NORMS,
            f"clip_norm-{number}",
            phase.clip_norm or 0.0,
            taken("clip_norm", None),
            f"{term('gradient clipping')} Good when the loss jumps up now and then.",
        )
    with right:
        if phase.schedule == "cosine":
            _slider(
                "Lowest learning rate, as a share",
                FLOORS,
                f"final_factor-{number}",
                phase.final_factor,
                taken("final_factor"),
                "Where the learning rate ends: so much of it is left. Good when the last epochs "
                "change nothing any more.",
            )
    left, middle, _ = st.columns(3, gap="medium")
    with left:
        _slider(
            "Averaged weights",
            DECAYS,
            "ema_decay",
            training.ema_decay,
            _taken(desk, "ema_decay"),
            f"{term('averaged weights')} With 0.99 the last hundred steps or so count, with 0.999 "
            "the last thousand: no more than a third of all steps is a good beginning.",
        )
    with middle:
        st.selectbox(
            "Keep the weights of",
            list(KEEP),
            key=controls.bind("keep", training.keep),
            format_func=lambda name: KEEP[name],
            on_change=_taken(desk, "keep"),
            help="Which epoch's weights become the model. Balanced accuracy is what counts where "
            "some classes are rare; averaged weights are often best at the end.",
        )


def _choose_answers(desk: Desk) -> None:
    training = desk.draft.training
    left, right = st.columns(2, gap="medium")
    with left:
        _slider(
            "Room for rare classes (logit adjustment)",
            TAUS,
            "logit_adjustment",
            training.logit_adjustment,
            _taken(desk, "logit_adjustment"),
            f"{term('logit adjustment')} With 1 the network answers as if all classes were "
            "equally frequent. Good where some classes are rare, in place of class weights.",
        )
        _slider(
            "Label smoothing",
            SMOOTHINGS,
            "label_smoothing",
            training.label_smoothing,
            _taken(desk, "label_smoothing"),
            f"{term('label smoothing')} Good where some labels may be wrong.",
        )
    with right:
        _slider(
            "Blend two pictures (mixup)",
            BETAS,
            "mixup",
            training.mixup,
            _taken(desk, "mixup"),
            f"{term('mixup')} The higher the number, the more even the blend. Good against "
            "learning by heart; needs more epochs.",
        )
        _slider(
            "Paste a piece of another (CutMix)",
            BETAS,
            "cutmix",
            training.cutmix,
            _taken(desk, "cutmix"),
            f"{term('CutMix')} With 1 every size of the piece is equally likely. Good against "
            "learning by heart; needs more epochs.",
        )
    if training.logit_adjustment and training.class_weights != "none":
        st.info(
            "Class weights and logit adjustment both lift rare classes: together they may lift "
            "them too far.",
            icon=":material/balance:",
        )


def _choose_teachers(desk: Desk) -> None:
    distillation = desk.draft.training.distillation

    def taken(name: str) -> Callable[[], None]:
        def change(value: Any) -> Any:
            values = desk.draft.training.distillation.model_dump(mode="json") | {name: value}
            return drafting.changed(desk.draft, training={"distillation": values})

        return taking(desk, name, change)

    titles = chosen.result_titles(desk)
    titles |= {name: name for name in distillation.teachers if name not in titles}
    st.multiselect(
        "Models to learn from (distillation)",
        list(titles),
        key=controls.bind("teachers", list(distillation.teachers)),
        format_func=lambda name: titles[name],
        on_change=taken("teachers"),
        placeholder="none: it learns from the labels alone",
        max_selections=10,
        help=f"{term('distillation')} The teachers look once at all training pictures, before the "
        "first epoch. They must know the classes of this experiment.",
    )
    if distillation.teachers:
        left, right = st.columns(2, gap="medium")
        with left:
            st.select_slider(
                "Share of the teachers' answers",
                with_value(WEIGHTS, distillation.weight),
                key=controls.bind("weight", distillation.weight),
                format_func=lambda share: f"{share:.0%}",
                on_change=taken("weight"),
                help="The rest of what it learns comes from the labels.",
            )
        with right:
            st.select_slider(
                "Temperature",
                with_value(TEMPERATURES, distillation.temperature),
                key=controls.bind("temperature", distillation.temperature),
                format_func=lambda number: f"{number:g}",
                on_change=taken("temperature"),
                help=f"{term('temperature')} Softer answers also tell which wrong classes a "
                "teacher finds nearly right.",
            )


def _choose_test_time(desk: Desk) -> None:
    st.selectbox(
        "Look at changed copies of a picture too",
        WAYS,
        key=controls.bind("test_time", desk.draft.evaluation.test_time),
        format_func=lambda way: "no" if way == "none" else f"yes: {WORDS[way]}",
        on_change=taking(
            desk,
            "test_time",
            lambda v: drafting.changed(desk.draft, evaluation={"test_time": v}),
        ),
        help=f"{term('test-time augmentation')} It changes nothing while the network learns; "
        "answers take as many times as long.",
    )


def _taken(desk: Desk, name: str) -> Callable[[], None]:
    return taking(desk, name, lambda v: drafting.changed(desk.draft, training={name: v}))
