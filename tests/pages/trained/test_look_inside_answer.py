"""The answer, where it looks, and break it: what is asked, what is said, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesionlab.models.bundle import write_bundle

Show = Callable[..., AppTest]
PAGE = "pages/6_look_inside.py"
CLASSES = 8


def soft(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits)
    return powers / powers.sum()


@pytest.fixture
def explained(monkeypatch: pytest.MonkeyPatch, answers: Any, maps: Any) -> dict[str, list[Any]]:
    """What the service was asked to explain; answers with known numbers."""
    from lesionlab.service import explaining_client as client

    asked: dict[str, list[Any]] = {"end": [], "heat": [], "covered": [], "spoiled": []}
    kernel = np.zeros((3, CLASSES), np.float32)
    kernel[:, 4] = (2, -1, 0.5)  # mel
    features = np.array([1.5, 1, 0], np.float32)
    logits = features @ kernel + 0.25

    def end_numbers(model: str, image: bytes, drawn: bool) -> dict[str, np.ndarray]:
        asked["end"].append(drawn)
        return {
            "pooled": features,
            "features": features,
            "kernel": kernel,
            "bias": np.full(CLASSES, 0.25, np.float32),
            "logits": logits,
            "probabilities": soft(logits),
            "softened": soft(logits),
        }

    def heat_maps(
        model: str, image: bytes, code: str, layer: str, drawn: bool, draws: int, redrawn: int
    ) -> dict[str, np.ndarray]:
        asked["heat"].append((code, layer, draws))
        heat = np.arange(16, dtype=np.float32).reshape(4, 4)
        return {"heat": heat, "redrawn": np.stack([heat[::-1, ::-1]] * draws) if draws else heat}

    def covered_answers(
        model: str, image: bytes, grid: int, begin: int, drawn: bool
    ) -> dict[str, np.ndarray]:
        asked["covered"].append(begin)
        count = min(50, grid * grid - begin)
        shares = np.full((count, CLASSES), 0.02, np.float32)
        shares[:, 4] = 0.86
        if begin == 0:
            shares[7, 4] = 0.31
        whole = np.full(CLASSES, 0.02, np.float32)
        whole[4] = 0.86
        return {"probabilities": shares, "squares": np.zeros((count, 4), int), "whole": whole}

    def spoiled_answers(
        model: str, image: bytes, settings: Any, first: int, count: int, drawn: bool
    ) -> dict[str, np.ndarray]:
        asked["spoiled"].append((settings, first, count))
        before = np.eye(CLASSES, dtype=np.float32)[4]
        after = np.repeat(before[None], count, axis=0)
        after[1::4] = np.eye(CLASSES)[5]
        pictures = np.zeros((count, 16, 16, 3), np.uint8)
        return {"before": before, "after": after, "pictures": pictures}

    monkeypatch.setattr(client, "end_numbers", end_numbers)
    monkeypatch.setattr(client, "heat_maps", heat_maps)
    monkeypatch.setattr(client, "covered_answers", covered_answers)
    monkeypatch.setattr(client, "spoiled_answers", spoiled_answers)
    return asked


def section(test: AppTest, name: str) -> AppTest:
    """The page after another section was chosen."""
    pills = next(one for one in test.get("button_group") if one.key == "inside-section")
    pills.set_value(name).run()
    assert not test.exception
    return test


def said(test: AppTest) -> str:
    return " ".join(words.value for words in [*test.markdown, *test.caption])


def html(test: AppTest) -> str:
    return " ".join(one.proto.body for one in test.get("html"))


def test_the_arithmetic_of_the_likeliest_class_is_shown(
    show: Show, finished_run: str, explained: dict[str, list[Any]]
) -> None:
    test = section(show(PAGE, run=finished_run), "The answer")
    assert explained["end"] == [True], "the picture is known to be drawn"
    table = test.dataframe[0].value
    # 1.5 × 2 - 1 × 1 + 0 × 0.5 + 0.25
    assert table["= product"].tolist() == ["3.000", "−1.000", "0.000", "0.250", "2.250"]
    assert table["× weight"].tolist() == ["2.000", "−1.000", "0.500", "", ""]
    assert "**2.25**" in said(test)
    # exp(2.25 - 2.25) over 1 + 7 × exp(0.25 - 2.25)
    assert any("51.4" in formula.value for formula in test.get("latex"))


def test_a_model_that_answers_over_copies_is_followed_through_the_plain_picture(
    show: Show, finished_run: str, explained: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lesionlab.experiment import with_settings
    from lesionlab.jobs.runs import open_run
    from lesionlab.models.bundle import read_description
    from lesionlab.service import client

    ways: list[Any] = []
    predict = client.predict

    def watched(*given: Any, **named: Any) -> dict[str, Any]:
        answer = predict(*given, **named)
        ways.append(answer["test_time"])
        return answer

    monkeypatch.setattr(client, "predict", watched)
    other = "On the page Predict this model answers with the mean over each picture"
    assert other not in said(section(show(PAGE, run=finished_run), "The answer"))
    folder = open_run(finished_run).folder / "model"
    known = read_description(folder)
    flips = with_settings(known.experiment, ["evaluation.test_time=flips"])
    changed = known.model_copy(update={"experiment": flips})
    write_bundle(folder, changed, {"a/b": np.ones(1, np.float32)})
    test = show(PAGE, run=finished_run)
    for name in ("The answer", "Where it looks", "Break it"):
        assert other in said(section(test, name)), name
    assert set(ways) == {"none"}


def test_the_maps_behind_the_largest_products_are_shown(
    show: Show, finished_run: str, explained: dict[str, list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lesionlab.service import explaining_client as client

    kernel = np.full((128, CLASSES), 0.01, np.float32)
    kernel[[7, 90], 4] = (2, -3)  # mel
    numbers = client.end_numbers("", b"", True)
    numbers |= {"pooled": np.ones(128, np.float32), "features": np.ones(128, np.float32)}
    monkeypatch.setattr(client, "end_numbers", lambda *_: numbers | {"kernel": kernel})
    test = section(show(PAGE, run=finished_run), "The answer")
    next(one for one in test.selectbox if one.label == "Class").set_value("mel").run()
    assert not test.exception
    shown = html(test)
    assert shown.index("91 · −3.00") < shown.index("8 · +2.00")
    assert "The first map has 64 fields" in said(test)


def test_another_class_has_another_sum(
    show: Show, finished_run: str, explained: dict[str, list[Any]]
) -> None:
    test = section(show(PAGE, run=finished_run), "The answer")
    next(one for one in test.selectbox if one.label == "Class").set_value("nv").run()
    assert not test.exception
    assert test.dataframe[0].value["= product"].tolist()[-1] == "0.250"
    assert len(explained["end"]) == 1, "the numbers are those of the same picture"


def test_heat_of_another_class_and_layer_with_its_check(
    show: Show, finished_run: str, explained: dict[str, list[Any]]
) -> None:
    test = section(show(PAGE, run=finished_run), "Where it looks")
    layers = next(one for one in test.selectbox if one.label == "Seen from layer")
    assert explained["heat"] == [("mel", layers.value, 0), ("mel", layers.value, 5)]
    convolutions = [option for option in layers.options if "Convolution" in option]
    assert layers.value == f"conv_{len(convolutions)}", "last"
    assert "of the heat lies inside the lesion" in said(test)
    assert "−1.00" in said(test), "the redrawn maps are the opposite"
    assert "depends on what the network has learned" in said(test)
    assert html(test).count("agrees to −1.00") == 10, "in words and as alternative text"
    assert any(code.value.startswith("def last_grad_cam(") for code in test.code)
    layers.set_value("conv_1").run()
    next(one for one in test.selectbox if one.label == "Class").set_value("nv").run()
    assert not test.exception
    assert explained["heat"][-1] == ("nv", "conv_1", 5)
    assert any(code.value.startswith("def grad_cam(") for code in test.code)


def test_the_picture_is_covered_once_in_pieces(
    show: Show, finished_run: str, explained: dict[str, list[Any]]
) -> None:
    test = section(show(PAGE, run=finished_run), "Where it looks")
    assert not explained["covered"], "nobody asked for it yet"
    next(one for one in test.toggle if one.key == "inside-cover").set_value(True).run()
    assert not test.exception
    assert explained["covered"] == [0, 50]
    assert "**86.0%**" in said(test)
    assert "**31.0%**" in said(test)
    next(one for one in test.selectbox if one.label == "Class").set_value("nv").run()
    assert explained["covered"] == [0, 50], "all classes were answered at once"
    assert "Covering no place makes this class less likely." in said(test)


def test_marks_move_the_bars_and_flips_are_counted(
    show: Show, finished_run: str, explained: dict[str, list[Any]]
) -> None:
    test = section(show(PAGE, run=finished_run), "Break it")
    (one, _, _), *_ = explained["spoiled"]
    assert one.hairs == 15
    assert [(first, count) for _, first, count in explained["spoiled"]] == [
        (0, 1),
        (0, 4),
        (4, 4),
        (8, 4),
    ]
    assert "3 of 12" in said(test)
    next(one for one in test.slider if one.key == "break-warmth").set_value(0.5).run()
    assert explained["spoiled"][-1][0].warmth == 0.5
    next(one for one in test.button if one.label == "Put them elsewhere").click().run()
    assert explained["spoiled"][-4][1:] == (12, 1), "other seeds than before"
    next(one for one in test.button if one.label == "Take all off").click().run()
    assert not test.exception
    assert explained["spoiled"][-1][0].model_dump() == type(one)().model_dump()
    assert "Put one of them on" in said(test)


def test_lines_by_hand_are_judged_and_go_with_their_picture(
    show: Show,
    finished_run: str,
    explained: dict[str, list[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from lesionlab.app.inside import break_it, sketch

    seen: dict[str, Any] = {}
    monkeypatch.setattr(sketch, "sketch", lambda image, alt, **options: seen.update(options))
    test = section(show(PAGE, run=finished_run), "Break it")
    line = {"id": 5, "tool": "pen", "points": [[0.25, 0.5], [0.75, 0.5]]}
    # What the browser's line does before the page is drawn again.
    test.session_state[break_it.LINES] = break_it.with_lines((), [line], 0, (40, 60))
    test.run()
    (stroke,) = explained["spoiled"][-1][0].strokes
    assert (stroke.tool, stroke.points) == ("pen", ((0.25, 0.5), (0.75, 0.5)))
    assert seen["known"] == [5]
    assert "15 hairs, 1 line by hand" in html(test)
    next(one for one in test.number_input if one.key == "picture-number").set_value(2).run()
    assert not test.exception
    assert seen["known"] == [] and not explained["spoiled"][-1][0].strokes


@pytest.mark.parametrize("name", ["The answer", "Where it looks", "Break it"])
def test_a_model_of_drawings_explains_no_photograph(
    show: Show, finished_run: str, explained: dict[str, list[Any]], name: str
) -> None:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(buffer, "PNG")
    test = show(PAGE, run=finished_run)
    test.session_state["own-picture-bytes"] = buffer.getvalue()
    next(one for one in test.get("button_group") if one.key == "picture-source").set_value("own")
    section(test.run(), name)
    assert any("only seen drawings" in words.value for words in test.warning)
    assert not any(explained.values())
    (tick,) = [box for box in test.checkbox if box.label == "This is a drawn example"]
    tick.check().run()
    assert not test.exception
    assert not test.warning
    assert any(explained.values())
