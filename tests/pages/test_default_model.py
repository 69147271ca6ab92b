"""Which model answers until one is chosen: by what it is asked about, and by what came with us."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lesionlab import experiment as experiments
from lesionlab import settings
from lesionlab.app import chosen
from lesionlab.app.desk import Desk, open_desk
from lesionlab.data import store  # noqa: F401 (finds the drawings that come with us, once)
from lesionlab.models.bundle import write_bundle
from lesionlab.models.description import Description, TrainingData

Show = Callable[..., AppTest]
DRAWN, PHOTOGRAPHS = "synthetic-small", "ham-imitation"
PAGES = ("", "pages/7_evaluation.py", "pages/8_predict.py")


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models that came with lesionlab: the one of drawings alone."""
    folder = tmp_path / "assets"
    shutil.copytree(settings.ASSETS / "models" / DRAWN, folder / "models" / DRAWN)
    monkeypatch.setattr(settings, "ASSETS", folder)
    return folder


def write_photograph_model(folder: Path, **data: Any) -> None:
    experiment = experiments.with_settings(experiments.recipe("small-cnn"), ["title=Imitation"])
    known = {"name": "ham", "title": "HAM *10000*", "licence": "CC BY-NC 4.0", "num_train": 8012}
    description = Description(
        name=folder.name,
        experiment=experiment,
        classes=experiment.data.classes,
        drawn=False,
        data=TrainingData(**{**known, **data}),
        start_weights="random numbers",
        num_parameters=1,
    )
    write_bundle(folder, description, {"a/b": np.zeros(1, np.float32)})


@pytest.fixture
def both(assets: Path) -> Path:
    write_photograph_model(assets / "models" / PHOTOGRAPHS)
    return assets


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which models the service was asked to answer."""
    from lesionlab.service import client

    names: list[str] = []

    def predict(model: str, image: bytes, **options: Any) -> dict[str, Any]:
        names.append(model)
        return {
            "probabilities": {"mel": 0.2, "nv": 0.8},
            "malignant": 0.2,
            "predicted": "nv",
            "abstain": None,
            "quality": {"sharpness": 1.0, "exposure": 0.5, "warnings": []},
            "heat_map": None,
            "height": 30,
            "width": 40,
            "model": {"drawn": False, "data": {"name": "ham"}, "thresholds": {}},
        }

    monkeypatch.setattr(client, "predict", predict)
    return names


def model(test: AppTest) -> str:
    """Which model the page says is chosen: by the menu, and by what stands below the box."""
    bodies = " ".join(str(block.proto.body) for block in test.get("html"))
    (title,) = re.findall("<dt>Model</dt><dd>(.*?)</dd>", bodies)
    (learned,) = (c.value for c in test.caption if c.value.startswith("It has learned from"))
    found = {"Imitation": PHOTOGRAPHS, "Small network, trained on drawings": DRAWN}[title]
    assert ("photographs" in learned) == (found == PHOTOGRAPHS)
    return found


def test_each_kind_of_picture_has_its_model(both: Path) -> None:
    assert chosen.default_model(drawn=True) == DRAWN
    assert chosen.default_model(drawn=False) == PHOTOGRAPHS


def test_one_model_stands_in_for_the_other(assets: Path) -> None:
    assert chosen.default_model(drawn=False) == DRAWN
    shutil.rmtree(assets / "models" / DRAWN)
    assert chosen.default_model(drawn=True) is None
    write_photograph_model(assets / "models" / PHOTOGRAPHS)
    assert chosen.default_model(drawn=True) == PHOTOGRAPHS


def test_what_was_brought_in_or_is_damaged_answers_only_when_chosen(
    assets: Path, home: Path
) -> None:
    write_photograph_model(home / "models" / "a-stranger")
    write_photograph_model(assets / "models" / "broken")
    (assets / "models" / "broken" / "model.json").write_text("{")
    assert chosen.default_model(drawn=False) == DRAWN


@pytest.mark.parametrize("path", PAGES)
def test_photographs_on_the_desk_are_answered_by_the_model_of_photographs(
    show: Show, both: Path, tiny_set: Path, desk_id: str, asked: list[str], path: str
) -> None:
    assert model(show(path)) == DRAWN
    open_desk(desk_id).save(dataset="tiny")
    test = show(path)
    assert model(test) == PHOTOGRAPHS
    captions = " ".join(caption.value for caption in test.caption)
    assert r"8,012 photographs, *HAM \*10000\** (licence CC BY-NC 4.0)" in captions
    assert open_desk(desk_id).run is None, "nobody has chosen"


@pytest.mark.parametrize("path", PAGES)
def test_without_a_model_of_photographs_the_one_of_drawings_stands_there(
    show: Show, assets: Path, tiny_set: Path, desk_id: str, asked: list[str], path: str
) -> None:
    open_desk(desk_id).save(dataset="tiny")
    assert model(show(path)) == DRAWN


def test_a_chosen_model_stays(show: Show, both: Path, tiny_set: Path, desk_id: str) -> None:
    test = show()
    test.selectbox(key="choose-result").select(PHOTOGRAPHS).run()
    assert open_desk(desk_id).run == PHOTOGRAPHS
    assert model(show()) == PHOTOGRAPHS, "though the pictures are drawn"


def test_an_own_picture_is_a_photograph(show: Show, both: Path, asked: list[str]) -> None:
    test = show("pages/8_predict.py")
    assert asked == [DRAWN]
    source = next(one for one in test.get("button_group") if one.key == "predict-source")
    source.set_value("own").run()
    assert model(test) == PHOTOGRAPHS
    test.switch_page("streamlit_app.py").run()
    assert model(test) == DRAWN, "the start page is about the data set"
    test.switch_page("pages/8_predict.py").run()
    assert model(test) == PHOTOGRAPHS


def test_outside_of_a_page_the_data_set_decides(both: Path, tiny_set: Path) -> None:
    assert chosen.model_of(Desk("ab" * 12)) == DRAWN
    assert chosen.model_of(Desk("ab" * 12, dataset="tiny")) == PHOTOGRAPHS
    assert chosen.model_of(Desk("ab" * 12, dataset="tiny", run="other")) == "other"


def test_a_silent_model_of_drawings_points_to_the_one_of_photographs(
    show: Show, both: Path, tiny_set: Path, desk_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lesionlab.service import client

    silent = {"probabilities": {}, "abstain": "It has only seen drawings.", "heat_map": None}
    quality = {"sharpness": 1.0, "exposure": 0.5, "warnings": []}
    answer = {**silent, "quality": quality, "height": 30, "width": 40, "model": {"drawn": True}}
    monkeypatch.setattr(client, "predict", lambda *_, **__: answer)
    open_desk(desk_id).save(dataset="tiny", run=DRAWN)
    test = show("pages/8_predict.py")
    test.button(key="ask-other-model").click().run()
    assert open_desk(desk_id).run == PHOTOGRAPHS
    open_desk(desk_id).save(dataset="synthetic-small", run=DRAWN)
    assert not [button for button in show("pages/8_predict.py").button if "Ask" in button.label]


def test_a_drawing_is_no_work_for_a_model_of_photographs(
    show: Show, both: Path, desk_id: str, asked: list[str]
) -> None:
    open_desk(desk_id).save(run=PHOTOGRAPHS)
    assert any("this picture is drawn" in one.value for one in show("pages/8_predict.py").warning)


def test_an_answer_over_several_copies_says_so(
    show: Show, both: Path, tiny_set: Path, desk_id: str, asked: list[str]
) -> None:
    from lesionlab.models.bundle import read_description

    sentence = "the mean over each picture and its mirror images (4 in all)"
    open_desk(desk_id).save(dataset="tiny")
    assert sentence not in " ".join(one.value for one in show("pages/8_predict.py").markdown)
    folder = both / "models" / PHOTOGRAPHS
    known = read_description(folder)
    flips = experiments.with_settings(known.experiment, ["evaluation.test_time=flips"])
    changed = known.model_copy(update={"experiment": flips})
    write_bundle(folder, changed, {"a/b": np.ones(1, np.float32)})
    assert sentence in " ".join(one.value for one in show("pages/8_predict.py").markdown)
