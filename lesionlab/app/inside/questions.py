"""Three questions a section that a teacher could ask, with their answers folded."""

from __future__ import annotations

import streamlit as st

QUESTIONS = {
    "network": (
        (
            "Why do the maps get smaller while there are more and more of them?",
            "Early on it matters where an edge is. Later it matters what is there: many kinds of "
            "things, each at a rough place. A smaller side also keeps the work in bounds.",
        ),
        (
            "What would happen to a block with a skip connection if all its own numbers were zero?",
            "It would hand on what came in. That is why very deep networks with skip connections "
            "can be trained: a block that has learned nothing yet does no harm.",
        ),
        (
            "Why is a frozen block of use although it has never seen skin?",
            "Edges, colours and textures look alike on cats and on lesions. What a network has "
            "learned from many photographs serves as a start; only the later, more special parts "
            "are trained anew.",
        ),
    ),
    "maps": (
        (
            "The first maps still look like the lesion, the last ones like a chessboard. Has the "
            "network lost it?",
            "It has lost where things are, not what they are. Each field of a late map stands for "
            "a large piece of the picture and says how much of one pattern is there.",
        ),
        (
            "After ReLU half of a map is black. Is that half wasted?",
            "No. There the pattern was not found, which is an answer too. Only a map that is "
            "black for *every* picture does nothing.",
        ),
        (
            "A map is bright on the lesion. May one call it the network's lesion detector?",
            "Not from one picture. It may answer to red, to dark or to rough as well. Look at "
            "other pictures, and at ones without a lesion, before you give a map a name.",
        ),
    ),
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
    st.subheader("Three questions", anchor=False)
    for question, answer in QUESTIONS[section]:
        with st.expander(question):
            st.markdown(answer)
