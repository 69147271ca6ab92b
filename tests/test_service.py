"""The service as a process of its own: asked, killed, shared, idle, and honest about drawings."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from lesionlab import settings
from lesionlab.errors import LesionlabError, PictureError, ServiceError
from lesionlab.experiment import Augmentation, parse, recipe
from lesionlab.images.preprocess import Preprocessing, preprocess
from lesionlab.service import client, connection, private
from lesionlab.service.address import read_address

ROOT = Path(__file__).resolve().parent.parent
BUILD_BUNDLES = """
import sys
from pathlib import Path
import numpy as np
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
"""


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small networks with random weights, made in a process of its own as Keras's must be."""
    folder = tmp_path_factory.mktemp("bundles")
    subprocess.run([sys.executable, "-c", BUILD_BUNDLES, str(folder)], check=True, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory, bundles: Path) -> Iterator[Path]:
    """A home with two models, whose service most of these tests share."""
    home = tmp_path_factory.mktemp("service-home")
    shutil.copytree(bundles, home / "models")
    yield home
    shutil.rmtree(home)


@pytest.fixture
def service(home: Path, shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LESIONLAB_HOME", str(shared_home))
    return shared_home


def picture(low: int = 120, high: int = 180, size: tuple[int, int] = (48, 64)) -> bytes:
    pixels = np.random.default_rng(5).integers(low, high, (*size, 3)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether the process runs; a child that ended counts as gone even before it is reaped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_warming_does_not_wait_and_two_starters_share_one(service: Path) -> None:
    begin = time.monotonic()
    client.warm()
    assert time.monotonic() - begin < 0.5
    # A second web server on the same folder, at the same moment.
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: private.ensure(settings.current()), range(4)))
    assert len({address.token for address in found}) == 1
    wait_for(client.ready)
    assert alive(found[0].pid)


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


def test_the_answer_is_the_network_s_own_softened_by_its_temperature(service: Path) -> None:
    """The same bytes through our own code in a fresh process give the same numbers."""
    code = """
import io, json, sys
from pathlib import Path
import numpy as np
from PIL import Image
from lesionlab.models.rebuild import load_bundle
image = Image.open(io.BytesIO(sys.stdin.buffer.read())).resize((32, 32), Image.Resampling.BILINEAR)
logits = np.log(load_bundle(Path(sys.argv[1])).predict(np.asarray(image)[None], verbose=0)[0])
soft = np.exp(logits / 2)
print(json.dumps((soft / soft.sum()).tolist()))
"""
    command = [sys.executable, "-c", code, str(service / "models" / "tiny")]
    done = subprocess.run(command, input=picture(), capture_output=True, check=True, cwd=ROOT)
    expected = json.loads(done.stdout.splitlines()[-1])
    answer = client.predict("tiny", picture())
    np.testing.assert_allclose(list(answer["probabilities"].values()), expected, atol=1e-5)


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


def test_a_wrong_token_is_refused(service: Path) -> None:
    address = private.ensure(settings.current())
    answer = httpx.get(
        f"{address.url}/layers", headers={"Authorization": "Bearer no"}, trust_env=False
    )
    assert answer.status_code == 401
    assert httpx.get(f"{address.url}/health", trust_env=False).status_code == 401


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


def test_killed_it_is_started_anew(service: Path) -> None:
    before = private.ensure(settings.current())
    os.kill(before.pid, signal.SIGKILL)
    wait_for(lambda: not alive(before.pid))
    answer = client.predict("tiny", picture())
    assert len(answer["probabilities"]) == 8
    after = read_address(settings.current())
    assert after is not None
    assert after.token != before.token


def test_killed_at_work_it_says_so(service: Path) -> None:
    address = private.ensure(settings.current())
    wait_for(client.ready)
    os.kill(address.pid, signal.SIGSTOP)  # so that the request surely is under way
    failures: list[Exception] = []

    def ask() -> None:
        try:
            client.predict("tiny", picture())
        except ServiceError as error:
            failures.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    time.sleep(0.5)
    os.kill(address.pid, signal.SIGKILL)
    thread.join(30)
    assert len(failures) == 1
    assert "stopped while it worked" in str(failures[0])
    wait_for(client.ready)


def test_another_setting_replaces_it(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = private.ensure(settings.current())
    monkeypatch.setenv("LESIONLAB_SERVICE_MODELS_MB", "100")
    after = private.ensure(settings.current())
    assert after.token != before.token
    assert private.ensure(settings.current()) == after
    wait_for(lambda: not alive(before.pid))


def test_idle_it_ends_and_takes_its_address_away(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LESIONLAB_SERVICE_IDLE_MINUTES", "0.02")
    address = private.ensure(settings.current())
    wait_for(lambda: not alive(address.pid))
    assert not (home / "service.json").exists()


def test_it_does_not_outlive_its_home(home: Path) -> None:
    address = private.ensure(settings.current())
    shutil.rmtree(home)
    wait_for(lambda: not alive(address.pid))
    assert not home.exists()


def test_served_for_good_with_a_model_of_its_own(bundles: Path, home: Path) -> None:
    code = (
        "import sys; from lesionlab.service.server import serve;"
        f"serve('127.0.0.1', 0, model={str(bundles / 'tiny')!r})"
    )
    environment = {**os.environ, connection.TOKEN_VARIABLE: "hospital"}
    command = [sys.executable, "-u", "-c", code]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        assert process.stderr is not None
        url = next(line for line in process.stderr if "http://" in line).split("on ")[1]
        url = url.split(",")[0]
        headers = {"Authorization": "Bearer hospital"}
        with httpx.Client(base_url=url, trust_env=False, timeout=40) as http:
            answer = http.post("/predict", files={"image": picture()}, headers=headers)
            refused = http.post("/predict", files={"image": picture()})
        process.send_signal(signal.SIGINT)
        process.stderr.read()
    assert len(answer.json()["probabilities"]) == 8
    assert refused.status_code == 401


def test_a_service_elsewhere_that_is_not_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LESIONLAB_SERVICE_URL", "http://127.0.0.1:9")
    assert not client.ready()
    with pytest.raises(ServiceError, match=r"127\.0\.0\.1:9"):
        client.layers("tiny")
    assert not (home / "service.json").exists()
