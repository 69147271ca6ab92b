"""Three questions that a teacher could ask, with their answers folded."""

from __future__ import annotations

import streamlit as st

QUESTIONS = (
    (
        "A network for telling road signs apart must not be trained with flips. Why may one for "
        "moles?",
        "A mirrored road sign means something else or nothing: the label would be wrong. A "
        "mirrored mole could just as well have grown. Whether a change is allowed depends on what "
        "the label means, not on the network.",
    ),
    (
        "Turning the colours makes many more different pictures. Why can the network get worse?",
        "Colour is one of the signs: a blue-white veil, red lagoons, a brown network. A picture "
        "with other colours keeps its old label, so the network learns to overlook a sign that "
        "it needs, or learns from pictures that no camera would ever take.",
    ),
    (
        "With augmentation the loss on the training pictures is often higher than without. Is "
        "that bad?",
        "No. The network has harder pictures to learn from and cannot know them by heart. What "
        "counts is the loss on the validation part, whose pictures are never changed.",
    ),
)


def show() -> None:
    """The questions, each answer behind a click."""
    st.subheader("Three questions", anchor=False)
    for question, answer in QUESTIONS:
        with st.expander(question, icon=":material/help:"):
            st.markdown(answer)
