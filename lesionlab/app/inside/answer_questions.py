"""Questions that a teacher could ask about the answer, with their answers folded."""

from __future__ import annotations

import streamlit as st

QUESTIONS = {
    "answer": (
        (
            "Two classes have the scores 3 and 1. Does adding 10 to both change the probabilities?",
            "No. Softmax looks at differences only: both powers grow by the same factor, and the "
            "sum by which they are divided grows by it too.",
        ),
        (
            "A temperature of 2 makes the model less sure. Does it also change the likeliest "
            "class?",
            "No. All scores are divided by the same number, so their order stays. Accuracy is the "
            "same; what changes is how far one can rely on the percentages.",
        ),
        (
            "Pooling throws away where something was. Why can the network still tell a lesion "
            "with a blue veil from one without?",
            "One of the maps may answer to blue veils. Its average says that there is one and how "
            "much of it; for the diagnosis the place matters less than the sign.",
        ),
    ),
    "heat": (
        (
            "The map is hottest on the lesion. Does that show that the network is right?",
            "No. It shows where the network got its score from, not whether it drew the right "
            "conclusion. Wrong answers often have maps just as neat.",
        ),
        (
            "The map stays the same when the last layers are drawn anew. What does it show then?",
            "Something of the picture itself, such as edges or bright places, which any network "
            "would show. It says nothing about what this network has learned.",
        ),
        (
            "Covering the ruler makes melanoma less likely. What has the network learned?",
            "That pictures with rulers are more often melanomas: doctors measure what worries "
            "them. It is true of the training pictures, and useless for the next patient.",
        ),
    ),
    "break": (
        (
            "Fifteen hairs change the answer. Is the lesion another one now?",
            "No, and a dermatologist would not be misled. The network has learned from pictures "
            "in which such hairs were rare, or went along with certain classes.",
        ),
        (
            "How could one train a network that does not mind the hairs?",
            "With pictures that have hairs in every class, drawn on if need be, or by taking "
            "hairs away before training and before each answer.",
        ),
        (
            "The answer turns when the picture is turned. Which augmentation helps?",
            "Rotation and flips: the network then sees each lesion in all directions, and learns "
            "that the direction means nothing.",
        ),
    ),
}


def show(section: str) -> None:
    """Three questions of one section.

    Args:
        section: A key of `QUESTIONS`.
    """
    st.subheader("Questions", anchor=False)
    for question, answer in QUESTIONS[section]:
        with st.expander(question):
            st.markdown(answer)
