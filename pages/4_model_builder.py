"""Lesson 4: the network, how much of it may change, and how fast it learns.

A pretrained network already sees edges, colours and textures. One keeps its first layers as they
are, gives it a new head for our classes, and lets the rest learn slowly. All of it together, with
the data and the augmentation, is the experiment: one file.
"""

import streamlit as st

from lesionlab.app import (
    builder,
    charts,
    controls,
    drafting,
    learning,
    learning_better,
    previews,
    taking,
)
from lesionlab.app.asked import service_awake
from lesionlab.app.shell import close_page, open_page
from lesionlab.errors import LesionlabError
from lesionlab.experiment import to_toml

desk = open_page(__file__)
taking.show_last_error()
builder.choose_start(desk)

draft = desk.draft
st.subheader("The network", anchor=False)
builder.choose_network(desk)
found = None
if service_awake():
    try:
        found = previews.network_of(draft)
    except LesionlabError as error:
        controls.show_error(error)
if found and found["weights"] == "missing":
    st.warning(found["weights_sentence"], icon=":material/cloud_off:")
elif found:
    st.caption(found["weights_sentence"])

st.subheader("What stays as it is, and what learns", anchor=False)
number = learning.choose_phase(desk)
phase = draft.training.phases[number]
if found:
    learning.choose_frozen(desk, number, sum(row["part"] == "backbone" for row in found["layers"]))
    layers = drafting.freezing_table(found["layers"], draft.model, phase)
    trainable = int(layers["trainable"].sum())
    total = int(layers["parameters"].sum())
    first, second, third = st.columns(3)
    first.metric("Parameters that learn", f"{trainable:,}", border=True)
    second.metric("Parameters that stay", f"{total - trainable:,}", border=True)
    third.metric("Share that learns", f"{trainable / total:.1%}", border=True)
    controls.figure(
        charts.layer_sizes(layers),
        alt=f"Bars of the parameters of {len(layers)} layers; {int(layers['learns'].sum())} layers "
        f"learn, the other {int((~layers['learns']).sum())} stay as they are.",
        caption=f"A bar for each layer that has parameters. {charts.MIND_THE_SCALE}",
    )
    if draft.model.weights == "random" and phase.frozen != 0:
        st.warning(
            "Frozen layers with random numbers never learn to see. Set the slider to 0.",
            icon=":material/warning:",
        )

st.subheader("How fast it learns", anchor=False)
learning.choose_learning(desk, number)
learning.choose_training(desk)
learning_better.choose_ways(desk, number)
epochs, head, body = drafting.rates(draft)
figure = charts.learning_rates(epochs, head, body)
num_phases = len(draft.training.phases)
controls.figure(
    figure,
    alt=charts.rates_in_words(draft.training.epochs, head, body),
    caption=f"{draft.training.epochs} epochs in {num_phases} phase{'s' if num_phases > 1 else ''}, "
    f"{draft.training.batch_size} pictures in a batch."
    + (f" {charts.MIND_THE_SCALE}" if figure.layout.yaxis.type == "log" else ""),
)

controls.how_it_works(
    r"w \leftarrow w - \eta\, s(t)\, \nabla_w \text{loss} \qquad "
    r"s_{\text{smooth}}(t) = \tfrac{1}{2}\left(1 + \cos \pi \tfrac{t}{T}\right)",
    "lesionlab.models.freezing:apply_freezing",
    "lesionlab.models.optimizers:learning_rate_at",
    words="After each batch every learning weight takes a small step downhill. The learning rate "
    "η says how small; the schedule s makes it smaller towards the end.",
)
with st.expander("The whole experiment as a file", icon=":material/description:"):
    st.code(to_toml(draft), language="toml")
close_page(__file__, desk)
