"""The service explains answers: numbers that add up, maps, covered squares, spoiled pictures."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from lesionlab import settings
from lesionlab.errors import ModelError
from lesionlab.experiment import parse
from lesionlab.images.preprocess import preprocess
from lesionlab.images.spoil import Spoil, spoil
from lesionlab.service import explaining
from lesionlab.service.arrays import unpack
from lesionlab.service.loaded import Loaded

keras = pytest.importorskip("keras")

CLASSES = 8


def picture() -> np.ndarray:
    """Skin with one bright patch at a quarter from the top left."""
    image = np.full((64, 64, 3), 90, np.uint8)
    image[8:24, 8:24] = 255
    return image


def png(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def made(drawn: bool) -> Loaded:
    """A small network that knows one thing: bright places speak for the second class."""
    from lesionlab.models.build import build_model
    from lesionlab.models.description import Description

    plan = parse(
        {
            "name": "tiny",
            "preprocessing": {"size": [64, 64]},
            "model": {"network": "small-cnn", "weights": "random"},
        }
    )
    model = build_model(plan.model, CLASSES, (64, 64), seed=0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            kernel = np.zeros(layer.kernel.shape, np.float32)
            kernel[1, 1, 0, 0] = 1
            layer.kernel.assign(kernel)
    head = np.zeros((192, CLASSES), np.float32)
    head[0, 1] = 20
    model.get_layer("logits").kernel.assign(head)
    description = Description(
        name="tiny",
        experiment=plan,
        classes=plan.data.classes,
        drawn=drawn,
        data={"name": "made-up", "title": "Made up", "num_train": 1},
        start_weights="random",
        temperature=2.0,
        num_parameters=model.count_params(),
    )
    return Loaded("tiny", "key", description, model, 1)


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return made(drawn=False)


@pytest.fixture(scope="module")
def drawn_one() -> Loaded:
    return made(drawn=True)


def test_the_numbers_of_the_end_add_up(loaded: Loaded) -> None:
    end = explaining.end_numbers(loaded, png(picture()), False)
    products = end["features"] * end["kernel"][:, 1]
    assert products.sum() + end["bias"][1] == pytest.approx(end["logits"][1], rel=1e-5)
    # Pooling keeps the brightest: the patch reaches into 4 of the 16 last fields, so 20 × 4/16.
    assert end["logits"][1] == pytest.approx(20 * 4 / 16, rel=0.02)
    soft = np.exp(end["logits"] / 2)
    np.testing.assert_allclose(end["softened"], soft / soft.sum(), rtol=1e-4)
    plain = np.exp(end["logits"])
    np.testing.assert_allclose(end["probabilities"], plain / plain.sum(), rtol=1e-4)


def test_heat_lies_on_the_patch_and_not_without_what_was_learned(loaded: Loaded) -> None:
    code = loaded.description.classes[1]
    found = explaining.heat_maps(loaded, png(picture()), code, "", 4, 3, False)
    assert found["heat"].shape == (4, 4)
    assert np.unravel_index(found["heat"].argmax(), (4, 4)) == (0, 0)
    assert found["redrawn"].shape == (4, 4, 4)
    assert (np.abs(found["redrawn"] - found["heat"]).max(axis=(1, 2)) > 1e-3).all()
    none = explaining.heat_maps(loaded, png(picture()), code, "block2_relu", 0, 3, False)
    assert none["heat"].shape == (32, 32)
    assert len(none["redrawn"]) == 0
    with pytest.raises(ModelError, match="'glitter'"):
        explaining.heat_maps(loaded, png(picture()), "glitter", "", 0, 3, False)


def test_covering_the_patch_costs_most(loaded: Loaded) -> None:
    grid, parts = 8, []
    for begin in range(0, 64, explaining.PIECE):
        found = explaining.covered_answers(loaded, png(picture()), grid, begin, False)
        assert len(found["probabilities"]) == min(explaining.PIECE, 64 - begin)
        parts.append(found["probabilities"])
    whole = explaining.end_numbers(loaded, png(picture()), False)["softened"]
    np.testing.assert_allclose(found["whole"], whole, atol=1e-5)
    drops = (whole[1] - np.concatenate(parts)[:, 1]).reshape(grid, grid)
    row, column = np.unravel_index(drops.argmax(), drops.shape)
    # Squares of 16 pixels in steps of 8, each 4 to the left: numbers 1 and 2 lie on the patch.
    assert {int(row), int(column)} <= {1, 2}
    image = picture()
    mean = np.rint(image.mean(axis=(0, 1))).astype(np.uint8)
    for number, (top, left) in {8: (4, 0), 9: (4, 4), 10: (4, 12)}.items():
        by_hand = image.copy()
        by_hand[top : top + 16, left : left + (12 if left == 0 else 16)] = mean
        alone = explaining.end_numbers(loaded, png(by_hand), False)["softened"]
        np.testing.assert_allclose(np.concatenate(parts)[number], alone, atol=1e-5)
    assert drops.max() > 0.005
    assert np.abs(drops[5:, 5:]).max() < 1e-4


def test_spoiled_pictures_are_those_that_the_network_got(loaded: Loaded) -> None:
    wanted = Spoil(hairs=15, ruler=True)
    found = explaining.spoiled_answers(loaded, png(picture()), wanted, 5, 3, False)
    expected = preprocess(spoil(picture(), wanted, 6), loaded.description.experiment.preprocessing)
    np.testing.assert_array_equal(found["pictures"][1], expected)
    assert found["after"].shape == (3, CLASSES)
    np.testing.assert_allclose(found["after"].sum(axis=1), 1, rtol=1e-5)
    again = explaining.end_numbers(loaded, png(expected), False)["softened"]
    np.testing.assert_allclose(found["after"][1], again, atol=1e-5)
    same = explaining.spoiled_answers(loaded, png(picture()), Spoil(), 0, 1, False)
    np.testing.assert_allclose(same["after"][0], same["before"], atol=1e-6)


def test_a_model_of_drawings_explains_nothing_about_a_photograph(drawn_one: Loaded) -> None:
    data, code = png(picture()), drawn_one.description.classes[0]
    asked = (
        lambda drawn: explaining.end_numbers(drawn_one, data, drawn),
        lambda drawn: explaining.heat_maps(drawn_one, data, code, "", 0, 3, drawn),
        lambda drawn: explaining.covered_answers(drawn_one, data, 4, 0, drawn),
        lambda drawn: explaining.spoiled_answers(drawn_one, data, Spoil(), 0, 1, drawn),
    )
    for ask in asked:
        with pytest.raises(ModelError, match="only seen drawings"):
            ask(False)
        assert ask(True)


class Asked:
    """The application, asked without a server; its one model is given."""

    def __init__(self, loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
        from lesionlab.service.api import create_app
        from lesionlab.service.state import Service

        service = Service(settings.current())
        monkeypatch.setattr(service, "loaded", lambda reference: loaded)
        self.transport = httpx.ASGITransport(create_app(service), raise_app_exceptions=False)

    def post(self, path: str, **form: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            address = "http://service"
            async with httpx.AsyncClient(transport=self.transport, base_url=address) as http:
                files = {"image": ("image", png(picture()))}
                return await http.post(path, data=form, files=files)

        return asyncio.run(ask())


def test_addresses_answer_and_refuse(
    drawn_one: Loaded, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    app = Asked(drawn_one, monkeypatch)
    yes = {"model": "tiny", "drawn_confirmed": "True"}
    code = drawn_one.description.classes[1]
    end = unpack(app.post("/end", **yes).content)
    assert end["kernel"].shape == (192, CLASSES)
    heat = unpack(app.post("/heat-map", **yes, code=code, draws="2").content)
    assert heat["redrawn"].shape == (2, 4, 4)
    some = unpack(app.post("/covered", **yes, grid="4", begin="12").content)
    assert some["probabilities"].shape == (4, CLASSES)
    spoiled = unpack(app.post("/spoiled", **yes, settings='{"ink": 2}', count="2").content)
    assert spoiled["pictures"].shape == (2, 64, 64, 3)
    assert app.post("/covered", **yes, grid="4", begin="16").json()["error"] == "ExperimentError"
    wrong = app.post("/spoiled", **yes, settings='{"glitter": 2}')
    assert wrong.status_code == 422
    assert "settings.glitter" in wrong.json()["expected"]
    refused = app.post("/end", model="tiny")
    assert refused.status_code == 422
    assert "only seen drawings" in refused.json()["expected"]
