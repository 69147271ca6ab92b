"""Layer tables of drafts are built once for all drafts that have the same layers."""

from __future__ import annotations

from typing import Any

import pytest

from lesionlab.experiment import Network, parse
from lesionlab.service import describing
from lesionlab.service.describing import Drafts


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[Network]:
    """Every network that is built; building itself is left out."""
    networks: list[Network] = []

    def build(network: Network, num_classes: int, size: tuple[int, int]) -> dict[str, Any]:
        networks.append(network)
        return {"layers": [], "num_parameters": num_classes}

    monkeypatch.setattr(describing, "_build_table", build)
    monkeypatch.setattr(describing, "weights_start", lambda *_: ("random", "Random."))
    return networks


def test_what_moves_no_layer_builds_nothing_anew(built: list[Network]) -> None:
    drafts = Drafts()
    for dropout in (0.1, 0.2, 0.3):
        drafts.describe(parse({"model": {"dropout": dropout}}))
    drafts.describe(parse({"model": {"dropout": 0.4, "batchnorm": "frozen", "weights": "random"}}))
    assert len(built) == 1
    drafts.describe(parse({"model": {"dropout": 0}}))
    drafts.describe(parse({"model": {"dropout": 0.1, "hidden": [16]}}))
    drafts.describe(parse({"model": {"dropout": 0.1}, "data": {"class_set": "ham7"}}))
    drafts.describe(parse({"model": {"dropout": 0.1}, "preprocessing": {"size": [96, 96]}}))
    assert len(built) == 5


def test_only_the_latest_tables_are_kept(
    built: list[Network], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(describing, "KEPT_TABLES", 2)
    drafts = Drafts()
    for units in (8, 16, 8, 32, 8, 16):
        drafts.describe(parse({"model": {"hidden": [units]}}))
    assert [network.hidden for network in built] == [(8,), (16,), (32,), (16,)]
