"""Charts of counts: what stands in the figures."""

from __future__ import annotations

import pandas as pd
import pytest

from lesionlab.app import data_charts, measure_charts, theme
from lesionlab.data.crossing import OTHERS, UNKNOWN
from lesionlab.data.tones import ALL_TONES


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame({"NV": [3, 1], "MEL": [1, 0]}, index=["back", "face"])


def test_classes_have_their_own_colours_and_the_rest_is_grey() -> None:
    assert data_charts.value_colours(["nv", "mel"], True) == [
        theme.class_colour("nv"),
        theme.class_colour("mel"),
    ]
    found = data_charts.value_colours(["a", "b", OTHERS, UNKNOWN], False)
    assert len(set(found)) == 4
    assert found[3] == theme.QUIET


def test_bars_hold_pictures_or_shares(table: pd.DataFrame) -> None:
    colours = ["#000", "#fff"]
    bars = data_charts.crossed_bars(table, ("Place", "Class"), colours, False).data
    assert [list(bar.x) for bar in bars] == [[3, 1], [1, 0]]
    shares = data_charts.crossed_bars(table, ("Place", "Class"), colours, True).data
    assert [list(bar.x) for bar in shares] == [[75, 100], [25, 0]]
    assert [bar.marker.color for bar in bars] == colours


def test_table_holds_its_numbers(table: pd.DataFrame) -> None:
    figure = data_charts.heat_map(table, ("Place", "Class"), False)
    assert figure.data[0].text[0] == ["3", "1"]
    assert figure.data[0].text[1] == ["1", ""]
    shares = data_charts.heat_map(table, ("Place", "Class"), True)
    assert shares.data[0].text[0] == ["75", "25"]
    assert figure.layout.xaxis.title.text == "Class"


def test_long_labels_are_cut_where_they_stay_apart() -> None:
    long = "a" * 30
    assert data_charts.labels([long, "nv"], False) == ["a" * 21 + "…", "nv"]
    assert data_charts.labels([long, long + "b"], False) == [long, long + "b"]
    assert data_charts.labels(["nv", UNKNOWN], True) == ["NV", UNKNOWN]


def test_missing_in_per_cent() -> None:
    bar = data_charts.missing_bars(pd.Series({"Age": 1, "Sex": 0, "Patient": 4}), 4).data[0]
    assert list(bar.x) == [25, 0, 100]
    assert list(bar.text) == ["1 · 25.0 %", "none", "4 · 100.0 %"]


def test_bars_of_angles_have_the_area_of_their_pictures() -> None:
    steps = pd.DataFrame(
        {
            "low": [10.0, 14.5, 28.0],
            "high": [14.5, 19.0, 32.0],
            "tone": ["tan", "tan", "intermediate"],
            "pictures": [9, 18, 8],
        }
    )
    bars = measure_charts.tone_bars(steps).data
    assert [bar.name for bar in bars] == ["tan", "intermediate"]
    assert list(bars[0].y) == [2, 4]
    assert list(bars[1].y) == [2]
    assert set(ALL_TONES) == set(measure_charts.TONE_COLOURS)


def test_one_dot_a_size() -> None:
    sizes = pd.DataFrame({"width": [600, 100], "height": [450, 90], "pictures": [4, 1]})
    dots = measure_charts.size_dots(sizes).data[0]
    assert (list(dots.x), list(dots.y)) == ([600, 100], [450, 90])
    assert dots.marker.size[0] > dots.marker.size[1]
