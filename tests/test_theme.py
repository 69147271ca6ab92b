"""Colours: one a class, the same everywhere."""

from __future__ import annotations

import tomllib
from pathlib import Path

import plotly.graph_objects as go

from lesionlab.app import theme
from lesionlab.diagnoses import CLASS_SETS, DIAGNOSES

CONFIG = Path(__file__).resolve().parent.parent / ".streamlit" / "config.toml"


def test_every_class_has_its_own_colour() -> None:
    for codes in CLASS_SETS.values():
        assert len({theme.class_colour(code) for code in codes}) == len(codes)
    assert theme.class_colour("mel") == DIAGNOSES["mel"].colour
    assert theme.class_colour("nobody") == theme.QUIET
    assert theme.class_name("mel") == "Melanoma (MEL)"
    assert (theme.short_name("mel"), theme.short_name("benign")) == ("MEL", "Benign")


def test_scales_are_evenly_spaced() -> None:
    assert theme.colour_scale(("#000000", "#888888", "#ffffff")) == [
        [0.0, "#000000"],
        [0.5, "#888888"],
        [1.0, "#ffffff"],
    ]


def test_figures_leave_ground_and_text_to_light_and_dark() -> None:
    figure = theme.figure_layout(go.Figure(), x="Epoch", y="Loss", height=200)
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert figure.layout.font.color is None
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("Epoch", "Loss")
    assert figure.layout.height == 200


def test_the_app_tells_nobody_outside() -> None:
    config = tomllib.loads(CONFIG.read_text("utf-8"))
    assert config["browser"]["gatherUsageStats"] is False
    assert config["client"]["showSidebarNavigation"] is False
    assert {"light", "dark"} <= set(config["theme"])
    assert "http" not in CONFIG.read_text("utf-8")


def test_streamlits_own_charts_use_the_class_colours() -> None:
    colours = tomllib.loads(CONFIG.read_text("utf-8"))["theme"]["chartCategoricalColors"]
    assert colours == [DIAGNOSES[code].colour for code in CLASS_SETS["isic8"]]
