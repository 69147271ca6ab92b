"""What the service answers, asked as a process of its own with two tiny models."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from lesionlab.errors import LesionlabError, PictureError
from lesionlab.evaluation.copies import TestTime
from lesionlab.experiment import Augmentation, parse, recipe
from lesionlab.images.preprocess import Preprocessing, preprocess
from lesionlab.service import client

ROOT = Path(__file__).resolve().parent.parent
BUILD_BUNDLES = """
import json, sys
from pathlib import Path
import numpy as np
from PIL import Image
from lesionlab import experiment
from lesionlab.evaluation.novelty import novelty_statistics
from lesionlab.images.preprocess import preprocess
from lesionlab.models.build import build_model, weights_of
from lesionlab.models.bundle import write_bundle
from lesionlab.models.description import Description

plan = experiment.parse({
    "name": "tiny", "preprocessing": {"size": [32, 32]},
    "model": {"network": "small-cnn", "weights": "random"},
})
model = build_model(plan.model, 8, (32, 32), seed=1)
rng = np.random.default_rng(0)
noise = rng.integers(120, 180, (40, 48, 64, 3)).astype(np.uint8)
pixels = np.stack([preprocess(image, plan.preprocessing) for image in noise])
for name, drawn in (("tiny", False), ("tiny-drawn", True)):
    data = {
        "name": "made-up", "title": "Made up", "licence": "CC0", "citation": "", "num_train": 40,
    }
    description = Description(
        name=name, experiment=plan, classes=plan.data.classes, drawn=drawn, data=data,
        start_weights="random", temperature=2.0, thresholds={"malignant": 0.5},
        novelty=novelty_statistics(pixels), scores={"accuracy": 0.125},
        num_parameters=model.count_params(),
    )
    write_bundle(Path(sys.argv[1]) / name, description, weights_of(model), None, "# Tiny", None)
image = Image.open(Path(sys.argv[1]) / "picture.png").resize((32, 32), Image.Resampling.BILINEAR)
soft = np.exp(np.log(model.predict(np.asarray(image)[None], verbose=0)[0]) / 2)
(Path(sys.argv[1]) / "expected.json").write_text(json.dumps((soft / soft.sum()).tolist()))
"""


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small networks with random weights, made in a process of its own as Keras's must be."""
    folder = tmp_path_factory.mktemp("bundles")
    (folder / "picture.png").write_bytes(picture())
    subprocess.run([sys.executable, "-c", BUILD_BUNDLES, str(folder)], check=True, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory, bundles: Path) -> Iterator[Path]:
    """A home with two models, whose service most of these tests share."""
    home = tmp_path_factory.mktemp("service-home")
    for name in ("tiny", "tiny-drawn"):
        shutil.copytree(bundles / name, home / "models" / name)
    yield home
    shutil.rmtree(home)


@pytest.fixture
def service(home: Path, shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LESIONLAB_HOME", str(shared_home))
    until = time.monotonic() + 120
    client.warm()
    while not client.ready():
        assert time.monotonic() < until, "the service did not become ready"
        time.sleep(0.1)
    return shared_home


def picture(low: int = 120, high: int = 180, size: tuple[int, int] = (48, 64)) -> bytes:
    pixels = np.random.default_rng(5).integers(low, high, (*size, 3)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_prediction_has_every_part(service: Path) -> None:
    answer = client.predict("tiny", picture())
    assert answer["classes"] == ["ak", "bcc", "bkl", "df", "mel", "nv", "scc", "vasc"]
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    malignant = sum(answer["probabilities"][code] for code in ("ak", "bcc", "mel", "scc"))
    assert answer["malignant"] == pytest.approx(malignant, abs=1e-5)
    best = max(answer["probabilities"], key=answer["probabilities"].get)
    assert answer["predicted"] == best
    assert answer["abstain"] is None
    assert (answer["height"], answer["width"]) == (48, 64)
    assert answer["heat_map"].dtype == np.float32
    assert answer["heat_map"].ndim == 2
    assert 0 <= answer["heat_map"].min() <= answer["heat_map"].max() <= 1
    assert answer["model"]["drawn"] is False
    assert answer["model"]["scores"] == {"accuracy": 0.125}
    assert set(answer["quality"]) == {"sharpness", "exposure", "warnings"}
    assert client.predict("tiny", picture(), heat_map=False)["heat_map"] is None


def test_the_answer_is_the_network_s_own_softened_by_its_temperature(
    service: Path, bundles: Path
) -> None:
    """The numbers are those that the network gave before it was written to disk."""
    expected = json.loads((bundles / "expected.json").read_text())
    answer = client.predict("tiny", picture())
    np.testing.assert_allclose(list(answer["probabilities"].values()), expected, atol=1e-5)


def test_mirrored_copies_are_judged_when_asked_for(service: Path) -> None:
    def shares(data: bytes, test_time: TestTime | None = None) -> list[float]:
        answer = client.predict("tiny", data, heat_map=False, test_time=test_time)
        return list(answer["probabilities"].values())

    with Image.open(io.BytesIO(picture())) as image:
        buffer = io.BytesIO()
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(buffer, "PNG")
    mirrored = buffer.getvalue()
    assert np.abs(np.subtract(shares(picture()), shares(mirrored))).max() > 1e-3
    assert shares(picture(), "none") == shares(picture())
    np.testing.assert_allclose(shares(picture(), "flips"), shares(mirrored, "flips"), atol=1e-5)
    with pytest.raises(LesionlabError):
        shares(picture(), "sideways")  # type: ignore[arg-type]


def test_a_model_of_drawings_judges_no_photograph(service: Path) -> None:
    answer = client.predict("tiny-drawn", picture())
    assert answer["abstain"] == ("This model has only seen drawings and cannot judge a photograph.")
    assert answer["probabilities"] == {}
    assert answer["malignant"] is None
    assert answer["predicted"] is None
    assert answer["heat_map"] is None
    confirmed = client.predict("tiny-drawn", picture(), drawn_confirmed=True)
    assert confirmed["abstain"] is None
    assert len(confirmed["probabilities"]) == 8


def test_a_picture_unlike_the_training_pictures_gets_a_reason(service: Path) -> None:
    answer = client.predict("tiny", picture(0, 255))
    assert "unlike" in answer["abstain"]
    assert len(answer["probabilities"]) == 8


def test_errors_come_back_in_their_own_kind(service: Path) -> None:
    with pytest.raises(PictureError):
        client.predict("tiny", b"not a picture")
    with pytest.raises(LesionlabError, match="nobody"):
        client.predict("nobody", picture())
    with pytest.raises(LesionlabError):
        client.predict(str(service / "models" / "tiny"), picture())
    with pytest.raises(LesionlabError, match="no-such-layer"):
        client.feature_maps("tiny", "no-such-layer", picture())


def test_layers_and_descriptions(service: Path) -> None:
    found = client.describe("tiny")
    assert found["classes"][0] == "ak"
    assert found["layers"] == client.layers("tiny")
    draft = client.describe_experiment(recipe("small-cnn"))
    assert sum(layer["parameters"] for layer in draft["layers"]) == draft["num_parameters"]
    assert draft["weights"] == "random"
    assert [layer["name"] for layer in draft["layers"]][-1] == "probabilities"
    too_small = parse({"preprocessing": {"size": [16, 16]}})
    with pytest.raises(LesionlabError, match="16"):
        client.describe_experiment(too_small)


def test_missing_imagenet_weights_are_told_without_a_download(service: Path) -> None:
    begin = time.monotonic()
    draft = client.describe_experiment(parse({"model": {"network": "resnet50"}}))
    assert time.monotonic() - begin < 30
    assert draft["weights"] == "imagenet"
    assert draft["weights_sentence"].endswith(".")


def test_feature_maps_come_strongest_first(service: Path) -> None:
    layer = next(
        layer["name"]
        for layer in client.layers("tiny")
        if layer["part"] == "backbone" and len(layer["output_shape"]) >= 3
    )
    found = client.feature_maps("tiny", layer, picture(), limit=5)
    height, width, channels = found["shape"]
    assert found["maps"].shape == (5, height, width)
    assert found["maps"].dtype == np.float32
    means = found["maps"].mean(axis=(1, 2))
    assert (np.diff(means) <= 1e-6).all()
    assert len(set(found["indices"].tolist())) == 5
    assert max(found["indices"]) < channels


def test_a_model_of_drawings_answers_by_no_back_door(service: Path) -> None:
    for layer in ("logits", "probabilities", "pooling"):
        with pytest.raises(LesionlabError, match="only seen drawings"):
            client.feature_maps("tiny-drawn", layer, picture())
        with pytest.raises(LesionlabError, match="only seen drawings"):
            client.one_map_each("tiny-drawn", ["block1_relu", layer], picture())
    assert client.feature_maps("tiny-drawn", "block1_relu", picture(), 1)["maps"].shape[0] == 1
    form = {"model": "tiny-drawn", "layer": "logits", "drawn_confirmed": "true"}
    answer = client.request("POST", "/feature-maps", data=form, files={"image": ("i", picture())})
    assert answer.status_code == 200


def test_feature_maps_by_number_and_one_map_of_each_layer(service: Path) -> None:
    found = client.feature_maps("tiny", "block1_relu", picture(), 3, order="number", start=5)
    assert found["indices"].tolist() == [5, 6, 7]
    np.testing.assert_allclose(found["means"], found["maps"].mean(axis=(1, 2)), rtol=1e-5)
    strongest = client.feature_maps("tiny", "block1_pool", picture(), 1)
    layers = ["block1_relu", "block1_pool", "pooling"]
    relu, pool, pooled = client.one_map_each("tiny", layers, picture())
    assert pool["channel"] == strongest["indices"][0]
    np.testing.assert_allclose(pool["map"], strongest["maps"][0], rtol=1e-5)
    assert pooled["map"].shape == (1, 1) and pooled["depth"] == 192
    relu, pool = client.one_map_each("tiny", layers[:2], picture(), channel=6)
    np.testing.assert_allclose(relu["map"], found["maps"][1], rtol=1e-5)
    largest = relu["map"].reshape(16, 2, 16, 2).max(axis=(1, 3))
    np.testing.assert_allclose(pool["map"], largest, rtol=1e-5, err_msg="2 by 2 maximum")
    with pytest.raises(LesionlabError, match="0 to 23"):
        client.one_map_each("tiny", layers[:2], picture(), channel=24)


def test_blocks_of_a_model_say_what_learned(service: Path) -> None:
    found = client.network_blocks("tiny")
    assert [block["kind"] for block in found["blocks"]][1:6] == ["convolution"] * 5
    assert all(block["learned"] == block["parameters"] for block in found["blocks"])


def test_augmentation_of_nothing_is_the_preprocessed_picture(service: Path) -> None:
    frame = Preprocessing(size=(24, 32))
    same = client.augment(Augmentation(), frame, picture(), count=2, seed=0)
    expected = preprocess(np.asarray(Image.open(io.BytesIO(picture()))), frame)
    assert same.shape == (2, 24, 32, 3)
    assert same.dtype == np.uint8
    np.testing.assert_array_equal(same[0], expected)
    wild = Augmentation(rotation=90, brightness=0.3)
    first = client.augment(wild, frame, picture(), count=3, seed=7)
    np.testing.assert_array_equal(first, client.augment(wild, frame, picture(), 3, 7))
    assert (first != client.augment(wild, frame, picture(), 3, 8)).any()
    assert (first[0] != first[1]).any()


def test_first_samples_stay_when_more_are_asked_for(service: Path) -> None:
    wild = Augmentation(rotation=90, hue=0.3, cutout=0.4)
    few = client.augment(wild, Preprocessing(size=(24, 32)), picture(), count=3, seed=7)
    many = client.augment(wild, Preprocessing(size=(24, 32)), picture(), count=9, seed=7)
    np.testing.assert_array_equal(many[:3], few)


def test_one_change_at_chosen_values(service: Path) -> None:
    frame = Preprocessing(size=(32, 32))
    plain = preprocess(np.asarray(Image.open(io.BytesIO(picture()))), frame)
    turned = client.augment_once("rotation", [-90, 0, 90], "nearest", frame, picture())
    assert turned.dtype == np.uint8
    for found, quarters in zip(turned, (-1, 0, 1), strict=True):
        np.testing.assert_allclose(found, np.rot90(plain, quarters), atol=1)
    with pytest.raises(LesionlabError, match="rotation"):
        client.augment_once("rotation", [300], "nearest", frame, picture())


def test_cost_is_measured_for_each_step_that_is_on(service: Path) -> None:
    frame = Preprocessing(size=(32, 32))
    found = client.augment_cost(Augmentation(rotation=9, cutout=0.2), frame, batch=4)
    assert set(found) == {"all", "shape", "hole"}
    assert all(0 < times[0] <= times[-1] for times in found.values())


def test_many_at_once_get_the_same_answer(service: Path) -> None:
    """Keras is asked from several threads; none may see another's numbers."""
    pictures = [picture(100 + 5 * k, 180) for k in range(4)]
    alone = [client.predict("tiny", data)["probabilities"] for data in pictures]
    with ThreadPoolExecutor(8) as pool:
        together = list(
            pool.map(lambda k: client.predict("tiny", pictures[k % 4])["probabilities"], range(40))
        )
    for k, found in enumerate(together):
        assert found == pytest.approx(alone[k % 4], abs=1e-6)


def test_served_for_good_with_a_model_of_its_own(bundles: Path, home: Path) -> None:
    code = (
        "import sys; from lesionlab.service.server import serve;"
        f"serve('127.0.0.1', 0, model={str(bundles / 'tiny')!r})"
    )
    environment = {**os.environ, "LESIONLAB_SERVICE_TOKEN": "hospital"}
    command = [sys.executable, "-u", "-c", code]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        assert process.stderr is not None
        url = next(line for line in process.stderr if "http://" in line).split("on ")[1]
        url = url.split(",")[0]
        headers = {"Authorization": "Bearer hospital"}
        with httpx.Client(base_url=url, trust_env=False, timeout=120) as http:
            answer = http.post("/predict", files={"image": picture()}, headers=headers)
            refused = http.post("/predict", files={"image": picture()})
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert len(answer.json()["probabilities"]) == 8
    assert refused.status_code == 401
    # Each line is ours or the server's own; TensorFlow's greeting is not among them.
    assert all(" INFO " in line for line in said.splitlines()), said
