"""Augmentation: the controls edit a copy, the layers of the training draw, a button saves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesionlab import experiment as experiments
from lesionlab.app.augmentation import asked
from lesionlab.app.desk import open_desk
from lesionlab.experiment import Augmentation

PAGE = "pages/3_augmentation.py"
GOOD = experiments.recipe("small-cnn").augmentation


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """What other tests asked for is asked for again: their pictures are the same."""
    for kept in (asked._samples, asked._at_values, asked._repeated, asked._cost):
        kept.clear()


@pytest.fixture
def test(show: Callable[..., AppTest], tiny_set: Path, desk_id: str) -> AppTest:
    open_desk(desk_id).save(dataset="tiny")
    return show(PAGE)


@pytest.fixture
def layers(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """Answers of the layers that tell by their grey level which sample they are."""
    from lesionlab.service import client

    calls: dict[str, list[Any]] = {"augment": [], "once": [], "cost": []}

    def grey(levels: Any, preprocessing: Any) -> np.ndarray:
        levels = np.asarray(levels, np.uint8)[:, None, None, None]
        return np.broadcast_to(levels, (len(levels), *preprocessing.size, 3)).copy()

    def augment(augmentation: Any, preprocessing: Any, image: bytes, count: int, seed: int) -> Any:
        calls["augment"].append((augmentation, count, seed))
        # Four different pictures, as flips alone would give.
        return grey(np.arange(count) % 4 * 10, preprocessing)

    def once(change: str, values: Any, fill: str, preprocessing: Any, image: bytes) -> Any:
        calls["once"].append((change, tuple(values), fill))
        return grey(np.arange(len(values)), preprocessing)

    def cost(augmentation: Any, preprocessing: Any, batch: int) -> Any:
        calls["cost"].append((augmentation, batch))
        return {"all": [1.0, 1.5, 4.0], "shape": [0.5, 0.75, 2.0]}

    monkeypatch.setattr(client, "augment", augment)
    monkeypatch.setattr(client, "augment_once", once)
    monkeypatch.setattr(client, "augment_cost", cost)
    return calls


def html_of(test: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in test.get("html"))


def words_of(test: AppTest) -> str:
    return " ".join(element.value for element in [*test.markdown, *test.caption, *test.info])


def begin_with(test: AppTest, name: str) -> AppTest:
    test.pills(key="augment-preset").set_value(name).run()
    return test


def open_section(test: AppTest, name: str) -> AppTest:
    test.pills(key="augmentation-section").set_value(name).run()
    assert not test.exception
    return test


def test_samples_beside_the_picture_at_once(
    test: AppTest, service: dict[str, list[Any]], desk_id: str
) -> None:
    assert html_of(test).count('alt="Changed at random') == 12
    assert html_of(test).count('alt="The picture as it is"') == 1
    # A draft that changes nothing is first shown a set that does; the draft stays as it is.
    assert service["augment"][-1] == (GOOD, 0)
    assert open_desk(desk_id).draft.augmentation == Augmentation()
    assert "Your experiment still changes: nothing." in words_of(test)


def test_a_control_reaches_the_training_layers(
    test: AppTest, service: dict[str, list[Any]]
) -> None:
    begin_with(test, "Nothing")
    test.slider(key="augment-rotation").set_value(90).run()
    test.slider(key="augment-shift").set_value(10).run()
    test.toggle(key="augment-horizontal_flip").set_value(True).run()
    test.selectbox(key="augment-fill").set_value("wrap").run()
    wanted = Augmentation(rotation=90, shift=0.1, horizontal_flip=True, fill="wrap")
    assert service["augment"][-1] == (wanted, 0)
    test.segmented_control(key="augment-group").set_value("Colour").run()
    test.slider(key="augment-hue").set_value(4).run()
    assert service["augment"][-1][0] == wanted.model_copy(update={"hue": 0.04})
    test.segmented_control(key="augment-group").set_value("Hide a part").run()
    test.slider(key="augment-cutout").set_value(25).run()
    assert service["augment"][-1][0] == wanted.model_copy(update={"hue": 0.04, "cutout": 0.25})


def test_a_shift_in_pixels_is_stored_as_a_share(
    test: AppTest, service: dict[str, list[Any]]
) -> None:
    begin_with(test, "Nothing")
    test.segmented_control(key="augment-shift-unit").set_value("pixels").run()
    test.slider(key="augment-shift-pixels").set_value(40).run()
    # The draft's pictures are 160 pixels wide.
    assert service["augment"][-1][0] == Augmentation(shift=0.25)
    assert test.slider(key="augment-shift-pixels").max == 80


def test_the_same_seed_and_another_one(test: AppTest, layers: dict[str, list[Any]]) -> None:
    test.button(key="roll").click().run()
    assert layers["augment"][-1] == (GOOD, 12, 1)
    assert test.number_input(key="augment-seed").value == 1
    test.number_input(key="augment-seed").set_value(7).run()
    test.slider(key="augment-count").set_value(24).run()
    assert layers["augment"][-1] == (GOOD, 24, 7)
    assert html_of(test).count('alt="Changed at random') == 24
    before = len(layers["augment"])
    test.slider(key="augment-count").set_value(12).run()
    test.slider(key="augment-count").set_value(24).run()
    assert len(layers["augment"]) == before  # both were kept


def test_only_the_button_changes_the_draft(test: AppTest, desk_id: str) -> None:
    begin_with(test, "Nothing")
    test.slider(key="augment-zoom").set_value(20).run()
    assert open_desk(desk_id).draft.augmentation == Augmentation()
    test.button(key="use").click().run()
    assert open_desk(desk_id).draft.augmentation == Augmentation(zoom=0.2)
    assert test.button(key="use").disabled
    begin_with(test, "Nothing")
    test.button(key="use").click().run()
    # Nothing was chosen this time, so it stays.
    assert open_desk(desk_id).draft.augmentation == Augmentation()
    assert test.slider(key="augment-zoom").value == 0


def test_a_preset_moves_the_controls_and_says_what_the_paper_leaves_open(
    test: AppTest, service: dict[str, list[Any]]
) -> None:
    begin_with(test, "Cullell-Dalmau 2021")
    assert service["augment"][-1][0] == Augmentation(
        rotation=90, shift=30 / 224, horizontal_flip=True, vertical_flip=True
    )
    assert test.slider(key="augment-rotation").value == 90
    assert "30 of 224 pixels" in words_of(test)
    assert "orange-badge" not in " ".join(caption.value for caption in test.caption)
    begin_with(test, "Steppan & Hanke 2021")
    assert ":orange-badge[close, not the same] The paper turns and zooms only every" in words_of(
        test
    )
    assert "its zoom only enlarges" in words_of(test)
    begin_with(test, "Ray 2020")
    assert "gives no number" in words_of(test)
    assert ":orange-badge[our own numbers]" in words_of(test)
    test.slider(key="augment-rotation").set_value(5).run()
    assert test.pills(key="augment-preset").value is None
    assert "Your own settings." in words_of(test)


def test_the_controls_come_back_as_they_were_after_a_page_that_ended_early(
    test: AppTest, service: dict[str, list[Any]]
) -> None:
    begin_with(test, "Cullell-Dalmau 2021")
    wanted = service["augment"][-1][0]
    test.segmented_control(key="picture-source").set_value("own").run()
    assert "Upload a picture" in test.info[0].value
    test.segmented_control(key="picture-source").set_value("set").run()
    # The browser has forgotten them, so it must be told.
    turn, preset = test.slider(key="augment-rotation"), test.pills(key="augment-preset")
    assert (turn.value, preset.value) == (90, "Cullell-Dalmau 2021")
    assert turn.proto.set_value
    assert preset.proto.set_value
    test.button(key="roll").click().run()
    assert service["augment"][-1] == (wanted, 1)
    # Once is enough: a slider in motion is left alone.
    assert not test.slider(key="augment-rotation").proto.set_value


def test_the_badge_beside_a_control_follows_its_value(test: AppTest) -> None:
    begin_with(test, "Nothing")
    test.segmented_control(key="augment-group").set_value("Colour").run()
    assert "may change the label" not in words_of(test)
    test.slider(key="augment-hue").set_value(20).run()
    assert ":red-badge[may change the label] :small[Turns all colours" in words_of(test)


def test_a_strip_runs_from_the_smallest_to_the_largest_value(
    test: AppTest, layers: dict[str, list[Any]]
) -> None:
    open_section(test, "One change")
    change, values, fill = layers["once"][-1]
    assert (change, fill) == ("rotation", "reflect")
    assert values == (-180, -135, -90, -45, 0, 45, 90, 135, 180)
    assert html_of(test).count("ll-chosen") >= 9
    test.selectbox(key="strip-change").set_value("zoom").run()
    test.slider(key="strip-steps").set_value(5).run()
    assert layers["once"][-1][:2] == ("zoom", (-0.5, -0.25, 0, 0.25, 0.5))
    assert html_of(test).count('ll-tile ll-chosen"') == 1  # zoom is 10 % in the good start
    test.selectbox(key="strip-change").set_value("vertical_flip").run()
    assert layers["once"][-1][:2] == ("vertical_flip", (0, 1))


def test_every_section_ends_with_how_it_works_and_three_questions(
    test: AppTest, layers: dict[str, list[Any]]
) -> None:
    for name in test.pills(key="augmentation-section").options:
        open_section(test, name)
        folded = [box.label for box in test.expander]
        place = folded.index("How it works")
        assert len(test.expander[place].get("latex")) == 1, name
        assert test.expander[place].code, name
        assert [label[-1] for label in folded[place + 1 :]] == ["?"] * 3, name


def test_what_is_safe_names_the_settings_that_are_not(
    test: AppTest, layers: dict[str, list[Any]]
) -> None:
    test.segmented_control(key="augment-group").set_value("Colour").run()
    test.slider(key="augment-hue").set_value(30).run()
    open_section(test, "Safe for the label?")
    assert ":red-badge[may change the label] colour tone" in words_of(test)
    assert ("hue", (0.5,), "reflect") in layers["once"]
    assert html_of(test).count('alt="The picture ') == 12


def test_equal_pairs_are_counted(test: AppTest, layers: dict[str, list[Any]]) -> None:
    open_section(test, "Through an epoch")
    test.slider(key="epoch-count").set_value(8).run()
    metrics = {metric.label: metric.value for metric in test.metric}
    # Eight samples, two of each of four kinds: four of the 28 pairs are equal.
    assert metrics["Equal pairs"] == "4 of 28"
    assert metrics["Different pictures"] == "4 of 8"
    assert "Only **4** different pictures" in words_of(test)


def test_the_cost_is_what_the_service_measured(test: AppTest, layers: dict[str, list[Any]]) -> None:
    open_section(test, "What it costs")
    metrics = {metric.label: metric.value for metric in test.metric}
    assert metrics == {
        "A picture": "1.50 ms",
        "1,000 pictures": "1.5 s",
        "Pictures a second": "667",
    }
    assert layers["cost"] == [(GOOD, 32)]
    test.button(key="cost-again").click().run()
    assert len(layers["cost"]) == 2


def test_a_service_that_refuses_gives_its_sentence(
    test: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lesionlab.errors import ServiceError
    from lesionlab.service import client

    def refuse(*_: Any) -> None:
        raise ServiceError("The service is busy.", what_to_do="Try again.")

    monkeypatch.setattr(client, "augment", refuse)
    test.slider(key="augment-rotation").set_value(35).run()
    assert "The service is busy." in test.error[0].value
    assert not test.exception


def test_a_wide_picture_of_the_largest_size(
    show: Callable[..., AppTest], tiny_set: Path, desk_id: str, layers: dict[str, list[Any]]
) -> None:
    desk = open_desk(desk_id)
    frame = desk.draft.preprocessing.model_copy(update={"size": (768, 1024)})
    desk.save(dataset="tiny", draft=desk.draft.model_copy(update={"preprocessing": frame}))
    test = show(PAGE)
    begin_with(test, "Cullell-Dalmau 2021")
    test.segmented_control(key="augment-shift-unit").set_value("pixels").run()
    assert test.slider(key="augment-shift-pixels").value == 137
    assert "137 pixels across and 103 up and down" in words_of(test)
    # No more than the service gives at a time: 16 megapixels.
    assert test.slider(key="augment-count").max == 20
    open_section(test, "Through an epoch")
    assert layers["augment"][-1][1] == 20
    open_section(test, "What it costs")
    assert layers["cost"][-1][1] == 20
