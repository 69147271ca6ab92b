"""The section "The answer": from the last maps to probabilities, with every number shown."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lesionlab.app import answers, controls, theme
from lesionlab.app.desk import Desk
from lesionlab.app.inside import answering, end_charts, end_maps, questions
from lesionlab.app.inside.look import Look


def show(desk: Desk, look: Look) -> None:
    """Draw the section."""
    answer, drawn = answering.allowed(look)
    with controls.sentences(foot=True):
        end = answering.end_numbers(look, drawn)
    code = answering.choose_class(look, answer)
    classes = list(look.description["classes"])
    _the_sum(look, end, classes, code)
    _the_shares(look, end, classes, code)
    controls.how_it_works(
        r"\begin{gathered}z_k = b_k + \sum_c f_c\, w_{c,k} \\[1ex] "
        r"p_k = \frac{e^{z_k / T}}{\sum_j e^{z_j / T}}\end{gathered}",
        "lesionlab.explain.the_end:the_end",
        end_charts.softmax_table,
        words="*f* are the numbers that the last layer gets, *w* its weights and *b* its bias. "
        "*T* is the temperature. This is the code that reads the numbers, and the one that turns "
        "scores into probabilities.",
    )
    questions.show("answer")


def _the_sum(look: Look, end: dict[str, np.ndarray], classes: list[str], code: str) -> None:
    """Steps one and two: one number a map, and the weighted sum of one class."""
    number = classes.index(code)
    weights, features = end["kernel"][:, number], end["features"]
    name, colour = theme.class_name(code), theme.class_colour(code)
    table = end_charts.sum_table(features, weights, float(end["bias"][number]))
    places = end_charts.largest(features * weights)
    st.subheader("1. One number a map", anchor=False)
    model = look.description["experiment"]["model"]
    how = "average" if model["pooling"] == "avg" else "largest value"
    words = f"The network ends with {len(end['pooled']):,} maps. Pooling keeps the {how} of each."
    if model["hidden"]:
        layers = len(model["hidden"])
        turn = "One hidden layer turns" if layers == 1 else f"{layers} hidden layers turn"
        words += f" {turn} them into the {len(features):,} numbers below."
    what = "hidden unit" if model["hidden"] else "map"
    st.markdown(words + " *Where* something was is gone now; *what* was there stays.")
    controls.figure(
        end_charts.feature_figure(features, places, colour, what),
        alt=f"{len(features)} bars, the highest {features.max():.2f} at number "
        f"{int(features.argmax()) + 1}. The {len(places)} that matter most for {name} are "
        "coloured.",
        caption=f"Coloured: the {len(places)} numbers that move the score of {name} most, up or "
        "down.",
        key="inside-features",
    )
    st.subheader("2. Each number times a weight", anchor=False)
    score = float(table["product"].iloc[-1])
    st.markdown(
        f"The last layer has one weight for each number and class. For **{name}** it multiplies, "
        f"adds everything up, adds the bias, and gets the score **{score:.2f}**."
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.dataframe(
            end_charts.written(table, what),
            hide_index=True,
            height=35 * (len(table) + 1) + 3,
            alt=f"The largest products, the others together, and the bias add up to {score:.3f}.",
        )
    with right:
        controls.figure(
            end_charts.sum_figure(table, colour),
            alt=f"The sum step by step, from 0 to the score {score:.2f} of {name}.",
            caption="Each bar starts where the one before it ended. In the colour of the class: "
            "speaks for it. Grey: speaks against it.",
            key="inside-sum",
        )
    if not model["hidden"]:
        end_maps.show(look, features, weights, code)
    with st.expander("The weights of these numbers for every class", icon=":material/grid_on:"):
        controls.figure(
            end_charts.weight_figure(end["kernel"], places, classes, code),
            alt=f"Weights of {len(places)} numbers for {len(classes)} classes, from "
            f"{end['kernel'][places].min():.2f} to {end['kernel'][places].max():.2f}.",
            caption="The same number speaks for one class (blue) and against another (brown).",
            key="inside-weights",
        )


def _the_shares(look: Look, end: dict[str, np.ndarray], classes: list[str], code: str) -> None:
    """Step three: from scores to probabilities."""
    temperature = float(look.description["temperature"])
    table = end_charts.softmax_table(end["logits"], temperature, classes)
    row = table[table["code"] == code].iloc[0]
    st.subheader("3. From scores to probabilities", anchor=False)
    st.markdown(
        "Softmax raises *e* to each score, so that all become positive, and divides by their sum. "
        f"Before that each score is divided by the temperature **{temperature:.2f}**, which was "
        "found on the validation part"
        + (
            ": 1 leaves the scores as they are."
            if abs(temperature - 1) < 0.005
            else f": above 1 the model becomes less sure, below 1 surer. Without it "
            f"{theme.class_name(code)} would get {end['probabilities'][classes.index(code)]:.1%}."
        )
    )
    largest, total = float(table["divided"].max()), float(table["power"].sum())
    st.latex(
        rf"p = \frac{{e^{{{row['score']:.2f} / {temperature:.2f} - {_bracket(largest)}}}}}"
        rf"{{{total:.3f}}} = \frac{{{row['power']:.4f}}}{{{total:.3f}}} = "
        rf"{100 * row['probability']:.1f}\,\%"
    )
    st.caption(
        f"{theme.class_name(code)}. The largest divided score, {largest:.2f}, is taken off first: "
        f"it changes no share and keeps the numbers small. {total:.3f} is the sum over all classes."
    )
    left, right = st.columns(2, gap="large")
    scores = zip(table["code"], table["score"], strict=True)
    shares = {
        str(one): float(p) for one, p in zip(table["code"], table["probability"], strict=True)
    }
    with left:
        controls.figure(
            end_charts.score_figure(table),
            alt="Scores: " + ", ".join(f"{theme.short_name(c)} {z:.2f}" for c, z in scores),
            caption="The scores, which may have any sign and size.",
            key="inside-scores",
        )
    with right:
        controls.figure(
            answers.probability_figure(shares),
            alt=f"Probabilities: {answers.in_words(shares, len(shares))}.",
            caption="The probabilities, which sum to 100 %.",
            key="inside-probabilities",
        )


def _bracket(value: float) -> str:
    return f"{value:.2f}" if value >= 0 else f"({value:.2f})"
