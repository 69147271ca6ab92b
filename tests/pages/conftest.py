"""Pages run in this process with a home of their own; queue and service are left out."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parent.parent.parent
DESK = "ab" * 12
LAYERS = [
    {"name": "input", "kind": "InputLayer", "parameters": 0, "part": "input", "index": None},
    {"name": "conv_1", "kind": "Conv2D", "parameters": 100, "part": "backbone", "index": 0},
    {"name": "norm_1", "kind": "BatchNormalization", "parameters": 40, "part": "backbone"}
    | {"index": 1},
    {"name": "conv_2", "kind": "Conv2D", "parameters": 300, "part": "backbone", "index": 2},
    {"name": "logits", "kind": "Dense", "parameters": 60, "part": "head", "index": None},
]


@pytest.fixture(scope="session", autouse=True)
def packages_searched_once() -> Iterator[None]:
    """Each `AppTest` looks for components in all installed packages; what is installed stays."""
    with pytest.MonkeyPatch.context() as patch:
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture
def desk_id() -> str:
    """The desk at which `show` opens pages."""
    return DESK


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """What pages asked the service for; the answers are worked out here, without Keras."""
    from lesionlab.service import client

    asked: dict[str, list[Any]] = {"augment": [], "describe": []}

    def augment(augmentation: Any, preprocessing: Any, image: bytes, count: int, seed: int) -> Any:
        asked["augment"].append((augmentation, seed))
        return np.zeros((count, *preprocessing.size, 3), np.uint8)

    def describe(experiment: Any) -> dict[str, Any]:
        asked["describe"].append(experiment)
        rows = [{**row, "plain": "does something", "output_shape": [1]} for row in LAYERS]
        return {"layers": rows, "num_parameters": 500, "weights": "random"} | {
            "weights_sentence": "It starts from random numbers."
        }

    monkeypatch.setattr(client, "warm", lambda model=None: None)
    monkeypatch.setattr(client, "ready", lambda: True)
    monkeypatch.setattr(client, "augment", augment)
    monkeypatch.setattr(client, "describe_experiment", describe)
    return asked


@pytest.fixture
def tiny_set(home: Path, rng: np.random.Generator) -> Path:
    """A data set `tiny`: 6 pictures each of nv, mel and bcc, two a lesion, stored at home."""
    from lesionlab.data.import_set import import_dataset
    from lesionlab.task import QuietTask

    source = home / "tiny-source"
    source.mkdir()
    lines = ["file,label,lesion_id"]
    for code in ("nv", "mel", "bcc"):
        for number in range(6):
            name = f"{code}{number}.png"
            pixels = rng.integers(0, 255, (30, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(source / name)
            lines.append(f"{name},{code},{code}-{number // 2}")
    (source / "labels.csv").write_text("\n".join(lines) + "\n")
    import_dataset("folder", source, "tiny", task=QuietTask(home))
    return source


@pytest.fixture
def show(
    home: Path, monkeypatch: pytest.MonkeyPatch, service: dict[str, list[Any]]
) -> Callable[..., AppTest]:
    """Open a page on a desk: `show("pages/2_convolution.py")`; "" is the start page."""
    from lesionlab.app import ticker

    monkeypatch.setattr(ticker, "ensure_ticker", lambda: None)

    def open_it(path: str = "", desk: str | None = DESK, **address: str) -> AppTest:
        test = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
        if desk:
            test.query_params["desk"] = desk
        for name, value in address.items():
            test.query_params[name] = value
        (test.switch_page(str(ROOT / path)) if path else test).run()
        assert not test.exception, test.exception
        return test

    return open_it
