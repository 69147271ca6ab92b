"""Augmentation: the controls edit a copy, the layers of the training draw, a button saves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lesionlab import experiment as experiments
from lesionlab.app.desk import open_desk
from lesionlab.experiment import Augmentation

PAGE = "pages/3_augmentation.py"


@pytest.fixture
def test(show: Callable[..., AppTest], tiny_set: Path, desk_id: str) -> AppTest:
    open_desk(desk_id).save(dataset="tiny")
    return show(PAGE)


def test_twelve_samples_beside_the_picture(test: AppTest) -> None:
    text = " ".join(str(element.proto.body) for element in test.get("html"))
    assert text.count('alt="Changed at random') == 12
    assert text.count('alt="The picture as it is"') == 1


def test_a_slider_reaches_the_training_layers(test: AppTest, service: dict[str, list[Any]]) -> None:
    test.slider(key="augment-rotation").set_value(90).run()
    test.slider(key="augment-shift").set_value(10).run()
    test.toggle(key="augment-horizontal_flip").set_value(True).run()
    assert service["augment"][-1] == (
        Augmentation(rotation=90, shift=0.1, horizontal_flip=True),
        0,
    )
    test.button(key="roll").click().run()
    assert service["augment"][-1][1] == 1


def test_only_the_button_changes_the_draft(test: AppTest, desk_id: str) -> None:
    test.slider(key="augment-zoom").set_value(20).run()
    assert open_desk(desk_id).draft.augmentation == Augmentation()
    test.button(key="use").click().run()
    assert open_desk(desk_id).draft.augmentation == Augmentation(zoom=0.2)
    assert test.button(key="use").disabled


def test_a_good_start_is_the_recipes(test: AppTest, service: dict[str, list[Any]]) -> None:
    test.button(key="augment-good").click().run()
    good = experiments.recipe("small-cnn").augmentation
    assert service["augment"][-1][0] == good
    assert test.slider(key="augment-rotation").value == good.rotation
    test.button(key="augment-nothing").click().run()
    assert service["augment"][-1][0] == Augmentation()


def test_a_service_that_refuses_gives_its_sentence(
    show: Callable[..., AppTest],
    tiny_set: Path,
    desk_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from lesionlab.errors import ServiceError
    from lesionlab.service import client

    def refuse(*_: Any) -> None:
        raise ServiceError("The service is busy.", what_to_do="Try again.")

    monkeypatch.setattr(client, "augment", refuse)
    open_desk(desk_id).save(dataset="tiny")
    test = show(PAGE)
    test.slider(key="augment-hue").set_value(33).run()
    assert "The service is busy." in test.error[0].value
    assert not test.exception
