"""The controls of the model builder. Each writes its value into the draft at once."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from lesionlab import experiment as experiments
from lesionlab.app import controls, drafting
from lesionlab.app.desk import Desk
from lesionlab.app.glossary import term
from lesionlab.errors import ExperimentError, LesionlabError
from lesionlab.experiment import Experiment

NETWORKS = {
    "small-cnn": "Small network: learns from nothing, quick",
    "mobilenetv2": "MobileNetV2: small and pretrained",
    "resnet50": "ResNet-50: large and pretrained",
}
WEIGHTS = {"imagenet": "A million photographs (ImageNet)", "random": "Random numbers"}
OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}
SCHEDULES = {"constant": "stays the same", "step": "falls in steps", "cosine": "falls smoothly"}
CLASS_WEIGHTS = {
    "none": "no: each picture counts alike",
    "balanced": "yes: each class counts alike",
    "max": "yes: largest class over this one",
}
SIZES = [64, 96, 128, 160, 192, 224, 256, 299]
RATES = [m * 10.0**e for e in range(-6, 0) for m in (1, 2, 3, 5)] + [0.1]
FACTORS = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]
BATCHES = [4, 6, 8, 16, 32, 64, 128]
DROPOUTS = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]

Change = Callable[[Any], Experiment]


def save_draft(desk: Desk, make: Callable[[], Experiment]) -> None:
    """Put a changed draft on the desk; a mistake is shown on the next run of the page."""
    try:
        desk.save(draft=make())
    except LesionlabError as error:
        st.session_state["builder-error"] = error


def show_last_error() -> None:
    """Show the mistake of the last change, once."""
    error = st.session_state.pop("builder-error", None)
    if error is not None:
        controls.show_error(error)


def taking(desk: Desk, key: str, change: Change) -> Callable[[], None]:
    """A callback that puts a widget's new value into the draft."""
    return lambda: save_draft(desk, lambda: change(st.session_state[key]))


def with_value(options: list[Any], value: Any) -> list[Any]:
    """The options with `value` among them: a file may hold one that no slider offers."""
    # 3 * 10.0**-3 is not 0.003: an option that is the same but for rounding gives way.
    others = [option for option in options if not math.isclose(option, value, rel_tol=1e-9)]
    return sorted([*others, value])


def rename(draft: Experiment, title: str) -> Experiment:
    """The draft under another title; its name, for files and runs, follows from it."""
    name = re.sub(r"[^a-z0-9]+", "-", title.lower())[:60].strip("-")
    return draft.model_copy(update={"title": title.strip(), "name": name or "experiment"})


def choose_start(desk: Desk) -> None:
    """Lay a recipe out, bring a file in, or take the draft out as a file."""
    left, right = st.columns(2, gap="medium")
    with left:
        name = st.selectbox(
            "Begin with a recipe",
            experiments.recipe_names(),
            index=None,
            placeholder="Your draft stays until you choose one",
            format_func=lambda name: f"{experiments.recipe(name).title} ({name})",
            key="recipe",
        )
        if name:
            recipe = experiments.recipe(name)
            data = recipe.data.model_copy(
                update={"name": desk.draft.data.name, "class_set": desk.draft.data.class_set}
            )
            del st.session_state["recipe"]
            with controls.sentences():
                desk.save(draft=recipe.model_copy(update={"data": data}))
            st.rerun()
    with right:
        st.text_input(
            "Name of the experiment",
            max_chars=80,
            key=controls.bind("title", desk.draft.title or desk.draft.name),
            on_change=taking(desk, "title", lambda title: rename(desk.draft, title)),
        )
    with st.container(horizontal=True):
        st.download_button(
            "Save as a file",
            experiments.to_toml(desk.draft),
            file_name=f"{desk.draft.name}.toml",
            mime="application/toml",
            icon=":material/download:",
            on_click="ignore",
            help="The same file trains on the command line: lesionlab train FILE.toml",
        )
        with st.popover("Open a file", icon=":material/upload:"):
            _take_file(desk)


def _take_file(desk: Desk) -> None:
    upload = st.file_uploader("An experiment, as a TOML file", type=["toml"], key="toml")
    if upload is None:
        return
    content = upload.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    # The uploader keeps its file: it is taken once, or every later change would be undone.
    if st.session_state.get("toml-taken") != digest:
        st.session_state["toml-taken"] = digest
        save_draft(desk, lambda: read_upload(content))
        st.rerun()


def read_upload(content: bytes) -> Experiment:
    """The experiment in an uploaded file.

    Raises:
        ExperimentError: Not text, not TOML, an unknown key or a value out of range.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ExperimentError(
            "Expected a text file in TOML.", "It is no text.", "Choose another file."
        ) from error
    return experiments.from_toml(text)


def choose_network(desk: Desk) -> None:
    """The network, its weights, its input and its head."""
    model, size = desk.draft.model, desk.draft.preprocessing.size

    def change(**news: Any) -> Experiment:
        return drafting.changed(desk.draft, model=news)

    left, right = st.columns(2, gap="medium")
    with left:
        st.selectbox(
            "Network",
            list(NETWORKS),
            key=controls.bind("network", model.network),
            format_func=lambda name: NETWORKS[name],
            on_change=taking(desk, "network", lambda v: drafting.with_network(desk.draft, v)),
        )
        if model.network == "mobilenetv2":
            st.select_slider(
                "Width of its layers",
                [0.35, 0.5, 0.75, 1.0],
                key=controls.bind("alpha", model.alpha),
                on_change=taking(desk, "alpha", lambda v: change(alpha=v)),
                help="Narrow layers are quick and see less.",
            )
        st.select_slider(
            "Pictures are made this large, in pixels",
            with_value(SIZES, size[0]),
            key=controls.bind("size", size[0]),
            on_change=taking(
                desk,
                "size",
                lambda v: drafting.changed(desk.draft, preprocessing={"size": [v, v]}),
            ),
        )
    with right:
        names = dict(WEIGHTS if model.network != "small-cnn" else {"random": WEIGHTS["random"]})
        names |= {
            name: f"My model: {title}" for name, title in controls.result_titles(desk).items()
        }
        names.setdefault(model.weights, model.weights)
        st.selectbox(
            "What it has seen before",
            list(names),
            key=controls.bind("weights", model.weights),
            format_func=lambda name: names[name],
            on_change=taking(desk, "weights", lambda v: change(weights=v)),
            help=term("pretrained"),
        )
        st.select_slider(
            "Dropout before the head",
            with_value(DROPOUTS, model.dropout),
            key=controls.bind("dropout", model.dropout),
            format_func=lambda value: f"{value:.0%}",
            on_change=taking(desk, "dropout", lambda v: change(dropout=v)),
            help="This share of the features is left out at random while learning, so that the "
            "network relies on none of them alone.",
        )
        st.toggle(
            "Batch normalisation stays as it came",
            key=controls.bind("batchnorm", model.batchnorm == "frozen"),
            on_change=taking(
                desk, "batchnorm", lambda v: change(batchnorm="frozen" if v else "train")
            ),
            help="These layers keep averages of what they saw. On few pictures new averages are "
            "worse than the old ones.",
        )


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
            new = phases[-1].model_dump(mode="json")
            both = [phase.model_dump(mode="json") for phase in phases] + [{**new, "frozen": 0}]
            save_draft(desk, lambda: drafting.changed(desk.draft, training={"phases": both}))
            st.session_state["phase-shown"] = len(phases)
            st.rerun()
        if len(phases) > 1 and st.button("Take this one away", icon=":material/remove:"):
            rest = [p.model_dump(mode="json") for k, p in enumerate(phases) if k != number]
            save_draft(desk, lambda: drafting.changed(desk.draft, training={"phases": rest}))
            st.rerun()
    return number


def choose_frozen(desk: Desk, number: int, num_layers: int) -> None:
    """The freeze slider of a phase."""
    phase = desk.draft.training.phases[number]

    def change(value: int) -> Experiment:
        frozen = "all" if value == num_layers else value
        return drafting.with_phase(desk.draft, number, frozen=frozen)

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
    phase = desk.draft.training.phases[number]

    def taken(name: str, convert: Callable[[Any], Any] = lambda v: v) -> Callable[[], None]:
        return taking(
            desk,
            f"{name}-{number}",
            lambda v: drafting.with_phase(desk.draft, number, **{name: convert(v)}),
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
            st.slider(
                "Momentum", 0.0, 0.99, step=0.01, key=key("momentum"), on_change=taken("momentum")
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
            key=controls.bind("patience", training.patience),
            on_change=taken("patience"),
            placeholder="never",
            help=term("early stopping"),
        )
