"""The Look inside page: layers, maps, and what is asked of the service."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

Show = Callable[..., AppTest]
PAGE = "pages/6_look_inside.py"


def section(test: AppTest, name: str) -> AppTest:
    """The page after another section was chosen."""
    pills = next(one for one in test.get("button_group") if one.key == "inside-section")
    pills.set_value(name).run()
    assert not test.exception
    return test


def pictures(test: AppTest) -> list[str]:
    return [html.proto.body for html in test.get("html") if "<img" in html.proto.body]


def test_the_first_convolution_is_shown(
    show: Show, finished_run: str, maps: list[tuple[str, int]]
) -> None:
    test = section(show(PAGE, run=finished_run), "Feature maps")
    assert maps == [("conv_1", 16)]
    shown = " ".join(pictures(test))
    assert "The 8 strongest of 8 feature maps of conv_1" in shown
    assert "number 8 of 8" in shown, "the strongest map comes first in `indices`"
    assert any("conv_1 does it." in words.value for words in test.markdown)


def test_another_layer_and_number(
    show: Show, finished_run: str, maps: list[tuple[str, int]]
) -> None:
    test = section(show(PAGE, run=finished_run), "Feature maps")
    layer = next(one for one in test.selectbox if one.label == "Layer")
    assert len(layer.options) == 3, "layers without places have no maps"
    layer.set_value("conv_2").run()
    number = next(one for one in test.get("button_group") if one.label == "Maps to show")
    number.set_value(4).run()
    assert not test.exception
    assert maps[-1] == ("conv_2", 4)
    assert "The 4 strongest of 32 feature maps" in " ".join(pictures(test))


def test_all_layers_are_listed(show: Show, finished_run: str, maps: list[tuple[str, int]]) -> None:
    (table,) = (frame.value for frame in show(PAGE, run=finished_run).dataframe)
    assert table["Name"].tolist() == ["pixels", "conv_1", "conv_2", "logits"]
    assert table["Comes out"].tolist() == ["16 × 16 × 3", "16 × 16 × 8", "8 × 8 × 32", "8"]


def test_a_run_without_a_model_sends_to_training(show: Show, unfinished_run: str) -> None:
    test = show(PAGE, run=unfinished_run)
    assert any("no model yet" in words.value for words in test.markdown)
    assert not test.dataframe


def test_a_run_that_does_not_exist_is_a_sentence(show: Show) -> None:
    test = show(PAGE, run="20200101-000000-nothing-0000")
    assert any("20200101-000000-nothing-0000" in error.value for error in test.error)


def test_every_section_opens_for_a_drawn_picture(
    show: Show, finished_run: str, maps: list[tuple[str, int]], answers: list[tuple[str, bool]]
) -> None:
    test = show(PAGE, run=finished_run)
    for name in ("The answer", "Where it looks", "Break it"):
        section(test, name)
    assert answers and all(drawn for _, drawn in answers), "the picture is known to be drawn"
