"""What a model answers about one picture: the bars, the heat map, and careful words."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from lesionlab.app.model_words import learned_from
from lesionlab.app.theme import class_colour, class_name, figure_layout
from lesionlab.diagnoses import DIAGNOSES

# From nothing over little to much, dark to bright, in even steps of lightness.
HEAT = ("#1B0C41", "#6A176E", "#BC3754", "#F37819", "#FCFFA4")
SPEAKS_FOR_CANCER = {
    "malignant": "All classes that are **cancer or a precursor** together get",
    "mel": "**Melanoma** alone gets",
}
# Below this the likeliest class is hardly more than a guess among several.
UNSURE, FAIRLY_SURE = 0.5, 0.8
NO_DIAGNOSIS = (
    "This is an exercise, **not a diagnosis**, and lesionlab is **not a medical device**."
)


def probability_figure(probabilities: dict[str, float]) -> go.Figure:
    """Horizontal bars in class colours, the likeliest on top, each with its name and number."""
    codes = sorted(probabilities, key=lambda code: probabilities[code])
    values = [probabilities[code] for code in codes]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=[class_name(code) for code in codes],
            orientation="h",
            marker={"color": [class_colour(code) for code in codes]},
            text=[f"{value:.1%}" for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        )
    )
    figure_layout(figure, x="Probability", height=90 + 38 * len(codes), legend=False)
    figure.update_xaxes(range=[0, 1.12], tickformat=".0%", tickvals=[0, 0.5, 1])
    return figure


def in_words(probabilities: dict[str, float], how_many: int = 3) -> str:
    """The likeliest classes as text, for those who do not see the bars."""
    codes = sorted(probabilities, key=lambda code: -probabilities[code])[:how_many]
    return ", ".join(f"{class_name(code)} {probabilities[code]:.0%}" for code in codes)


def sentences(answer: dict[str, Any]) -> list[str]:
    """What the model says, in careful words, with how unsure it is.

    Args:
        answer: From `service.client.predict`, with probabilities.
    """
    probabilities = answer["probabilities"]
    ranked = sorted(probabilities, key=lambda code: -probabilities[code])
    first, second = ranked[0], ranked[1]
    most = probabilities[first]
    name = DIAGNOSES[first].name.lower()
    if most < UNSURE:
        lead = (
            f"The model **cannot decide**. It leans to {name} with {most:.0%}, and "
            f"{DIAGNOSES[second].name.lower()} follows with {probabilities[second]:.0%}."
        )
    elif most < FAIRLY_SURE:
        lead = (
            f"The model leans to **{name}** with {most:.0%}. It is not sure: "
            f"{DIAGNOSES[second].name.lower()} still gets {probabilities[second]:.0%}."
        )
    else:
        lead = f"To the model this looks most like **{name}**, with {most:.0%}."
    alarm = alarm_sentence(
        {"malignant": answer.get("malignant"), "mel": probabilities.get("mel")},
        answer["model"].get("thresholds") or {},
    )
    return [lead, alarm] if alarm else [lead]


def alarm_sentence(scores: dict[str, float | None], thresholds: dict[str, float]) -> str:
    """What speaks for a cancer, on which side of the model's thresholds it lies, and one verdict.

    Args:
        scores: `malignant`, the sum for cancer or precursor, and `mel`; None where the model has
            no such class.
        thresholds: Of the model, by the same names; it raises its alarm when one is reached.
    """
    parts: list[str] = []
    reached: list[bool] = []
    for name, words in SPEAKS_FOR_CANCER.items():
        score, threshold = scores.get(name), thresholds.get(name)
        if score is None:
            continue
        side = ""
        if threshold is not None:
            reached.append(score >= threshold)
            which = "this model's threshold" if not parts else "its threshold"
            where = "above" if reached[-1] else "below"
            side = f", {where} {which} of {share(threshold)}"
        parts.append(f"{words} **{share(score)}**{side}.")
    if any(reached):
        parts.append("So the model **raises its alarm**.")
    elif reached:
        parts.append(
            "So the model raises no alarm. A picture without alarm can still show a cancer."
        )
    return " ".join(parts)


def share(probability: float) -> str:
    """Percent, with a digit more where thresholds are low."""
    if probability < 0.0005:
        return "less than 0.1%"
    return f"{probability:.0%}" if probability >= 0.1 else f"{probability:.1%}"


def record(model: dict[str, Any], evaluation: dict[str, Any] | None) -> str:
    """Which model answers, what it has learned from, and how often it misses.

    Args:
        model: The `model` part of an answer, or such words from a description.
        evaluation: Its evaluation.json on its own test part, when there is one.
    """
    sentence = learned_from(model.get("data"), bool(model.get("drawn")))
    scores = evaluation or {}
    if scores.get("accuracy") is not None:
        wrong = 1 - scores["accuracy"]
        sentence += (
            f" On {scores['n']:,} pictures that it had not learned from it was wrong in "
            f"{100 * wrong:.0f} of 100 cases."
        )
        missed = missed_cancers(scores)
        if missed is not None:
            sentence += (
                f" For {missed[0]} of {missed[1]} cancers or precursors a harmless class was the "
                "likeliest."
            )
            cases = ((scores.get("alarm") or {}).get("cases") or {}).get("malignant")
            if cases:
                sentence += (
                    f" The alarm is raised earlier than that: it stayed silent for "
                    f"{cases['num_missed']} of {cases['n']}."
                )
    return sentence


def missed_cancers(evaluation: dict[str, Any]) -> tuple[int, int] | None:
    """How many cancers or precursors were answered with a harmless class, and of how many."""
    classes = evaluation["classes"]
    counts = np.asarray(evaluation["confusion"])
    cancer = np.array([bool(DIAGNOSES[code].malignant) for code in classes])
    total = int(counts[cancer].sum())
    return (int(counts[np.ix_(cancer, ~cancer)].sum()), total) if total else None


def heat_colours(heat: np.ndarray) -> np.ndarray:
    """Numbers in 0..1 as colours of `HEAT`: uint8 `(h, w, 3)` from float `(h, w)`."""
    stops = np.array([[int(stop[k : k + 2], 16) for k in (1, 3, 5)] for stop in HEAT], float)
    places = np.linspace(0, 1, len(HEAT))
    channels = [np.interp(heat.clip(0, 1), places, stops[:, k]) for k in range(3)]
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)


def overlay(image: np.ndarray, heat: np.ndarray, strength: float = 0.55) -> np.ndarray:
    """A picture under its heat map.

    Where the map is zero the picture stays as it is, so that cold places can be seen well.

    Args:
        image: uint8 `(h, w, 3)`.
        heat: float `(rows, columns)` in 0..1, on a coarser grid.
        strength: 0 (no map) to 1 (no picture where the map is 1).

    Returns:
        uint8 `(h, w, 3)`.
    """
    height, width = image.shape[:2]
    fine = Image.fromarray(heat.astype(np.float32)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    warmth = np.asarray(fine).clip(0, 1)
    share = strength * np.sqrt(warmth)[..., None]
    mixed = image * (1 - share) + heat_colours(warmth) * share
    return np.rint(mixed).astype(np.uint8)


def hottest_place(heat: np.ndarray) -> str:
    """Where the map is hottest, in words, for those who do not see it."""
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    third = (3 * int(row) // heat.shape[0], 3 * int(column) // heat.shape[1])
    vertical, horizontal = ("top", "middle", "bottom")[third[0]], ("left", "", "right")[third[1]]
    return "centre" if third == (1, 1) else f"{vertical} {horizontal}".strip()
