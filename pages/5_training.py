"""Lesson 5: start the experiment on the desk and watch the network learn.

The training is a job of its own: it goes on when this page is left, refreshed or closed, and when
the server is started anew. The page only reads what the job writes down.
"""

import streamlit as st

from lesionlab.app import caches, controls, curves, drafting, run_controls, run_words
from lesionlab.app.glossary import term
from lesionlab.app.shell import close_page, open_page
from lesionlab.errors import from_dict
from lesionlab.jobs import runs
from lesionlab.jobs.runs import Run

desk = open_page(__file__)
found = controls.current_dataset(desk)
controls.drawn_note(found.drawn)
# What is trained is the set that is shown.
draft = drafting.on_data(desk.draft, desk.dataset)

st.subheader("Your experiment", anchor=False)
with st.container(border=True):
    st.markdown(run_words.experiment_sentence(draft, found.title, len(found)))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Start training", type="primary", icon=":material/play_arrow:"):
            with controls.sentences():
                # A class with too few pictures is told here and now, not by a failed run.
                choice, plan = draft.data, draft.split
                labelled = caches.labelled(found, choice.class_set, choice.per_class, plan.seed)
                caches.split_of(labelled, plan)
                desk.save(run=runs.train(draft, desk.id).id)
            st.rerun()
        controls.link("pages/4_model_builder.py", desk, label="Change the experiment")

st.subheader("Watch it learn", anchor=False)
run = run_controls.choose_run(desk)
if run is None:
    st.markdown("No run yet. Press **Start training**: the curves appear here as it learns.")
    controls.end_page()

with controls.sentences(foot=True):
    planned = run.experiment.training.epochs
    live = run.state.status in run_words.LIVE


@st.fragment(run_every=1.0 if live else None)
def watch(run: Run) -> None:
    """Draw the state and the curves, each second while the run lives."""
    with controls.sentences():
        state = runs.open_run(run.id).state
    if live and state.ended:
        st.rerun()
    run_controls.show_state(run, state, desk)
    axis = st.segmented_control(
        "Show the curves by",
        curves.AXES,
        default="iteration",
        format_func=lambda name: f"{name.capitalize()}s",
        required=True,
        key="curve-axis",
        persist_state="session",
        help=f"Epoch: {term('epoch')} Batch: {term('batch')} An iteration is one batch.",
    )
    iterations, epochs = run.metrics()
    if iterations.empty and epochs.empty:
        st.caption("The first numbers come when the pictures are loaded.")
        return
    for column, measure in zip(st.columns(2), curves.MEASURES, strict=True):
        chart = curves.learning_curve(iterations, epochs, measure, axis or "iteration", planned)
        alt = curves.in_words(iterations, epochs, measure)
        with column:
            controls.figure(chart, alt, key=f"curve-{measure}")
    st.caption(
        "The thin line is each batch of training pictures, the thick one their average. Diamonds "
        "are the validation pictures, from which the network does not learn. Every second epoch "
        "has a grey ground."
    )
    run_controls.show_notes(run)


watch(run)
state = run.state
if state.status == "failed" and state.error:
    controls.show_error(from_dict(state.error))
if state.ended:
    _, epochs = run.metrics()
    if not epochs.empty:
        with st.container(border=True):
            st.markdown(f":material/lightbulb: {curves.verdict(epochs, run.evaluation)}")
            if state.status == "done":
                with st.container(horizontal=True):
                    controls.link("pages/7_evaluation.py", desk, label="See how good it is")
                    controls.link("pages/6_look_inside.py", desk, label="Look inside")
                    controls.link("pages/8_predict.py", desk, label="Ask it about a picture")
run_controls.show_actions(run, state, desk)

st.subheader("Runs of this desk", anchor=False)
run_controls.show_runs(desk)

controls.how_it_works(
    r"L = -\frac{1}{n}\sum_{i=1}^{n} \log p_i(\text{true class}) \qquad "
    r"w \leftarrow w - \eta\,\frac{\partial L}{\partial w}",
    curves.smooth,
    words="After each batch the network compares its probabilities with the truth. The **loss** "
    "*L* is large when it gave the true class a small probability. Each weight *w* then takes a "
    "small step *η*, the learning rate, in the direction that makes the loss smaller. This is the "
    "code that draws the thick line:",
)
close_page(__file__, desk)
