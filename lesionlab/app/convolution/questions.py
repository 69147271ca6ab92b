"""Three questions about convolution that a teacher could ask, with their answers folded."""

from __future__ import annotations

import streamlit as st

QUESTIONS = {
    "A Sobel kernel's numbers add up to zero. What does it answer on even skin, and why?": (
        "Zero. There all pixels below the kernel are alike, so what the numbers above zero add, "
        "those below zero take away. Only where the skin changes is something left."
    ),
    "Why does cutting a result to 0 to 255 lose half of the edges?": (
        "An edge from dark to light gives a number above zero, one from light to dark a number "
        "below zero. Cutting makes every number below zero black, the same as no edge at all. A "
        "ReLU layer does this too; networks get the other half with a second kernel, turned round."
    ),
    "A layer with stride 2 makes a picture a quarter as large. What is won, and what is lost?": (
        "The next layer has a quarter of the work, and its kernels see twice as far into the "
        "picture. Lost is where exactly something was, and structure finer than two pixels."
    ),
}


def show() -> None:
    """Show them."""
    st.subheader("Three questions", anchor=False)
    for question, answer in QUESTIONS.items():
        with st.expander(question, icon=":material/help:"):
            st.markdown(answer)
