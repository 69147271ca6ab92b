"""The Look inside page: blocks, layers, maps, and what is asked of the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

Show = Callable[..., AppTest]
Maps = list[tuple[Any, ...]]
PAGE = "pages/6_look_inside.py"


@pytest.fixture
def clicks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the drawing and the gallery were given last; `picked` acts as a click."""
    from lesionlab.app.inside import feature_maps, network_drawing

    seen: dict[str, Any] = {}

    def draw(blocks: Any, chosen: int, key: str, picked: Any) -> None:
        seen.update(blocks=blocks, chosen=chosen, block_picked=picked)

    def gallery(tiles: Any, key: str, picked: Any, **options: Any) -> None:
        seen.update(tiles=tiles, map_picked=picked)

    monkeypatch.setattr(network_drawing, "draw", draw)
    monkeypatch.setattr(feature_maps, "gallery", gallery)
    return seen


@pytest.fixture(autouse=True)
def first_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight kernels of 3×3 numbers for the first convolution."""
    from lesionlab.service import client

    kernels = np.arange(8 * 27, dtype=np.float32).reshape(8, 3, 3, 3) - 100
    monkeypatch.setattr(client, "first_layer", lambda model: {"after": kernels})


def pictures(test: AppTest) -> list[str]:
    return [html.proto.body for html in test.get("html") if "<img" in html.proto.body]


def words(test: AppTest) -> str:
    return " ".join(one.value for one in [*test.markdown, *test.subheader, *test.caption])


def group(test: AppTest, key: str) -> Any:
    return next(one for one in test.get("button_group") if one.key == key)


def section(test: AppTest, name: str) -> AppTest:
    """The page after another section was chosen."""
    group(test, "inside-section").set_value(name).run()
    assert not test.exception
    return test


def test_the_network_is_shown_first(
    show: Show, finished_run: str, maps: Maps, clicks: dict[str, Any]
) -> None:
    test = show(PAGE, run=finished_run)
    assert maps == [], "no picture goes through the network for its drawing"
    kinds = [block["kind"] for block in clicks["blocks"]]
    assert kinds == ["input", "convolution", "residual", "convolution", "pooling", "answer"]
    assert clicks["chosen"] == 1
    shown = words(test)
    assert "falls from 16 to 8 pixels while the depth grows from 3 colours to 128 maps" in shown
    assert "1 blocks have a skip" not in shown and "One block has a skip connection" in shown
    assert "Out: 8×8 pixels, 8 maps" in shown and "**frozen**" in shown


def test_a_click_on_a_block_and_a_choice_of_a_layer_go_together(
    show: Show, finished_run: str, maps: Maps, clicks: dict[str, Any]
) -> None:
    test = show(PAGE, run=finished_run)
    layer = next(one for one in test.selectbox if one.label == "Layer")
    assert len(layer.options) == 7, "layers without places have no maps"
    layer.set_value("conv_3").run()
    assert clicks["chosen"] == 3
    assert "all **trained**" in words(test)
    # What a click does before the page is drawn again.
    test.session_state["inside-block"] = 2
    test.run()
    assert "skip connection** leads past it" in words(test)
    (table, *_) = (frame.value for frame in test.dataframe)
    assert table["Layer"].tolist() == ["Convolution", "Addition of both ways"]


def test_the_picture_and_what_it_is_known_to_be_stand_above(
    show: Show, finished_run: str, maps: Maps, clicks: dict[str, Any]
) -> None:
    test = show(PAGE, run=finished_run)
    assert "128×128 pixels. Known to be: Actinic keratosis (AK)." in pictures(test)[0]
    next(one for one in test.selectbox if one.label == "Picture: class").set_value("mel").run()
    assert "Known to be: Melanoma (MEL)." in pictures(test)[0]


def test_the_drawing_leads_to_the_maps_of_its_block(
    show: Show, finished_run: str, maps: Maps, clicks: dict[str, Any]
) -> None:
    test = show(PAGE, run=finished_run)
    next(one for one in test.selectbox if one.label == "Layer").set_value("conv_3").run()
    next(one for one in test.button if one.label == "See what it writes down").click().run()
    assert not test.exception
    assert maps[0][0] == "conv_3"


@pytest.mark.parametrize("name", ["The network", "Feature maps"])
def test_a_section_ends_with_code_and_three_questions(
    show: Show, finished_run: str, maps: Maps, clicks: dict[str, Any], name: str
) -> None:
    test = section(show(PAGE, run=finished_run), name)
    folded = [one.label for one in test.expander]
    assert folded[-4] == "How it works" and all(one.endswith("?") for one in folded[-3:])


def test_all_layers_are_listed(
    show: Show, finished_run: str, maps: Maps, clicks: dict[str, Any]
) -> None:
    (_, table) = (frame.value for frame in show(PAGE, run=finished_run).dataframe)
    assert table["Name"].tolist()[:2] == ["pixels", "conv_1"]
    assert table["Comes out"].tolist()[-3:] == ["128", "8", "8"]


def test_maps_of_the_first_convolution(
    show: Show, finished_run: str, maps: Maps, clicks: dict[str, Any]
) -> None:
    test = section(show(PAGE, run=finished_run), "Feature maps")
    assert maps[0] == ("conv_1", 16, "activation", 0)
    assert list(clicks["tiles"]) == [str(k) for k in range(7, -1, -1)], "the strongest first"
    assert clicks["tiles"]["7"].chosen and clicks["tiles"]["7"].caption == "8 · 7.25"
    assert "8 of 8 maps, each 16×16 pixels, strongest first" in words(test)
    # The chosen map is followed through all steps of its block, and every block gives one.
    assert maps[1] == (("conv_1", "relu_1", "pool_1"), 7)
    assert maps[2] == (("pool_1", "add_2", "conv_3"), None)
    assert "Convolution → ReLU → Max pooling" in words(test)
    shown = " ".join(pictures(test))
    assert "Max pooling: map 8, 8 by 8 pixels" in shown
    # The numbers of the eighth kernel: 7 × 27 - 100 and 26 more.
    assert "The filter of map 8: 3 by 3 numbers" in shown and "from 89.00 to 115.00" in shown
    assert "Block 3: map 128 of 128, 8 by 8 pixels" in shown


def test_one_map_is_followed_through_the_depth(
    show: Show, finished_run: str, maps: Maps, clicks: dict[str, Any]
) -> None:
    test = section(show(PAGE, run=finished_run), "Feature maps")
    group(test, "inside-depth").set_value("one").run()
    assert not test.exception
    # From the first block on: the last block of 8×8 pixels is the last one with maps.
    assert maps[-1] == ("conv_3", 64, "activation", 0)
    shown = " ".join(pictures(test))
    assert "The start: map 8, 16 by 16 pixels" in shown and "Block 3: map" in shown
    next(one for one in test.selectbox if one.label == "Layer").set_value("conv_3").run()
    assert "there are no more maps" in words(test)


def test_maps_by_number_sheet_by_sheet(
    show: Show, finished_run: str, maps: Maps, clicks: dict[str, Any]
) -> None:
    test = section(show(PAGE, run=finished_run), "Feature maps")
    next(one for one in test.selectbox if one.label == "Layer").set_value("conv_3").run()
    group(test, "inside-number").set_value(36).run()
    group(test, "inside-order").set_value("number").run()
    next(one for one in test.number_input if one.key == "inside-sheet").set_value(4).run()
    assert not test.exception
    asked = [one for one in maps if one[0] == "conv_3"]
    assert asked[-1] == ("conv_3", 36, "number", 108)
    assert next(iter(clicks["tiles"])) == "108" and len(clicks["tiles"]) == 20
    test.session_state["inside-map"] = 110
    test.run()
    assert clicks["tiles"]["110"].chosen
    assert "Map 111" in words(test)
    assert "Neither ReLU nor max pooling follows here" in words(test)


def test_a_run_without_a_model_sends_to_training(show: Show, unfinished_run: str) -> None:
    test = show(PAGE, run=unfinished_run)
    assert any("no model yet" in words.value for words in test.markdown)
    assert not test.dataframe


def test_a_run_that_does_not_exist_is_a_sentence(show: Show) -> None:
    test = show(PAGE, run="20200101-000000-nothing-0000")
    assert any("20200101-000000-nothing-0000" in error.value for error in test.error)
