"""The cache of models: built once, rebuilt when changed, bounded by bytes."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from lesionlab.errors import BundleError
from lesionlab.service.loaded import Loaded, LoadedModels


class Builder:
    """Stands for Keras: counts, takes a while, and makes models of 100 bytes."""

    def __init__(self) -> None:
        self.built: list[str] = []

    def __call__(self, folder: Path, reference: str, key: str) -> Loaded:
        time.sleep(0.02)
        self.built.append(reference)
        nothing: Any = None
        return Loaded(reference, key, nothing, nothing, num_bytes=100)


def bundle(folder: Path, content: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "manifest.json").write_text(content)
    return folder


def test_many_at_once_build_one(tmp_path: Path) -> None:
    builder, folder = Builder(), bundle(tmp_path / "a", "1")
    models = LoadedModels(1000, builder)
    found: list[Loaded] = []
    threads = [
        threading.Thread(target=lambda: found.append(models.get(folder, "a"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert builder.built == ["a"]
    assert len(found) == 8
    assert all(one == found[0] for one in found)


def test_a_changed_bundle_is_built_again(tmp_path: Path) -> None:
    builder = Builder()
    models = LoadedModels(1000, builder)
    models.get(bundle(tmp_path / "a", "1"), "a")
    models.get(bundle(tmp_path / "a", "1"), "a")
    models.get(bundle(tmp_path / "a", "2"), "a")
    assert builder.built == ["a", "a"]


def test_one_bundle_with_two_names_is_built_once(tmp_path: Path) -> None:
    builder = Builder()
    models = LoadedModels(1000, builder)
    first = models.get(bundle(tmp_path / "a", "1"), "a")
    second = models.get(bundle(tmp_path / "b", "1"), "b")
    assert builder.built == ["a"]
    assert (first.reference, second.reference) == ("a", "b")


def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    builder = Builder()
    models = LoadedModels(250, builder)
    folders = {name: bundle(tmp_path / name, name) for name in "abc"}
    for name in "abac":
        models.get(folders[name], name)
    assert models.held() == ["a", "c"]
    models.get(folders["b"], "b")
    assert builder.built == ["a", "b", "c", "b"]


def test_one_model_over_the_limit_is_still_kept(tmp_path: Path) -> None:
    builder = Builder()
    models = LoadedModels(10, builder)
    for _ in range(2):
        models.get(bundle(tmp_path / "a", "1"), "a")
    assert builder.built == ["a"]


def test_no_manifest_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"manifest\.json"):
        LoadedModels(10, Builder()).get(tmp_path, "a")
