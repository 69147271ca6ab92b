"""What tests share: a home folder of their own, and real images where they can be had."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh LESIONLAB_HOME for each test; no other setting of the machine leaks in.

    A model service that the test started is ended: it would stay for minutes with all its memory.
    """
    for name in list(os.environ):
        if name.startswith("LESIONLAB_") and name != "LESIONLAB_TEST_DATA":
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("LESIONLAB_HOME", str(folder))
    yield folder
    if (folder / "service.json").exists():
        from lesionlab.service import client

        monkeypatch.setenv("LESIONLAB_HOME", str(folder))
        client.stop()


@pytest.fixture
def rng() -> Iterator[np.random.Generator]:
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with HAM10000's archives, or a skip that says how to give it."""
    folder = Path(os.environ.get("LESIONLAB_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "ham10000_200x150.zip").is_file():
        pytest.skip("no HAM10000 here: set LESIONLAB_TEST_DATA to a folder with the archives")
    return folder
