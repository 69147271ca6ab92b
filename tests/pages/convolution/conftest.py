"""What tests of the page on convolution share: the page on a tiny set, and what it draws."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from lesionlab.app.convolution import bench, numbers
from lesionlab.app.desk import open_desk

PAGE = "pages/2_convolution.py"
Show = Callable[..., AppTest]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the browser last got for the bench and for the table of numbers."""
    last: dict[str, Any] = {}

    def component(**options: Any) -> None:
        last[options["key"]] = options["data"]
        if "on_own_change" in options:
            st.button("Change them", key="changed", on_click=options["on_own_change"])

    for module in (bench, numbers):
        monkeypatch.setattr(module, "_component", lambda: component)
    return last


@pytest.fixture
def test(show: Show, tiny_set: Path, desk_id: str, shown: dict[str, Any]) -> AppTest:
    open_desk(desk_id).save(dataset="tiny")
    return show(PAGE)
