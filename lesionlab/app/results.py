"""How good a model is, as figures and tables: confusion, ROC, calibration, threshold, mistakes.

All from the saved predictions, a row a test picture: image_id, path, truth, predicted and
`p_<code>` for each class. Tables in, figures out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lesionlab.app.theme import (
    ACCENT,
    LEARNING,
    PART_COLOURS,
    QUIET,
    SEQUENTIAL,
    class_name,
    colour_scale,
    figure_layout,
    short_name,
)
from lesionlab.diagnoses import DIAGNOSES, malignant_indices
from lesionlab.evaluation.metrics import roc_points

MAX_ROC_POINTS = 200
FEW_PICTURES, FEW_BINS, MANY_BINS = 200, 5, 10
BENIGN_COLOUR = DIAGNOSES["benign"].colour
MALIGNANT_COLOUR = DIAGNOSES["malignant"].colour


def arrays(predictions: pd.DataFrame, classes: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The table as numbers.

    Returns:
        Labels int `(n,)` as positions in `classes`, and probabilities float64 `(n, classes)`.
    """
    place = {code: k for k, code in enumerate(classes)}
    labels = predictions["truth"].map(place).to_numpy(dtype=np.int64)
    return labels, predictions[[f"p_{code}" for code in classes]].to_numpy(dtype=np.float64)


def confusion_figure(
    confusion: Sequence[Sequence[int]], classes: Sequence[str], percent: bool = False
) -> go.Figure:
    """The confusion matrix: a row a true class, a column an answer.

    Args:
        confusion: Counts `(classes, classes)`.
        percent: Write shares of the row instead of counts. The colour is the share either way, so
            that a rare class is not pale only because it is rare.
    """
    counts = np.asarray(confusion, dtype=float)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    shown = [[f"{100 * share:.0f}" for share in row] for row in shares]
    if not percent:
        shown = [[f"{int(count)}" for count in row] for row in counts]
    names = [short_name(code) for code in classes]
    full = [class_name(code) for code in classes]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=names,
            y=names,
            text=shown,
            texttemplate="%{text}",
            customdata=[
                [[full[i], full[j], int(counts[i, j])] for j in range(len(classes))]
                for i in range(len(classes))
            ],
            hovertemplate="%{customdata[2]} pictures of %{customdata[0]}<br>"
            "answered %{customdata[1]}<extra></extra>",
            colorscale=colour_scale(SEQUENTIAL),
            zmin=0,
            zmax=1,
            xgap=2,
            ygap=2,
            # Above and not beside, where it would take the width that a phone needs.
            colorbar={
                "orientation": "h",
                "title": {"text": "Share of the row", "side": "top"},
                "tickformat": ".0%",
                "thickness": 10,
                "outlinewidth": 0,
                "len": 0.7,
                "x": 0,
                "xanchor": "left",
                "y": 1.0,
                "yanchor": "bottom",
            },
        )
    )
    height = 170 + 36 * len(classes)
    figure_layout(figure, x="The model's answer", y="Truth", height=height, legend=False)
    figure.update_layout(margin={"t": 76})
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="")
    figure.update_xaxes(showgrid=False, ticks="", side="bottom")
    return figure


def roc_figure(labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]) -> go.Figure:
    """One ROC curve a class, each in its colour and dash, with its AUC in the legend.

    Args:
        labels: int `(n,)`, positions in `classes`.
        probabilities: `(n, classes)`.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name="Guessing (0.50)",
        line={"color": QUIET, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    for k, code in enumerate(classes):
        false_alarms, found, _ = roc_points(labels, probabilities, k)
        if not len(found):
            continue
        area = float(np.trapezoid(found, false_alarms))
        kept = thin_roc(false_alarms, found)
        known = DIAGNOSES[code]
        figure.add_scatter(
            x=false_alarms[kept],
            y=found[kept],
            mode="lines",
            name=f"{short_name(code)} {area:.2f}",
            line={"color": known.colour, "dash": known.dash, "width": 2.2},
            hovertemplate="finds %{y:.0%}, false alarms %{x:.0%}"
            f"<extra>{class_name(code)}</extra>",
        )
    figure_layout(
        figure,
        x="False alarms (1 − specificity)",
        y="Cases found (sensitivity)",
        height=470,
    )
    figure.update_xaxes(range=[-0.01, 1.01], tickformat=".0%")
    figure.update_yaxes(range=[-0.01, 1.02], tickformat=".0%")
    return figure


def thin_roc(x: np.ndarray, y: np.ndarray, most: int = MAX_ROC_POINTS) -> np.ndarray:
    """Positions of at most `most` points of a curve that rises, evenly spread along its length."""
    if len(x) <= most:
        return np.arange(len(x))
    length = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    wanted = np.linspace(0, length[-1], most)
    kept = np.searchsorted(length, wanted).clip(0, len(x) - 1)
    return np.unique(np.concatenate([[0], kept[1:-1], [len(x) - 1]]))


def class_table(evaluation: dict[str, Any]) -> pd.DataFrame:
    """A row a class: pictures, cases found, others spared, how often its answer is right, AUC."""
    rows = []
    for code in evaluation["classes"]:
        numbers = evaluation["per_class"][code]
        rows.append(
            {
                "Class": class_name(code),
                "Pictures": numbers["n"],
                "Sensitivity": numbers["sensitivity"],
                "Specificity": numbers["specificity"],
                "Precision": numbers["precision"],
                "AUC": numbers["auc"],
            }
        )
    table = pd.DataFrame(rows)
    return table.astype(dict.fromkeys(["Sensitivity", "Specificity", "Precision", "AUC"], float))


def suspicion(
    labels: np.ndarray, probabilities: np.ndarray, classes: Sequence[str]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Which pictures are cancer or a precursor, bool `(n,)`, and how suspicious each looks.

    Returns:
        None where no class is cancer.
    """
    malignant = malignant_indices(list(classes))
    if not malignant:
        return None
    score = probabilities[:, malignant].sum(axis=1).clip(0, 1)
    return np.isin(labels, malignant), score


def threshold_counts(truth: np.ndarray, score: np.ndarray, threshold: float) -> dict[str, int]:
    """What a threshold does: cases `found` and `missed`, harmless `spared` and `false_alarms`."""
    flagged = score >= threshold
    return {
        "found": int((flagged & truth).sum()),
        "missed": int((~flagged & truth).sum()),
        "spared": int((~flagged & ~truth).sum()),
        "false_alarms": int((flagged & ~truth).sum()),
    }


def threshold_figure(truth: np.ndarray, score: np.ndarray, threshold: float) -> go.Figure:
    """How suspicious harmless pictures and cases look, and where the threshold cuts."""
    edges = np.linspace(0, 1, 21)
    middles = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure()
    for name, chosen, colour, pattern in (
        ("Harmless", ~truth, BENIGN_COLOUR, ""),
        ("Cancer or precursor", truth, MALIGNANT_COLOUR, "/"),
    ):
        counts, _ = np.histogram(score[chosen], edges)
        figure.add_bar(
            x=middles,
            y=counts,
            width=0.046,
            name=name,
            marker={"color": colour, "pattern": {"shape": pattern, "solidity": 0.25}},
            hovertemplate="%{y} pictures near %{x:.0%}" + f"<extra>{name}</extra>",
        )
    figure.add_vline(x=threshold, line={"color": LEARNING, "width": 2.5, "dash": "dash"})
    figure_layout(figure, x="Probability of cancer or precursor", y="Pictures", height=280)
    figure.update_layout(barmode="stack")
    figure.update_xaxes(range=[-0.01, 1.01], tickformat=".0%")
    return figure


def calibration_table(labels: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    """By how sure the model was: a row a bin with its pictures, mean sureness and share right.

    Ten bins, or five where ten would hold too few pictures each to mean anything.
    """
    bins = FEW_BINS if len(labels) < FEW_PICTURES else MANY_BINS
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    places = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(places, minlength=bins)
    kept = counts > 0
    sums = np.bincount(places, confidence, bins), np.bincount(places, right, bins)
    return pd.DataFrame(
        {
            "pictures": counts[kept],
            "confidence": sums[0][kept] / counts[kept],
            "right": sums[1][kept] / counts[kept],
        }
    )


def calibration_figure(table: pd.DataFrame) -> go.Figure:
    """Share right against sureness (from `calibration_table`); honest points lie on the line."""
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name="Honest: as often right as it is sure",
        line={"color": QUIET, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    sizes = 8 + 18 * np.sqrt(table["pictures"] / max(table["pictures"].max(), 1))
    figure.add_scatter(
        x=table["confidence"],
        y=table["right"],
        mode="markers+lines",
        name="This model (larger: more pictures)",
        line={"color": ACCENT, "width": 1.5},
        marker={"size": sizes, "color": PART_COLOURS["train"], "line": {"width": 0}},
        customdata=table["pictures"],
        hovertemplate="sure %{x:.0%}, right %{y:.0%}<br>%{customdata} pictures<extra></extra>",
    )
    figure_layout(figure, x="How sure the model is", y="How often it is right", height=340)
    figure.update_xaxes(range=[0, 1.03], tickformat=".0%")
    figure.update_yaxes(range=[-0.04, 1.05], tickformat=".0%")
    return figure


def worst_mistakes(predictions: pd.DataFrame, number: int = 12) -> pd.DataFrame:
    """The wrong answers that the model was surest of, with its `confidence`, surest first."""
    columns = [name for name in predictions.columns if name.startswith("p_")]
    wrong = predictions[predictions["truth"] != predictions["predicted"]]
    confidence = wrong[columns].to_numpy(dtype=float)
    sure = confidence.max(axis=1) if len(wrong) else np.empty(0)
    return wrong.assign(confidence=sure).nlargest(number, "confidence")


def worst_confusion(confusion: Sequence[Sequence[int]], classes: Sequence[str]) -> str:
    """The commonest mistake of the matrix as a sentence."""
    counts = np.array(confusion)
    np.fill_diagonal(counts, 0)
    if not counts.any():
        return "It made no mistake."
    truth, said = np.unravel_index(int(counts.argmax()), counts.shape)
    times = "once" if counts[truth, said] == 1 else f"{counts[truth, said]} times"
    return (
        f"The commonest mistake: {class_name(classes[int(truth)])} called "
        f"{class_name(classes[int(said)])}, {times}."
    )
