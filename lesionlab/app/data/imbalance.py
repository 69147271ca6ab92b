"""The lesson on imbalance: what an answer scores that never looks at a picture."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from lesionlab.app import controls
from lesionlab.app.data.guessing import Guesses, guesses_figure, measures_of, score_guesses
from lesionlab.diagnoses import DIAGNOSES

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from lesionlab.data.dataset import Dataset

# Of one class over another; below it no class is called frequent.
UNEVEN = 1.5


def show(found: Dataset, counts: dict[str, int]) -> None:
    """Compare "always the most frequent class" with a die, and say what follows from it.

    Args:
        counts: Class code -> number of pictures of the data set.
    """
    if len(counts) < 2:
        return
    guesses = score_guesses(counts)
    st.subheader("Good marks without looking", anchor=False)
    left, right = st.columns([5, 6], gap="medium", vertical_alignment="center")
    with left:
        st.markdown(lesson(guesses, counts))
    with right:
        measures = measures_of(guesses)
        controls.figure(
            _figure(tuple(counts.items())),
            alt="Bars of two ways of guessing: "
            + "; ".join(
                f"{name} {always:.0%} for always {guesses.most.upper()}, {dice:.0%} for a die"
                for name, (always, dice) in measures.items()
            ),
        )
    controls.how_it_works(
        r"\text{accuracy} = \frac{\text{right answers}}{\text{pictures}} \qquad "
        r"\text{balanced accuracy} = \frac{1}{K}\sum_{k=1}^{K}"
        r"\frac{\text{right answers in class } k}{\text{pictures of class } k}",
        "lesionlab.evaluation.metrics:scores_of_counts",
        words="Balanced accuracy asks each class for itself, and every class counts alike. The "
        "same code marks your network on the Evaluation page.",
    )


@lru_cache(maxsize=16)
def _figure(counts: tuple[tuple[str, int], ...]) -> Figure:
    return guesses_figure(score_guesses(dict(counts)))


def lesson(guesses: Guesses, counts: dict[str, int]) -> str:
    """What the numbers mean, in plain words; Markdown."""
    name = DIAGNOSES[guesses.most].name.lower()
    accuracy, balanced = guesses.always["accuracy"], guesses.always["balanced_accuracy"]
    if max(counts.values()) < UNEVEN * min(counts.values()):
        die = "as often as a die" if len(set(counts.values())) == 1 else "hardly more than a die"
        return (
            f"The classes of this set are about equally large. Who answers *{name}* to every "
            f"picture is right in only **{accuracy:.0%}** of all cases, {die}. "
            "Nobody gets a good mark here without looking.\n\n"
            "Real collections are not like that: most of their pictures are harmless moles."
        )
    words = (
        f"Imagine a program that answers *{name}* to every picture. It looks at nothing, and on "
        f"this set it is right in **{accuracy:.0%}** of all cases."
    )
    if guesses.grave and guesses.grave != guesses.most:
        grave = guesses.grave
        missed = round(counts[grave] * (1 - guesses.always["per_class"][grave]["sensitivity"]))
        words += f" It misses **all {missed:,}** pictures of {DIAGNOSES[grave].name.lower()}."
    elif guesses.grave:
        words += (
            f" It finds every {DIAGNOSES[guesses.grave].name.lower()}, and raises the same alarm "
            "over every other picture."
        )
    return (
        f"{words}\n\nSo **accuracy alone can lie**: it hides the small classes behind the large "
        f"one. *Balanced accuracy* gives every class the same weight and sees through it: "
        f"**{balanced:.0%}**, as much as a die gets. *Sensitivity* asks how many of one class were "
        f"found. A network has learned something only when it beats both bars."
    )
