"""The controls of the network and of the experiment as a file. Each writes into the draft."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import streamlit as st

from lesionlab import experiment as experiments
from lesionlab.app import caches, chosen, controls, drafting
from lesionlab.app.desk import Desk
from lesionlab.app.glossary import term
from lesionlab.app.taking import save_draft, taking, with_value
from lesionlab.errors import DataError, ExperimentError, LesionlabError
from lesionlab.experiment import Experiment, Network
from lesionlab.experiment_parts import DataChoice

NETWORKS = {
    "small-cnn": "Small network: learns from nothing, quick",
    "mobilenetv2": "MobileNetV2: small and pretrained",
    "resnet50": "ResNet-50: large and pretrained",
}
WEIGHTS = {"imagenet": "A million photographs (ImageNet)", "random": "Random numbers"}
MODEL_NAME = re.compile(r"(?!.*\.lesionlab$)[A-Za-z0-9][A-Za-z0-9._-]*")
SIZES = [64, 96, 128, 160, 192, 224, 256, 299]
DROPOUTS = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]


def rename(draft: Experiment, title: str) -> Experiment:
    """The draft under another title; its name, for files and runs, follows from it."""
    name = re.sub(r"[^a-z0-9]+", "-", title.lower())[:60].strip("-")
    return draft.model_copy(update={"title": title.strip(), "name": name or "experiment"})


def choose_start(desk: Desk) -> None:
    """Lay a recipe out, bring a file in, or take the draft out as a file."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.selectbox(
            "Begin with a recipe",
            experiments.recipe_names(),
            index=None,
            placeholder="Your draft stays until you choose one",
            format_func=lambda name: f"{experiments.recipe(name).title} ({name})",
            key="recipe",
            help="A recipe brings a network, its training and its augmentation. Your data set "
            "stays.",
            on_change=lambda: _lay_out_recipe(desk),
        )
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


def _lay_out_recipe(desk: Desk) -> None:
    """Take a recipe over with the data set that is chosen now."""
    name = st.session_state["recipe"]
    # Back to nothing chosen: else the browser sends the recipe again, over every later change.
    st.session_state["recipe"] = None
    if name:
        save_draft(desk, lambda: _on_our_classes(experiments.recipe(name), desk.draft.data))


def _on_our_classes(recipe: Experiment, ours: DataChoice) -> Experiment:
    data = recipe.data.model_copy(update={"name": ours.name, "class_set": ours.class_set})
    return recipe.model_copy(update={"data": data})


def _take_file(desk: Desk) -> None:
    upload = st.file_uploader("An experiment, as a TOML file", type=["toml"], key="toml")
    if upload is None:
        # Taken away: the same file may be opened again.
        st.session_state.pop("toml-taken", None)
        return
    content = upload.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    # The uploader keeps its file: it is taken once, or every later change would be undone.
    if st.session_state.get("toml-taken") != digest:
        st.session_state["toml-taken"] = digest
        save_draft(desk, lambda: on_our_data(read_upload(content), desk))
        st.rerun()


def on_our_data(draft: Experiment, desk: Desk) -> Experiment:
    """The draft of a file, which is trained on the data set that the pages show.

    The file's own data set is chosen where this desk has it; else the one in use stays.
    """
    name = draft.data.name
    try:
        caches.dataset(name, desk.id)
    except DataError:
        st.toast(f"There is no data set {name} here: yours stays.")
        name = desk.dataset
    if name != desk.dataset:
        desk.save(dataset=name, image=None)
    return drafting.on_data(draft, name)


def read_upload(content: bytes) -> Experiment:
    """The experiment in an uploaded file.

    Raises:
        ExperimentError: Not text, not TOML, an unknown key, a value out of range, or weights from
            a path: a stranger's file must not say what the server reads.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ExperimentError(
            "Expected a text file in TOML.", "It is no text.", "Choose another file."
        ) from error
    experiment = experiments.from_toml(text)
    if not MODEL_NAME.fullmatch(experiment.model.weights):
        raise ExperimentError(
            "In the app, model.weights is imagenet, random, or the name of a model or run.",
            f"Received {experiment.model.weights[:80]!r}.",
            "Bring the model in on the Predict page, then write its name.",
        )
    for teacher in experiment.training.distillation.teachers:
        if not MODEL_NAME.fullmatch(teacher):
            raise ExperimentError(
                "In the app, a teacher is the name of a model or run.",
                f"Received {teacher[:80]!r}.",
                "Bring the model in on the Predict page, then write its name.",
            )
    return experiment


def _network_of(weights: str) -> Network | None:
    """The network of a model of ours; None for other weights, or a run that has no model yet."""
    if weights in WEIGHTS:
        return None
    try:
        description = caches.result(weights).description
    except LesionlabError:
        return None
    return Network.model_validate(description["experiment"]["model"]) if description else None


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
        names |= {name: f"My model: {title}" for name, title in chosen.result_titles(desk).items()}
        names.setdefault(model.weights, model.weights)
        st.selectbox(
            "What it has seen before",
            list(names),
            key=controls.bind("weights", model.weights),
            format_func=lambda name: names[name],
            on_change=taking(
                desk, "weights", lambda v: drafting.with_weights(desk.draft, v, _network_of(v))
            ),
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
