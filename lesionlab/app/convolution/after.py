"""What a network does with the result: it normalises, switches off, and makes it smaller."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lesionlab.app import controls
from lesionlab.app.convolution import after_drawn as drawn
from lesionlab.app.desk import Desk
from lesionlab.images.activations import (
    ACTIVATIONS,
    Activation,
    relu,
    share_at_the_ends,
    share_switched_off,
    sigmoid,
    tanh,
)
from lesionlab.images.normalise import Normalised, batch_normalise
from lesionlab.images.pooling import Pooling, pool

COLOURS = ("Red", "Green", "Blue")
# Three abreast where there is room, and no empty fourth place.
ABREAST = "grid-template-columns:repeat(auto-fit,minmax(min(230px,46%),1fr))"
SIZES = {2: "2×2", 3: "3×3"}
KINDS: dict[Pooling, str] = {"max": "Largest (max)", "average": "Average", "sum": "Sum"}
KIND_NAMES: dict[Pooling, str] = {"max": "the largest", "average": "the average", "sum": "the sum"}
POOLED = {
    "result": "The result itself",
    "normalised": "Normalised",
    **{name: f"After {one.title}" for name, one in ACTIVATIONS.items()},
}
# What each way of showing or changing numbers takes away from them.
HIDES = {
    "normalise": "**What it hides:** how strong the answer was. A faint result and a strong one "
    "come out equally wide, unless the layer has learned otherwise with its scale and shift.",
    "relu": "Hides every number below zero: not how far below, not where.",
    "sigmoid": "Hides differences far from zero: near 0 or 1 all numbers look alike.",
    "tanh": "Keeps the sign, but hides differences far from zero.",
    "max": "**What it hides:** where in the square the largest number was, and all the others.",
    "average": "**What it hides:** single strong numbers. They fade among their neighbours, and "
    "those of opposite sign cancel out.",
    "sum": "**What it hides:** the same as the average, and the numbers grow with the square.",
}


def show(desk: Desk, result: np.ndarray, title: str) -> None:
    """The section of the page.

    Args:
        desk: Whose page it is.
        result: float32 `(h, w)`, or `(h, w, 3)` for red, green and blue.
        title: What the kernel is called.
    """
    if not result.size:
        st.info("There is no result to go on with.", icon=":material/info:")
        return
    _section(result, title)


@st.fragment
def _section(result: np.ndarray, title: str) -> None:
    """A fragment: its controls leave the rest of the page alone."""
    st.markdown(
        "A network does not hand the sums on as they are. It **normalises** them, "
        "**switches off** what is below zero, and makes the picture **smaller**. "
        "Here each step is done to your result."
    )
    values = result
    if result.ndim == 3:
        layer = st.segmented_control(
            "Layer of the result",
            COLOURS,
            default="Green",
            required=True,
            key="after-layer",
            persist_state="session",
        )
        values = result[..., COLOURS.index(layer or "Green")]
    done = _normalise(values, title)
    answers = _activate(values, done, title)
    _pool(answers, title)
    with st.expander("How these steps work", icon=":material/function:"):
        st.markdown(
            "μ is the mean and σ² the variance of the numbers, ε = 0.001 keeps the division "
            "possible, γ (scale) and β (shift) are learned. While a network learns, mean and "
            "variance come from all pictures of a batch; here they come from your picture alone. "
            "Afterwards the network uses averages that it has kept."
        )
        st.latex(
            r"\text{normalised} = \gamma\,\frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta"
        )
        for one in ACTIVATIONS.values():
            st.latex(rf"\text{{{one.title}}}(x) = {one.formula}")
        for code in (batch_normalise, relu, sigmoid, tanh, pool):
            st.code(controls.source_of(code), language="python")


def _normalise(values: np.ndarray, title: str) -> Normalised:
    st.subheader("Batch normalisation", anchor=False)
    st.markdown(
        "Take the mean away from every number, then divide by the standard deviation, which "
        "says how widely the numbers are spread. What comes out has the mean 0 and the spread 1, "
        "whatever the kernel. Then a scale and a shift follow, which the network learns."
    )
    left, right = st.columns([2, 3], gap="medium", vertical_alignment="center")
    with right:
        scale = st.slider("Scale", 0.1, 3.0, 1.0, 0.1, key="after-scale", persist_state="session")
        shift = st.slider("Shift", -2.0, 2.0, 0.0, 0.1, key="after-shift", persist_state="session")
    done = batch_normalise(values, scale, shift)
    deviation = float(done.variance) ** 0.5
    with left:
        st.html(
            drawn.signed_html(
                done.values,
                f"Result of {title} after batch normalisation: blue above zero, brown below",
                f"Normalised: mean {drawn.say(float(done.values.mean()))}, "
                f"standard deviation {drawn.say(float(done.values.std()))}",
            )
        )
    with right:
        st.markdown(
            f"Mean **{drawn.say(float(done.mean))}**, standard deviation "
            f"**{drawn.say(deviation)}**. "
            + (
                HIDES["normalise"]
                if deviation
                else f"All numbers are alike, so all become {drawn.say(shift)}, the shift."
            )
        )
    for formula in drawn.normalise_formulas(done, scale, shift):
        st.latex(formula)
    st.table(drawn.examples(values, done))
    return done


def _activate(values: np.ndarray, done: Normalised, title: str) -> dict[str, np.ndarray]:
    st.subheader("Activation: which numbers go on", anchor=False)
    first = st.toggle(
        "Normalise first, as most networks do",
        value=True,
        key="after-normalise",
        persist_state="session",
    )
    taken = done.values if first else values
    st.html(
        f'<div class="ll-grid" style="{ABREAST}">'
        + "".join(_one(one, taken, title) for one in ACTIVATIONS.values())
        + "</div>"
    )
    off = share_switched_off(taken)
    st.markdown(
        f"**ReLU switches off {drawn.percent(off)} of the units**: their number is zero or less. "
        + (
            ""
            if first
            else "Without normalisation the numbers are large: sigmoid and tanh "
            "answer with little but their ends, and a network learns slowly from that."
        )
    )
    controls.figure(
        drawn.curves_figure(taken),
        alt="Curves of ReLU, sigmoid and tanh, with a band where nine tenths of the numbers lie",
        caption="What each function makes of a number. The grey band holds nine tenths of yours.",
        key="after-curves",
    )
    answers = {name: one.apply(taken) for name, one in ACTIVATIONS.items()}
    return {"result": values, "normalised": done.values, **answers}


def _one(one: Activation, values: np.ndarray, title: str) -> str:
    if one.ends:
        share = drawn.percent(share_at_the_ends(one, values))
        ends = " or ".join(drawn.say(end) for end in one.ends)
        measured = f"{share} within 0.01 of {ends}"
    else:
        measured = f"{drawn.percent(share_switched_off(values))} switched off"
    caption = f"{one.title}: {measured}. {HIDES[one.name]}"
    return drawn.activation_html(one, values, f"Result of {title} after {one.title}", caption)


def _pool(answers: dict[str, np.ndarray], title: str) -> None:
    st.subheader("Pooling: the picture gets smaller", anchor=False)
    left, middle, right = st.columns(3, vertical_alignment="bottom")
    taken = left.selectbox(
        "Pool",
        list(POOLED),
        index=list(POOLED).index("relu"),
        format_func=lambda key: POOLED[key],
        key="after-pooled",
        persist_state="session",
    )
    size = middle.segmented_control(
        "Square",
        list(SIZES),
        format_func=lambda key: SIZES[key],
        default=2,
        required=True,
        key="after-size",
        persist_state="session",
    )
    kind = right.segmented_control(
        "Keep",
        list(KINDS),
        format_func=lambda key: KINDS[key],
        default="max",
        required=True,
        key="after-kind",
        wrap=True,
        persist_state="session",
    )
    size, kind, values = size or 2, kind or "max", answers[taken]
    height, width = values.shape
    if min(height, width) < size:
        st.info(
            f"The result has only {width} × {height} numbers: no square of {SIZES[size]} fits.",
            icon=":material/info:",
        )
        return
    smaller = pool(values, size, kind)
    name = POOLED[taken].lower()
    limit = drawn.greatest(values)
    before, after = st.columns(2, gap="medium")
    before.html(
        drawn.signed_html(
            values,
            f"Result of {title}, {name}, before pooling",
            f"Before: {width} × {height} = {values.size:,} numbers",
            limit,
        )
    )
    after.html(
        drawn.signed_html(
            smaller,
            f"The same after pooling by {SIZES[size]}, {KIND_NAMES[kind]}",
            f"After: {smaller.shape[1]} × {smaller.shape[0]} = {smaller.size:,} numbers",
            limit * size**2 if kind == "sum" else limit,
        )
    )
    y, x = drawn.strongest_square(values, size)
    square = values[y * size : (y + 1) * size, x * size : (x + 1) * size]
    st.html(drawn.square_html(square, float(smaller[y, x]), KIND_NAMES[kind]))
    st.markdown(
        f"The square with the strongest number, from column {x * size}, row {y * size} on. "
        + HIDES[kind]
    )
