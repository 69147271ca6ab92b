"""What two ways of not looking score: always the most frequent class, and a guess by dice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lesionlab.app import theme
from lesionlab.diagnoses import DIAGNOSES

if TYPE_CHECKING:  # loaded when a figure is drawn
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class Guesses:
    """Scores on one data set of answers that look at no picture.

    Attributes:
        most: The code of the most frequent class.
        grave: The class that must not be missed: melanoma, else cancer in general; "" when the set
            has neither.
        always: Scores of answering `most` every time (see metrics.scores_of_counts).
        dice: Expected scores of a die with a side for each class.
    """

    most: str
    grave: str
    always: dict[str, Any]
    dice: dict[str, Any]


def score_guesses(counts: dict[str, int]) -> Guesses:
    """Score both ways of guessing.

    Args:
        counts: Class code -> number of pictures, at least one class.
    """
    from lesionlab.evaluation.metrics import scores_of_counts

    classes = list(counts)
    sizes = np.array([counts[code] for code in classes])
    # Where several are equally frequent it is the mole, as in every real collection.
    tied = [code for code in classes if counts[code] == sizes.max()]
    most = classes.index("nv" if "nv" in tied else tied[0])
    always = np.zeros((len(classes), len(classes)), np.int64)
    always[:, most] = sizes
    dice = np.repeat(sizes[:, None] / len(classes), len(classes), axis=1)
    grave = next((code for code in ("mel", "malignant") if counts.get(code)), "")
    return Guesses(
        classes[most],
        grave,
        scores_of_counts(always, classes),
        scores_of_counts(dice, classes),
    )


def measures_of(guesses: Guesses) -> dict[str, tuple[float, float]]:
    """What the chart compares: measure -> scores of "always" and of the dice, 0 to 1."""
    found = {
        "Accuracy": (guesses.always["accuracy"], guesses.dice["accuracy"]),
        "Balanced accuracy": (
            guesses.always["balanced_accuracy"],
            guesses.dice["balanced_accuracy"],
        ),
    }
    if guesses.grave:
        name = f"Sensitivity for {DIAGNOSES[guesses.grave].name.lower()}"
        always, dice = (
            scores["per_class"][guesses.grave]["sensitivity"]
            for scores in (guesses.always, guesses.dice)
        )
        found[name] = (always, dice)
    return found


def guesses_figure(guesses: Guesses) -> Figure:
    """Both ways of guessing side by side, in per cent."""
    import plotly.graph_objects as go

    measures = measures_of(guesses)
    names = [name.replace(" ", "<br>", 1) for name in measures]
    bars = [
        (f"Always {theme.short_name(guesses.most)}", theme.class_colour(guesses.most), 0),
        (f"A die with {len(guesses.dice['classes'])} sides", theme.QUIET, 1),
    ]
    figure = go.Figure(
        [
            go.Bar(
                name=label,
                x=names,
                y=[100 * scores[k] for scores in measures.values()],
                marker={"color": colour},
                text=[f"{100 * scores[k]:.0f} %" for scores in measures.values()],
                textposition="outside",
                cliponaxis=False,
                hovertemplate="%{x}: %{y:.1f} %<extra>" + label + "</extra>",
            )
            for label, colour, k in bars
        ]
    )
    theme.figure_layout(figure, y="Score in per cent", height=320)
    figure.update_layout(barmode="group", bargap=0.3)
    figure.update_yaxes(range=[0, 108], tickvals=[0, 25, 50, 75, 100])
    return figure
