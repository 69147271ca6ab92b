"""Lesson 7: how good the network is on pictures that it has never seen.

Every number here is computed from the saved predictions of a job, never while the network trains,
so that each can be checked again.
"""

import streamlit as st

from lesionlab.app import (
    caches,
    chosen,
    controls,
    evaluation_parts,
    evaluations,
    for_whom,
    for_whom_shown,
    model_files,
)
from lesionlab.app.model_words import literal
from lesionlab.app.shell import close_page, open_page
from lesionlab.evaluation import metrics

desk = open_page(__file__)
reference = chosen.choose_result(desk)
with controls.sentences(foot=True):
    result = caches.result(reference)
    title, description = result.title, result.description
    choices = evaluations.choices(reference, desk)
controls.need(
    description is not None,
    "This run has no model yet: it is still learning, or it was stopped.",
    "pages/5_training.py",
    desk,
)

if not choices:
    st.markdown(f"**{literal(title)}** has not been evaluated here yet.")
    st.markdown("Choose pictures to try it on.")
    evaluations.evaluate_control(reference, desk)
    controls.end_page()

shown = evaluations.choose(choices, reference)
with controls.sentences(foot=True):
    found = evaluations.open_evaluated(reference, choices[shown])
report = found.report
asked_on = literal(evaluations.title_of(report, desk))
st.markdown(f"**{literal(title)}** on **{asked_on}**.")
if report.get("note"):
    st.info(literal(report["note"]), icon=":material/info:")
evaluations.drawn_words(report, result.drawn, desk)
evaluation_parts.key_numbers(report)
model_files.show_card(result)

left, right = st.columns(2, gap="large")
with left:
    st.subheader("What it mixes up", anchor=False)
    evaluation_parts.confusion(report)
with right:
    st.subheader("How well it tells each class apart", anchor=False)
    if found.predictions is not None:
        evaluation_parts.roc(found)
    else:
        st.markdown(
            "The single predictions did not travel with this model. Evaluate it on a data set "
            "below to see its curves."
        )

st.subheader("Class by class", anchor=False)
evaluation_parts.class_table(report)

if for_whom.rows_of(report):
    st.subheader("Is it as good for everyone, and everywhere?", anchor=False)
    for_whom_shown.show(report)

if found.predictions is not None:
    st.subheader("Where to raise the alarm", anchor=False)
    own = (description or {}).get("thresholds", {}).get("malignant", 0.5)
    evaluation_parts.threshold(found, own, f"{reference}|{shown}")

    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Is it as sure as it should be?", anchor=False)
        evaluation_parts.calibration(found)
    with right:
        st.subheader("Its worst mistakes", anchor=False)
        evaluation_parts.mistakes(found, desk)
    evaluation_parts.download(found, reference, desk)

st.subheader("Try it on other pictures", anchor=False)
evaluations.evaluate_control(reference, desk)

controls.how_it_works(
    r"\text{sensitivity} = \frac{\text{cases found}}{\text{all cases}} \qquad "
    r"\text{specificity} = \frac{\text{others left alone}}{\text{all others}} \qquad "
    r"\text{balanced accuracy} = \frac{1}{K}\sum_{k=1}^{K} \text{sensitivity}_k",
    metrics.evaluate_probabilities,
    metrics.auc,
    words="The most probable class is taken as the answer. The AUC needs no threshold: it is how "
    "often a picture of the class gets a higher probability than one of another class.",
)
close_page(__file__, desk)
