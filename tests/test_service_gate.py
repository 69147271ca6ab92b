"""Tokens, body sizes and errors as sentences, on the application without a process or Keras."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from lesionlab import settings
from lesionlab.errors import ServiceError
from lesionlab.experiment import Network
from lesionlab.service import augmenting, gate
from lesionlab.service.api import create_app
from lesionlab.service.describing import weights_start
from lesionlab.service.state import Service


class Client:
    """Asks the application directly, without a server."""

    def __init__(self, app: FastAPI) -> None:
        self.transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=self.transport, base_url="http://service"
            ) as http:
                return await http.request(method, path, **options)

        return asyncio.run(ask())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)


def application(token: str | None = None, private: bool = False) -> Client:
    return client_of(Service(settings.current(), token, private))


def client_of(service: Service) -> Client:
    service.wait_until_ready = lambda: None  # type: ignore[method-assign]
    return Client(create_app(service))


async def in_pieces(content: bytes) -> AsyncIterator[bytes]:
    """A body that does not say how long it is."""
    for start in range(0, len(content), 1_000_000):
        yield content[start : start + 1_000_000]


def test_a_private_service_answers_no_stranger() -> None:
    client = application("secret", private=True)
    for path in ("/health", "/layers", "/openapi.json", "/docs"):
        answer = client.get(path)
        assert answer.status_code == 401
        assert "token" in answer.json()["expected"]
    wrong = client.get("/health", headers={"Authorization": "Bearer secre"})
    assert wrong.status_code == 401
    right = client.get("/health", headers={"Authorization": "Bearer secret"})
    assert right.status_code == 200


def test_a_lasting_service_shows_health_and_documents_to_all() -> None:
    client = application("secret")
    assert client.get("/health").json()["status"] == "starting"
    paths = client.get("/openapi.json").json()["paths"]
    expected = {"/health", "/predict", "/describe", "/layers", "/feature-maps", "/augment"}
    expected |= {"/augment/one", "/augment/cost"}
    expected |= {"/end", "/heat-map", "/covered", "/spoiled"}
    expected |= {"/blocks", "/one-map-each", "/first-layer"}
    assert set(paths) == expected
    page = client.get("/docs").text
    files = re.findall(r"(?:src|href)=\"([^\"]+)\"", page)
    assert len(files) == 3
    for file in files:
        assert file.startswith("/docs-files/")
        assert client.get(file).status_code == 200
    assert client.get("/docs-files/../../core.py").status_code == 401
    assert client.get("/layers").status_code == 401


@pytest.mark.parametrize("length_known", [True, False])
def test_a_body_that_is_too_large_is_refused(length_known: bool) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="i"\r\n\r\n'
    body = head + b"x" * (gate.BODY_BYTES + 1)
    content: Any = body if length_known else in_pieces(body)
    answer = application().post(
        "/predict", content=content, headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert answer.status_code == 413
    assert "30 MB" in answer.json()["expected"]


@pytest.mark.parametrize(
    "reference", ["/etc", "../models", "a/b", "C:\\models", "model.lesionlab", "~"]
)
def test_a_path_is_not_a_model_over_http(reference: str) -> None:
    answer = application().get("/layers", params={"model": reference})
    assert answer.status_code in (404, 422)
    assert answer.json()["expected"]


def test_no_model_named_is_a_sentence() -> None:
    answer = application().get("/layers")
    assert answer.status_code == 422
    assert answer.json()["expected"] == "Expected the name of a model."


def test_a_missing_field_is_named() -> None:
    answer = application().post("/predict", data={"model": "x"})
    assert answer.status_code == 422
    assert "image" in answer.json()["expected"]


def test_an_unknown_address_is_a_sentence() -> None:
    answer = application().get("/nothing")
    assert answer.status_code == 404
    assert answer.json()["what_to_do"]


def test_a_draft_that_starts_from_a_path_is_not_looked_for(tmp_path: Path) -> None:
    found = weights_start(Network(weights=str(tmp_path)), (64, 64), allow_paths=False)
    assert found[0] == "missing"
    assert "There is no" in found[1]


def test_more_samples_than_memory_are_refused() -> None:
    frame = {"preprocessing": '{"size": [1024, 1024]}', "count": "64"}
    answer = application().post("/augment", data=frame, files={"image": b"x"})
    assert answer.status_code == 422
    assert "64 of 1024×1024" in answer.json()["received"]


def test_a_measurement_that_waits_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augmenting, "PATIENCE", 0.01)
    refused = pytest.raises(ServiceError, match="one thing at a time")
    with augmenting.one_measurement(), refused, augmenting.one_measurement():
        pass
    with augmenting.one_measurement():  # free again
        pass


def test_a_draft_with_an_unknown_key_is_named() -> None:
    answer = application().post("/describe", json={"model": {"depth": 3}})
    assert answer.status_code == 422
    assert "model.depth" in answer.json()["expected"]


def test_an_augmentation_out_of_range_is_named() -> None:
    answer = application().post(
        "/augment", data={"augmentation": '{"rotation": 900}'}, files={"image": b"x"}
    )
    assert answer.status_code == 422
    assert "augmentation.rotation" in answer.json()["expected"]


def test_a_mistake_of_its_own_is_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Service, reference: str | None) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Service, "loaded", broken)
    answer = application().get("/layers", params={"model": "x"})
    assert answer.status_code == 500
    assert "mistake of its own" in answer.json()["expected"]
    assert "secret detail" not in answer.text


def test_a_third_picture_at_once_is_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Service, "loaded", lambda self, reference: None)
    service = Service(settings.current())
    service.passes.patience = 0.05
    with service.passes.one(), service.passes.one():
        answer = client_of(service).post("/predict", files={"image": b"x"})
    assert answer.status_code == 503
    assert "2 pictures at a time" in answer.json()["expected"]
