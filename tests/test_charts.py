"""Charts of the first lessons: tables in, figures out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lesionlab.app import charts, theme


def test_class_counts_has_a_bar_a_class_with_the_largest_on_top() -> None:
    (bars,) = charts.class_counts({"mel": 3, "nv": 5, "bcc": 1}).data
    assert list(bars.x) == [1, 3, 5]  # Plotly draws the last one on top
    assert list(bars.y)[-1] == "Melanocytic nevus (NV)"
    assert list(bars.marker.color) == [theme.class_colour(c) for c in ("bcc", "mel", "nv")]


def test_parts_are_counted_and_drawn_in_per_cent() -> None:
    labels = np.array(["mel"] * 4 + ["nv"] * 2)
    parts = np.array(["train", "train", "test", "validation", "train", "test"])
    table = charts.parts_table(labels, parts)
    assert table.loc["mel"].to_dict() == {"train": 2, "validation": 1, "test": 1}
    assert table.loc["nv"].to_dict() == {"train": 1, "validation": 0, "test": 1}
    figure = charts.parts_by_class(table)
    assert [trace.name for trace in figure.data] == ["Training", "Validation", "Test"]
    assert list(figure.data[0].y) == ["NV", "MEL"]
    assert list(figure.data[0].x) == [50, 50]
    assert sum(trace.x[1] for trace in figure.data) == 100


def test_learning_rates_leave_out_what_never_learns() -> None:
    epochs = np.arange(4.0)
    nothing = np.full(4, np.nan)
    assert len(charts.learning_rates(epochs, np.ones(4) / 10, nothing).data) == 1
    figure = charts.learning_rates(epochs, np.ones(4) / 10, np.ones(4) / 100)
    assert [trace.name for trace in figure.data] == ["New head", "Layers before"]
    assert figure.layout.yaxis.type == "log"


def test_layer_sizes_tells_frozen_from_learning() -> None:
    table = pd.DataFrame(
        {
            "name": ["a", "b", "c"],
            "plain": ["one", "two", "three"],
            "parameters": [10, 20, 30],
            "learns": [False, False, True],
        }
    )
    frozen, learning = charts.layer_sizes(table).data
    assert (list(frozen.x), list(frozen.y)) == ([1, 2], [10, 20])
    assert (list(learning.x), list(learning.y)) == ([3], [30])
    assert frozen.marker.color != learning.marker.color


def test_rates_that_lie_apart_are_seen_on_a_scale_of_factors() -> None:
    epochs = np.linspace(0, 9, 400)
    falling = 0.5 * (1 + np.cos(np.pi * epochs / 10))
    apart = charts.learning_rates(epochs, 0.3 * falling, 0.003 * falling)
    assert apart.layout.yaxis.type == "log"
    same = charts.learning_rates(epochs, 0.003 * falling, 0.003 * falling)
    assert same.layout.yaxis.type != "log"


def test_rates_in_words() -> None:
    head, nothing = np.array([0.3, 0.1]), np.full(2, np.nan)
    assert "do not learn" in charts.rates_in_words(2, head, nothing)
    words = charts.rates_in_words(2, head, np.array([np.nan, 0.001]))
    assert words.endswith("head from 0.3 to 0.1, for the layers before it from 0.001 to 0.001.")
