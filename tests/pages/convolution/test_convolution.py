"""Convolution: what happens when a control moves."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from lesionlab.app import kernels
from lesionlab.app.convolution.after_drawn import say
from lesionlab.app.convolution.result_words import cut_words, signed_words
from lesionlab.app.desk import open_desk
from lesionlab.images.convolve import convolve, convolve_summed
from lesionlab.images.kernels import KERNELS

PAGE = "pages/2_convolution.py"
Show = Callable[..., AppTest]


def pixels(data: dict[str, Any]) -> np.ndarray:
    """The numbers that the browser sums, `(h, w, c)`."""
    content = np.frombuffer(base64.b64decode(data["pixels"]), np.uint8)
    return content.reshape(*data["size"], -1)


def drawing(address: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))))


def test_one_picture_one_kernel_one_result_at_once(test: AppTest, shown: dict[str, Any]) -> None:
    data = shown["bench"]
    assert data["title"] == "Sobel X"
    assert data["labels"] == ["−1", "0", "1", "−2", "0", "2", "−1", "0", "1"]
    assert data["size"] == data["out"] == [30, 40]
    assert data["before"] == [1, 1]
    assert data["view"] == "signed"
    # Each number is a square of four by four, so that a small result stays sharp.
    assert drawing(data["results"][0]["signed"]).shape == (4 * 30, 4 * 40)
    result = convolve(pixels(data)[..., 0], KERNELS["sobel-x"].weights, padding="reflect")
    low, high = say(float(result.min())), say(float(result.max()))
    assert data["captions"][1].endswith(f"40 × 30 numbers from {low} to {high}")


def test_the_layers_are_those_of_the_picture(test: AppTest, shown: dict[str, Any]) -> None:
    views = shown["numbers"]["views"]
    assert [view["alt"].split()[1] for view in views] == ["whole", "red", "green", "blue"]
    red = drawing(views[1]["image"])
    assert red[..., 0].mean() > 60 > 20 > red[..., 1].mean()
    assert pixels(shown["numbers"]).shape == (30, 40, 3)


def test_an_average_keeps_the_brightness(test: AppTest, shown: dict[str, Any]) -> None:
    before = pixels(shown["bench"]).std()
    test.button_group(key="kernel").set_value("average-7").run()
    data = shown["bench"]
    assert data["labels"] == ["1/49"] * 49
    assert data["before"] == [3, 3]
    assert data["view"] == "cut"
    assert drawing(data["results"][0]["cut"]).std() < before / 2


def test_it_ends_with_how_it_works_and_three_questions(test: AppTest) -> None:
    folded = [box.label for box in test.expander]
    place = folded.index("How it works")
    assert test.expander[place].get("latex")
    assert "def convolve(" in test.expander[place].code[0].value
    assert [label[-1] for label in folded[place + 1 :]] == ["?"] * 3


def test_signed_and_cut_and_what_each_hides() -> None:
    # Two of eight above zero, one above 255.
    eight = np.array([[300.0, 100.0, -50.0, -50.0], [-75.0, -75.0, -75.0, -75.0]])
    shows, hides = signed_words(eight, 255.0)
    assert "Blue is above zero" in shows
    assert "nearer than 2 to each other" in hides
    assert "so do the 12.5 % beyond" in hides
    shows, hides = cut_words(eight)
    assert "room for 0 to 255" in shows
    assert hides.startswith("75 % of the numbers lie below zero")
    assert "12.5 % lie above 255" in hides
    assert "rounded" in cut_words(np.array([[0.4, 255.0]]))[1]


def test_three_results_are_also_one_picture_when_cut(test: AppTest, shown: dict[str, Any]) -> None:
    assert shown["bench"]["whole"] is None
    test.button_group(key="layer").set_value("each").run()
    data = shown["bench"]
    result = convolve(pixels(data), KERNELS["sobel-x"].weights, padding="reflect")
    wanted = np.rint(np.clip(result, 0, 255))
    np.testing.assert_array_equal(drawing(data["whole"]["cut"]), wanted)
    green = drawing(data["results"][1]["cut"])
    np.testing.assert_array_equal(green, wanted[..., 1])


def test_a_known_kernel_becomes_ones_own(test: AppTest, shown: dict[str, Any]) -> None:
    assert shown["bench"]["editable"]
    test.button_group(key="kernel").set_value("emboss").run()
    emboss = shown["bench"]["labels"]
    test.button(key="changed").click().run()
    assert test.button_group(key="kernel").value == "own"
    assert shown["bench"]["labels"] == emboss
    assert shown["bench"]["title"] == "My own"
    assert not shown["bench"]["editable"]


def test_stride_dilation_and_no_padding_make_it_smaller(
    test: AppTest, shown: dict[str, Any]
) -> None:
    test.slider(key="stride").set_value(2)
    test.slider(key="dilation").set_value(3)
    test.selectbox(key="padding").set_value("valid").run()
    # Across: (40 + 0 - 3 * 2 - 1) / 2 = 16.5 and one more place; down: 11.5 and one more.
    assert shown["bench"]["out"] == [12, 17]
    assert shown["bench"]["before"] == [0, 0]
    formulas = " ".join(latex.value for latex in test.get("latex"))
    assert r"\frac{40 + 0 - 3\cdot(3-1) - 1}{2}\right\rfloor + 1 = 17" in formulas
    test.selectbox(key="padding").set_value("same").run()
    # Ten places of stride 2 and a reach of 7 want 2 * 19 + 7 = 45 pixels: 5 more than there are.
    assert shown["bench"]["out"] == [15, 20]
    assert shown["bench"]["before"] == [2, 2]
    formulas = " ".join(latex.value for latex in test.get("latex"))
    assert r"\frac{40 + 5 - 3\cdot(3-1) - 1}{2}\right\rfloor + 1 = 20" in formulas


def test_a_kernel_that_does_not_fit_is_told(test: AppTest, shown: dict[str, Any]) -> None:
    test.button_group(key="kernel").set_value("average-15")
    test.slider(key="dilation").set_value(3)
    test.selectbox(key="padding").set_value("valid").run()
    assert "reaches over 43 pixels" in test.warning[0].value
    assert "40 × 30" in test.warning[0].value
    assert not test.exception


def test_layers_and_bias_in_the_sum(test: AppTest, shown: dict[str, Any]) -> None:
    test.slider(key="bias").set_value(20)
    test.button_group(key="layer").set_value("green").run()
    data = shown["bench"]
    assert data["names"] == ["green"]
    assert data["bias"] == 20
    colours = pixels(shown["numbers"])
    np.testing.assert_array_equal(pixels(data), colours[..., 1:2])
    test.button_group(key="layer").set_value("each").run()
    assert shown["bench"]["names"] == ["red", "green", "blue"]
    assert len(shown["bench"]["results"]) == 3
    test.button_group(key="layer").set_value("summed").run()
    data = shown["bench"]
    assert (data["mode"], len(data["results"])) == ("summed", 1)
    weights = KERNELS["sobel-x"].weights
    result = convolve_summed(colours, weights, padding="reflect", bias=20.0)
    assert f"to {say(float(result.max()))}" in data["captions"][1]


def test_an_own_kernel_of_another_size_and_normalised(test: AppTest, shown: dict[str, Any]) -> None:
    test.button_group(key="kernel").set_value("own").run()
    assert shown["bench"]["labels"] == ["−1", "0", "1", "−2", "0", "2", "−1", "0", "1"]
    test.number_input(key="own-size").set_value(5).run()
    assert shown["bench"]["side"] == 5
    rim = ["0"] * 5
    assert shown["bench"]["labels"] == [
        *rim,
        *("0", "−1", "0", "1", "0"),
        *("0", "−2", "0", "2", "0"),
        *("0", "−1", "0", "1", "0"),
        *rim,
    ]
    test.number_input(key="own-size").set_value(2).run()
    assert shown["bench"]["labels"] == ["−1", "0", "−2", "0"]
    test.toggle(key="normalise").set_value(True).run()
    assert shown["bench"]["labels"] == ["1/3", "0", "0.67", "0"]
    test.selectbox(key="own-start").set_value("identity").run()
    assert shown["bench"]["labels"] == ["0", "0", "0", "0", "1", "0", "0", "0", "0"]
    test.selectbox(key="own-start").set_value("zeros").run()
    assert shown["bench"]["labels"] == ["0"] * 9


def test_what_was_typed_into_the_table_is_used_and_kept(
    test: AppTest, shown: dict[str, Any], show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, typed = st.data_editor, {"on": True}

    def editor(frame: Any, **options: Any) -> Any:
        edited = real(frame, **options).copy()
        if typed["on"]:
            edited.iloc[0, 0], edited.iloc[1, 1] = 7.0, None
        return edited

    monkeypatch.setattr(st, "data_editor", editor)
    test.button_group(key="kernel").set_value("own").run()
    seven = ["7", "0", "1", "−2", "0", "2", "−1", "0", "1"]
    assert shown["bench"]["labels"] == seven
    typed["on"] = False
    test.switch_page("pages/1_data_explorer.py").run()
    test.switch_page(PAGE).run()
    assert test.button_group(key="kernel").value == "own"
    assert shown["bench"]["labels"] == seven


def test_another_picture_is_kept_on_the_desk(test: AppTest, show: Show, desk_id: str) -> None:
    test.selectbox(key="picture-class").select("nv").run()
    test.number_input(key="picture-number").set_value(3).run()
    image = open_desk(desk_id).image
    assert image is not None
    assert "nv2" in image
    again = show(PAGE)
    assert again.selectbox(key="picture-class").value == "nv"
    assert again.number_input(key="picture-number").value == 3


def test_an_own_picture_and_a_broken_one(test: AppTest, shown: dict[str, Any]) -> None:
    test.button_group(key="picture-source").set_value("own").run()
    assert "Upload a picture" in test.info[0].value
    test.get("file_uploader")[0].set_value(("x.png", b"no picture", "image/png")).run()
    assert test.error
    assert not test.exception
    buffer = io.BytesIO()
    Image.new("RGB", (50, 40), (200, 0, 0)).save(buffer, "PNG")
    test.get("file_uploader")[0].set_value(("y.png", buffer.getvalue(), "image/png")).run()
    assert shown["numbers"]["views"][1]["caption"] == "Red: on average 200 of 255"
    assert shown["bench"]["captions"][1].endswith("from 0 to 0")
    # The picture that goes in is drawn from black to its colour, and so is its scale.
    test.button_group(key="layer").set_value("red").run()
    assert shown["bench"]["scales"]["in"]["stops"] == "#000000, #ff0000"
    # What was taken away is not used any longer.
    test.get("file_uploader")[0].set_value(None).run()
    assert "Upload a picture" in test.info[0].value


def test_a_picture_of_one_pixel(test: AppTest, shown: dict[str, Any]) -> None:
    test.button_group(key="picture-source").set_value("own").run()
    buffer = io.BytesIO()
    Image.new("RGB", (1, 1), (9, 9, 9)).save(buffer, "PNG")
    test.get("file_uploader")[0].set_value(("one.png", buffer.getvalue(), "image/png")).run()
    assert not test.exception
    assert shown["bench"]["out"] == [1, 1]


def test_what_a_network_does_next_with_the_result(test: AppTest, shown: dict[str, Any]) -> None:
    test.button_group(key="convolution-section").set_value("After the result").run()
    assert not test.exception
    assert "switches off" in " ".join(element.value for element in test.markdown)
    test.button_group(key="layer").set_value("each").run()
    assert not test.exception
    assert "Layer of the result" in [group.label for group in test.get("button_group")]


def test_a_small_number_in_a_cell_has_no_sign_of_nothing() -> None:
    wanted = {-0.003: "0.00", 0.003: "0.00", -0.007: "−0.01", -10.003: "−10.00", 0.25: "1/4"}
    assert {value: kernels.number(value) for value in wanted} == wanted
