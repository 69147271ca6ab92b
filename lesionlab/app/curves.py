"""Learning curves as figures, and in one paragraph what they say. Tables in, figures out."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lesionlab.app.theme import LEARNING, PART_COLOURS, figure_layout

MAX_POINTS = 600
MAX_SHADED_EPOCHS = 60
SHADE = "rgba(128, 136, 136, 0.10)"
Measure = Literal["loss", "accuracy"]
Axis = Literal["iteration", "epoch"]
MEASURES: tuple[Measure, ...] = ("loss", "accuracy")
AXES: tuple[Axis, ...] = ("iteration", "epoch")
TITLES = {"loss": "Loss (lower is better)", "accuracy": "Accuracy (share answered right)"}


def thin(values: np.ndarray, most: int = MAX_POINTS) -> np.ndarray:
    """Which points to draw so that a curve keeps its look: the lowest and highest of each stretch.

    Args:
        values: float `(n,)`; may hold NaN.

    Returns:
        Ascending positions, at most `most`; the first and the last point are among them.
    """
    count = len(values)
    if count <= most:
        return np.arange(count)
    stretches = (most - 2) // 2
    edges = np.linspace(0, count, stretches + 1).astype(int)
    low, high = np.nan_to_num(values, nan=np.inf), np.nan_to_num(values, nan=-np.inf)
    kept = {0, count - 1}
    for start, end in pairwise(edges):
        kept.add(start + int(low[start:end].argmin()))
        kept.add(start + int(high[start:end].argmax()))
    return np.array(sorted(kept))


def smooth(values: np.ndarray, window: float) -> np.ndarray:
    """Exponential moving average, free of the pull towards zero at its start.

    Args:
        values: float `(n,)`; NaN are passed over.
        window: About how many points are averaged, 1 or more.
    """
    averaged = pd.Series(values).ewm(alpha=2 / (window + 1), adjust=True, ignore_na=True).mean()
    return averaged.to_numpy(dtype=float)


def smoothing_window(iterations: pd.DataFrame) -> float:
    """Points to average: half an epoch, but at least 5 and at most 100."""
    if iterations.empty:
        return 5.0
    per_epoch = len(iterations) / max(float(iterations["epoch"].iloc[-1]), 1e-9)
    return float(np.clip(per_epoch / 2, 5, 100))


def learning_curve(
    iterations: pd.DataFrame,
    epochs: pd.DataFrame,
    measure: Measure,
    axis: Axis = "iteration",
    num_epochs: int | None = None,
) -> go.Figure:
    """Training and validation over time, as in Figure 3 of Cullell-Dalmau et al. (2021).

    Args:
        iterations: A row a batch: step, epoch (a fraction counts within one), loss, accuracy.
        epochs: A row an epoch: epoch (from 1), loss, accuracy, validation_loss,
            validation_accuracy, best.
        axis: Over batches with the raw and the smoothed line, or over whole epochs.
        num_epochs: How many are planned; the epoch axis reaches so far.
    """
    figure = go.Figure()
    if axis == "iteration":
        _add_batches(figure, iterations, measure)
        at = end_of_epochs(iterations, epochs)
        _shade(figure, at)
    else:
        at = epochs["epoch"].to_numpy(dtype=float) if len(epochs) else np.empty(0)
        _add_epoch_means(figure, epochs, measure)
    _add_validation(figure, epochs, measure, at, joined=axis == "epoch")
    x = "Iterations (one batch of pictures each)" if axis == "iteration" else "Epochs"
    figure_layout(figure, x=x, y=TITLES[measure], height=340)
    if measure == "accuracy":
        figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    else:
        figure.update_yaxes(rangemode="tozero")
    if axis == "epoch":
        last = max(num_epochs or 1, int(at[-1]) if len(at) else 1)
        figure.update_xaxes(
            range=[0.5, last + 0.5], tickformat="d", dtick=1 if last <= 20 else None
        )
    return figure


def end_of_epochs(iterations: pd.DataFrame, epochs: pd.DataFrame) -> np.ndarray:
    """The step at which each row of `epochs` ended, float `(epochs,)`."""
    if epochs.empty or iterations.empty:
        return np.arange(1, len(epochs) + 1, dtype=float)
    passed = iterations["epoch"].to_numpy(dtype=float)
    steps = iterations["step"].to_numpy(dtype=float)
    return np.interp(epochs["epoch"].to_numpy(dtype=float), passed, steps)


def _add_batches(figure: go.Figure, iterations: pd.DataFrame, measure: Measure) -> None:
    if iterations.empty:
        return
    steps = iterations["step"].to_numpy()
    raw = iterations[measure].to_numpy(dtype=float)
    smoothed = smooth(raw, smoothing_window(iterations))
    lines: list[tuple[str, np.ndarray, dict[str, Any], float]] = [
        ("Training, each batch", raw, {"width": 1}, 0.35),
        ("Training, smoothed", smoothed, {"width": 2.5}, 1.0),
    ]
    for name, values, line, opacity in lines:
        kept = thin(values)
        figure.add_scatter(
            x=steps[kept],
            y=values[kept],
            mode="lines",
            name=name,
            line={"color": PART_COLOURS["train"], **line},
            opacity=opacity,
        )


def _add_epoch_means(figure: go.Figure, epochs: pd.DataFrame, measure: Measure) -> None:
    if epochs.empty:
        return
    figure.add_scatter(
        x=epochs["epoch"],
        y=epochs[measure],
        mode="lines+markers",
        name="Training, mean of the epoch",
        line={"color": PART_COLOURS["train"], "width": 2.5},
    )


def _add_validation(
    figure: go.Figure, epochs: pd.DataFrame, measure: Measure, at: np.ndarray, joined: bool
) -> None:
    column = f"validation_{measure}"
    if epochs.empty or column not in epochs:
        return
    figure.add_scatter(
        x=at,
        y=epochs[column],
        mode="lines+markers" if joined or len(epochs) > 1 else "markers",
        name="Validation",
        line={"color": PART_COLOURS["validation"], "width": 1.5, "dash": "dot"},
        marker={"color": PART_COLOURS["validation"], "size": 9, "symbol": "diamond"},
        customdata=epochs["epoch"],
        hovertemplate="epoch %{customdata}: %{y:.3f}<extra>Validation</extra>",
    )
    best = best_row(epochs)
    if best is not None:
        figure.add_scatter(
            x=[at[best]],
            y=[epochs[column].iloc[best]],
            mode="markers",
            name="Best epoch so far",
            marker={
                "size": 17,
                "symbol": "circle-open",
                "color": LEARNING,
                "line": {"width": 2.5, "color": LEARNING},
            },
        )


def _shade(figure: go.Figure, ends: np.ndarray) -> None:
    """Grey ground under every second epoch; none where the bands would be a blur."""
    if len(ends) > MAX_SHADED_EPOCHS:
        return
    starts = np.concatenate([[0.0], ends[:-1]]) if len(ends) else ends
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if number % 2:
            figure.add_vrect(x0=start, x1=end, fillcolor=SHADE, line_width=0, layer="below")


def best_row(epochs: pd.DataFrame) -> int | None:
    """Position of the epoch whose weights are kept; None before the first one.

    An experiment may keep the best balanced accuracy or the last epoch; where no row says so, it
    is the epoch with the lowest validation loss.
    """
    if "best" in epochs and epochs["best"].any():
        return int(np.flatnonzero(epochs["best"].to_numpy(dtype=bool))[-1])
    return lowest_row(epochs)


def lowest_row(epochs: pd.DataFrame) -> int | None:
    """Position of the epoch with the lowest validation loss; None before the first one."""
    if epochs.empty or "validation_loss" not in epochs:
        return None
    losses = epochs["validation_loss"].to_numpy(dtype=float)
    return None if np.isnan(losses).all() else int(np.nanargmin(losses))


def verdict(epochs: pd.DataFrame, evaluation: dict[str, Any] | None) -> str:
    """What the curves say, in plain words.

    Args:
        epochs: As for `learning_curve`.
        evaluation: The run's evaluation.json, or None before it was evaluated.
    """
    best = best_row(epochs)
    if best is None:
        return "No epoch was finished, so there is nothing to say yet."
    parts = [_best_sentence(epochs, best), _fit_sentence(epochs)]
    if evaluation and evaluation.get("accuracy") is not None:
        from lesionlab.evaluation.metrics import guessing

        which = (
            "validation pictures, by which it was chosen,"
            if evaluation.get("part") == "validation"
            else "test pictures, which it never saw while learning,"
        )
        parts.append(
            f"On the {evaluation['n']:,} {which} "
            f"**{evaluation['accuracy']:.0%}** of its answers are right; blind guessing among the "
            f"classes that are there would reach about {guessing(evaluation):.0%}."
        )
    return " ".join(parts)


def _best_sentence(epochs: pd.DataFrame, best: int) -> str:
    row = epochs.iloc[best]
    which = f"**epoch {int(row['epoch'])} of {len(epochs)}**"
    by_loss = best == lowest_row(epochs)
    sentence = (
        f"The network was at its best after {which}" if by_loss else f"The weights of {which} stay"
    )
    sentence += f", with a validation loss of {row['validation_loss']:.2f}"
    if pd.notna(row.get("validation_accuracy")):
        sentence += f" and {row['validation_accuracy']:.0%} of validation pictures right"
    return sentence + ("; the weights of that moment are kept." if by_loss else ".")


def _fit_sentence(epochs: pd.DataFrame) -> str:
    """Overfitting, underfitting or neither, from the last epochs."""
    last = epochs.iloc[-1]
    at_lowest = lowest_row(epochs) or 0
    lowest = float(epochs["validation_loss"].iloc[at_lowest])
    if len(epochs) < 2:
        return "One epoch is too short to tell more."
    rose = float(last["validation_loss"]) > 1.05 * lowest
    fell = float(last["loss"]) < float(epochs["loss"].iloc[at_lowest])
    if rose and fell:
        return (
            "After that the training loss fell on while the validation loss rose: it began to "
            "learn the training pictures by heart (**overfitting**). More pictures, stronger "
            "augmentation or fewer epochs help."
        )
    gap = float(last["accuracy"]) - float(last["validation_accuracy"])
    if gap > 0.1:
        return (
            f"At the end it answers {last['accuracy']:.0%} of the training pictures right, but "
            f"only {last['validation_accuracy']:.0%} of the validation pictures: some "
            "**overfitting**."
        )
    if at_lowest == len(epochs) - 1:
        return "It was still getting better when training ended: more epochs may help."
    return "Training and validation stay close together: no sign of overfitting."


def in_words(iterations: pd.DataFrame, epochs: pd.DataFrame, measure: Measure) -> str:
    """A curve's newest numbers, for those who do not see it."""
    parts = [f"{measure.capitalize()} while learning."]
    if len(iterations):
        newest = smooth(iterations[measure].to_numpy(dtype=float), smoothing_window(iterations))[-1]
        parts.append(f"Training, smoothed, after {len(iterations):,} batches: {newest:.2f}.")
    column = f"validation_{measure}"
    if len(epochs) and column in epochs:
        last = epochs.iloc[-1]
        parts.append(f"Validation after epoch {int(last['epoch'])}: {last[column]:.2f}.")
    return " ".join(parts)
