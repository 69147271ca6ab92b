"""What a network does with a result: what the section says and what moves with its controls."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lesionlab.app.convolution import after_drawn
from lesionlab.app.pictures import colour_map
from lesionlab.app.theme import DIVERGING


def script(numbers: list) -> None:  # type: ignore[type-arg]
    import numpy as np

    from lesionlab.app.convolution import after

    after.show(None, np.array(numbers, np.float32), "My kernel")  # type: ignore[arg-type]


def shown(numbers: list[Any]) -> AppTest:
    test = AppTest.from_function(script, args=(numbers,), default_timeout=120).run()
    assert not test.exception, test.exception
    return test


def words(test: AppTest) -> str:
    bodies = [str(one.proto.body) for one in test.get("html")]
    return " ".join(bodies + [str(one.value) for one in [*test.markdown, *test.latex]])


# Two of eight above zero, one above 255; the mean is 0.
EIGHT = [[300.0, 100.0, -50.0, -50.0], [-75.0, -75.0, -75.0, -75.0]]


def test_the_share_that_relu_switches_off_follows_the_switches() -> None:
    test = shown(EIGHT)
    assert "ReLU switches off 75 % of the units" in words(test)
    # All eight moved up by 2 spreads: the lowest is at -0.58, and none is off.
    test.slider(key="after-shift").set_value(2.0).run()
    assert "ReLU switches off 0 % of the units" in words(test)
    test.toggle(key="after-normalise").set_value(False).run()
    text = words(test)
    assert "ReLU switches off 75 % of the units" in text
    assert "Sigmoid: 100 % within 0.01 of 0 or 1" in text


def test_the_arithmetic_of_batch_normalisation() -> None:
    # Squares: 90000 + 10000 + 2 * 2500 + 4 * 5625 = 127500, over 8 is 15937.5; its root 126.24.
    test = shown(EIGHT)
    text = words(test)
    assert "Mean **0**, standard deviation **126**" in text
    # Scale and shift appear once they do something.
    assert r"\text{out} = \frac{x - 0}{\sqrt{15{,}938 + 0.001}}" in text
    assert r"\text{out} = \frac{x - 0}{126}" in text
    table = test.table[0].value
    assert table.loc["Largest"].tolist() == ["300", "300", "2.38"]
    assert table.loc["Smallest"].tolist() == ["−75", "−75", "−0.59"]
    test.slider(key="after-scale").set_value(2.0).run()
    assert test.table[0].value.loc["Largest", "After"] == "4.75"
    test.slider(key="after-shift").set_value(-0.5).run()
    assert r"\text{out} = 2 \cdot \frac{x - 0}{126} - 0.5" in words(test)


def test_pooling_of_the_result_itself() -> None:
    test = shown(EIGHT)
    test.selectbox(key="after-pooled").set_value("result").run()
    assert "<strong>300</strong>" in words(test)
    assert "After: 2 × 1 = 2 numbers" in words(test)
    test.button_group(key="after-kind").set_value("sum").run()
    assert "<strong>250</strong>" in words(test)
    test.button_group(key="after-kind").set_value("average").run()
    assert "<strong>62.50</strong>" in words(test)
    test.button_group(key="after-size").set_value(3).run()
    assert "no square of 3×3 fits" in test.info[0].value


def test_the_strongest_square_leaves_out_what_pooling_drops() -> None:
    values = np.zeros((5, 7))
    values[4, 6], values[3, 2] = 100, -9
    assert after_drawn.strongest_square(values, 2) == (1, 1)
    assert after_drawn.strongest_square(values, 3) == (0, 0)


def test_one_layer_of_three_at_a_time() -> None:
    three = np.zeros((4, 5, 3))
    three[..., 0], three[0, 0, 1] = 7, -9
    test = shown(three.tolist())
    assert test.table[0].value.loc["Smallest", "Before"] == "−9"
    assert test.table[0].value.loc["Largest", "Before"] == "0"
    test.button_group(key="after-layer").set_value("Red").run()
    assert test.table[0].value.loc["Smallest", "Before"] == "7"
    assert "All numbers are alike" in words(test)


def test_the_legend_has_brown_only_where_something_is_below_zero() -> None:
    both = after_drawn.signed_html(np.array([[-4.0, 2.0]]), "a", "b", limit=3)
    assert "−3 or less" in both
    assert ">3<" in both
    above = after_drawn.signed_html(np.array([[0.0, 2.0]]), "a", "b", limit=2)
    assert re.findall("<span>([^<]+)</span>", above) == ["0", "1", "2"]
    assert "#8C4A00" in both
    assert "#8C4A00" not in above


def test_every_number_has_its_colour() -> None:
    values = np.array([[-9.0, -2.0, -1.0], [0.0, 1.0, 9.0]])
    content = after_drawn.painted(values, DIVERGING, 2.0)
    picture = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    times = len(picture) // 2
    # The ends and beyond have the outermost colours: #8C4A00 and #064A6E.
    assert picture[0, 0].tolist() == picture[0, times].tolist() == [0x8C, 0x4A, 0x00]
    assert picture[-1, -1].tolist() == [0x06, 0x4A, 0x6E]
    wanted = colour_map(values, DIVERGING, 2.0).astype(int)
    assert np.abs(picture[::times, ::times] - wanted).max() <= 1


@pytest.mark.parametrize("numbers", [[[0.0]], [[5.0, 5.0], [5.0, 5.0]], [[]]])
def test_the_smallest_results(numbers: list[list[float]]) -> None:
    assert not shown(numbers).exception


def test_the_code_that_ran_is_shown() -> None:
    test = shown(EIGHT)
    names = [re.match(r"def (\w+)", block.value) for block in test.code]
    found = [name.group(1) for name in names if name]
    assert found == ["batch_normalise", "relu", "sigmoid", "tanh", "pool"]
    assert r"\text{ReLU}(x) = \max(0,\ x)" in words(test)


def test_every_picture_has_an_alternative_text() -> None:
    text = words(shown(EIGHT))
    assert len(re.findall("<img", text)) == 6
    assert len(set(re.findall('<img [^>]*alt="([^"]{10,})"', text))) == 6


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(0.0, "0"), (-0.001, "0"), (1.5, "1.5"), (-12.34, "−12.3"), (-1234.5, "−1,234"), (100, "100")],
)
def test_numbers_in_sentences(value: float, wanted: str) -> None:
    assert after_drawn.say(value) == wanted


def test_shares_are_never_rounded_to_none_or_all() -> None:
    found = [after_drawn.percent(share) for share in (0, 0.0002, 0.125, 0.9999, 1)]
    assert found == ["0 %", "less than 0.1 %", "12.5 %", "more than 99.9 %", "100 %"]
