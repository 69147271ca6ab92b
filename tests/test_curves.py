"""Learning curves: what is drawn, and what is said about them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lesionlab.app import curves
from lesionlab.evaluation.metrics import scores_of_counts


def batches(num_epochs: int, per_epoch: int) -> pd.DataFrame:
    steps = np.arange(1, num_epochs * per_epoch + 1)
    return pd.DataFrame(
        {"step": steps, "epoch": steps / per_epoch, "loss": 2 / steps, "accuracy": 1 - 1 / steps}
    )


def epochs_table(loss: list[float], validation: list[float]) -> pd.DataFrame:
    count = len(loss)
    return pd.DataFrame(
        {
            "epoch": range(1, count + 1),
            "loss": loss,
            "accuracy": [0.6] * count,
            "validation_loss": validation,
            "validation_accuracy": [0.55] * count,
        }
    )


def test_thin_keeps_peaks_ends_and_order() -> None:
    values = np.zeros(10_000)
    values[1234], values[8765] = 5.0, -3.0
    kept = curves.thin(values, 100)
    assert len(kept) <= 100
    assert {0, 1234, 8765, 9999} <= set(kept)
    assert (np.diff(kept) > 0).all()
    assert (curves.thin(values[:7], 100) == np.arange(7)).all()


def test_thin_survives_missing_values() -> None:
    values = np.full(1000, np.nan)
    values[500] = 1.0
    assert 500 in curves.thin(values, 50)


def test_smooth_by_hand() -> None:
    # window 3 is alpha 1/2: the second value weighs 2/3, the first 1/3.
    assert curves.smooth(np.array([3.0, 6.0]), 3) == pytest.approx([3.0, 5.0])


def test_validation_stands_where_its_epoch_ended() -> None:
    iterations, epochs = batches(3, 20), epochs_table([1.0, 0.8, 0.6], [1.1, 0.9, 1.0])
    assert curves.end_of_epochs(iterations, epochs).tolist() == [20, 40, 60]
    figure = curves.learning_curve(iterations, epochs, "loss")
    traces = {trace.name: trace for trace in figure.data}
    assert list(traces["Validation"].x) == [20, 40, 60]
    assert list(traces["Validation"].y) == [1.1, 0.9, 1.0]
    assert list(traces["Best epoch so far"].x) == [40]
    assert len(traces["Training, each batch"].x) == 60
    # Every second epoch has a grey ground: here the second alone, from step 20 to 40.
    assert [(shape.x0, shape.x1) for shape in figure.layout.shapes] == [(20, 40)]


def test_long_runs_stay_light() -> None:
    figure = curves.learning_curve(batches(80, 500), pd.DataFrame(), "accuracy")
    assert all(len(trace.x) <= curves.MAX_POINTS for trace in figure.data)
    assert figure.layout.yaxis.title.text == curves.TITLES["accuracy"]


def test_by_epoch_shows_means() -> None:
    epochs = epochs_table([1.0, 0.8], [1.1, 0.9])
    figure = curves.learning_curve(batches(2, 10), epochs, "loss", "epoch", num_epochs=5)
    assert [trace.name for trace in figure.data][:2] == [
        "Training, mean of the epoch",
        "Validation",
    ]
    assert list(figure.layout.xaxis.range) == [0.5, 5.5]


def test_nothing_yet_is_an_empty_figure() -> None:
    empty = pd.DataFrame()
    for axis in ("iteration", "epoch"):
        assert not curves.learning_curve(empty, empty, "loss", axis).data


def test_verdict_sees_over_fitting() -> None:
    words = curves.verdict(epochs_table([1.0, 0.6, 0.2], [1.0, 0.9, 1.4]), None)
    assert "epoch 2 of 3" in words and "**overfitting**" in words and "0.90" in words


def test_verdict_sees_unfinished_learning_and_names_the_test() -> None:
    evaluation = scores_of_counts(np.diag([4] * 6 + [0, 0]), list("abcdefgh")) | {"accuracy": 0.75}
    words = curves.verdict(epochs_table([1.0, 0.6, 0.5], [1.0, 0.9, 0.8]), evaluation)
    assert "more epochs may help" in words and "overfitting" not in words
    assert "**75%**" in words and "24 test pictures" in words and "17%" in words


def test_the_epoch_that_is_kept_is_named_whatever_it_was_kept_for() -> None:
    table = epochs_table([1.0, 0.6, 0.5], [1.0, 0.8, 0.9])
    assert curves.best_row(table) == 1
    table["best"] = [True, False, True]
    assert curves.best_row(table) == 2
    words = curves.verdict(table, None)
    assert "The weights of **epoch 3 of 3** stay, with a validation loss of 0.90" in words
    # Whether it learned by heart is still told by the lowest loss, of the second epoch.
    assert "by heart" in words
    table["best"] = [True, True, False]
    assert "at its best after **epoch 2 of 3**" in curves.verdict(table, None)


def test_verdict_without_an_epoch() -> None:
    assert "nothing to say" in curves.verdict(pd.DataFrame(), None)
