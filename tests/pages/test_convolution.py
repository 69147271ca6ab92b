"""Convolution: what happens when a control moves."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lesionlab.app.desk import open_desk

PAGE = "pages/2_convolution.py"
Show = Callable[..., AppTest]


def words(test: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in test.get("html"))


def picture_after(test: AppTest, alt: str) -> np.ndarray:
    """The pixels of the picture whose alternative text begins so."""
    address = re.search(r'<img src="data:[^,]+,([^"]+)" alt="' + re.escape(alt), words(test))
    assert address, alt
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.group(1)))))


@pytest.fixture
def test(show: Show, tiny_set: Path, desk_id: str) -> AppTest:
    open_desk(desk_id).save(dataset="tiny")
    return show(PAGE)


def test_layers_and_kernel(test: AppTest) -> None:
    text = words(test)
    assert all(f"The {name} layer of the picture" in text for name in ("red", "green", "blue"))
    red = picture_after(test, "The red layer")
    assert red[..., 0].mean() > 60 > 20 > red[..., 1].mean()
    assert "Sobel" in text
    assert text.count("<td") == 9 * 4  # the kernel, then picture, kernel and product of one step


def test_an_average_of_49_numbers_is_shown_smoother(test: AppTest) -> None:
    test.button_group(key="kernel").set_value("average-7").run()
    text = words(test)
    assert text.count("1/49") == 49
    assert "One number, step by step" not in [head.value for head in test.subheader]
    before = picture_after(test, "Brightness of the picture")
    after = picture_after(test, "Answer of the kernel Average 7×7 cut")
    assert after.std() < before.std() / 2


def test_another_picture_is_kept_on_the_desk(test: AppTest, show: Show, desk_id: str) -> None:
    test.selectbox(key="picture-class").select("nv").run()
    test.number_input(key="picture-number").set_value(3).run()
    image = open_desk(desk_id).image
    assert image is not None
    assert "nv2" in image
    again = show(PAGE)
    assert again.selectbox(key="picture-class").value == "nv"
    assert again.number_input(key="picture-number").value == 3


def test_the_step_shows_the_sum_of_the_products(test: AppTest) -> None:
    test.slider(key="step-x").set_value(25).run()
    step = next(str(e.proto.body) for e in test.get("html") if "ll-step" in str(e.proto.body))
    cells = [int(text.replace("−", "-")) for text in re.findall(r">([−\d]+)</td>", step)]
    patch, kernel, products = (np.array(cells[k * 9 : k * 9 + 9]) for k in range(3))
    np.testing.assert_array_equal(patch * kernel, products)
    total = re.search(r"<strong>([−\d]+)</strong>", step)
    assert total
    assert int(total.group(1).replace("−", "-")) == products.sum()


def test_an_own_picture_and_a_broken_one(test: AppTest) -> None:
    test.button_group(key="picture-source").set_value("own").run()
    assert "Upload a picture" in test.info[0].value
    test.get("file_uploader")[0].set_value(("x.png", b"no picture", "image/png")).run()
    assert test.error
    assert not test.exception
    buffer = io.BytesIO()
    Image.new("RGB", (50, 40), (200, 0, 0)).save(buffer, "PNG")
    test.get("file_uploader")[0].set_value(("y.png", buffer.getvalue(), "image/png")).run()
    assert "on average 200 of 255" in words(test)
