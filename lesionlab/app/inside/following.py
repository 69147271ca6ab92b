"""One feature followed: at the end of each size of map, the one that looks most like it."""

from __future__ import annotations

from typing import Any

import numpy as np

from lesionlab.app.inside import asking, choosing
from lesionlab.app.inside.look import Look
from lesionlab.images.heat import fitted

AMONG = 64


def ends_of_sizes(blocks: list[dict[str, Any]], layer: str) -> list[dict[str, Any]]:
    """The blocks behind a layer's own after which maps get smaller, and the last one with maps."""
    begin = choosing.block_of(blocks, layer)["number"]
    behind = [
        block for block in blocks if block["number"] > begin and len(block["output_shape"]) == 3
    ]
    return [
        block
        for k, block in enumerate(behind)
        if k + 1 == len(behind) or behind[k + 1]["output_shape"][0] < block["output_shape"][0]
    ]


def likest(values: np.ndarray, maps: np.ndarray) -> tuple[int, float]:
    """Which map looks most like another, larger one, and how much.

    Args:
        values: float `(h, w)`.
        maps: float `(k, h', w')`.

    Returns:
        Its place among `maps`, and Pearson's correlation, -1 to 1; a map without any difference
        counts as 0.
    """
    wanted = fitted(values, maps.shape[1:]).ravel().astype(np.float64)
    others = maps.reshape(len(maps), -1).astype(np.float64)
    wanted = wanted - wanted.mean()
    others = others - others.mean(axis=1, keepdims=True)
    sizes = np.linalg.norm(others, axis=1) * np.linalg.norm(wanted)
    products = others @ wanted
    found = np.divide(products, sizes, out=np.zeros_like(products), where=sizes > 1e-12)
    return int(found.argmax()), float(found.max())


def follow(
    look: Look, blocks: list[dict[str, Any]], layer: str, values: np.ndarray
) -> list[dict[str, Any]]:
    """From block to block the map that looks most like the one before it.

    Args:
        values: The map of `layer` from which one starts, float `(h, w)`.

    Returns:
        For each block of `ends_of_sizes`: `block`, `map`, `channel`, `depth` and `alike`.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    steps = []
    for block in ends_of_sizes(blocks, layer):
        found = asking.feature_maps(look, block["output"], AMONG)
        place, alike = likest(values, found["maps"])
        values = found["maps"][place]
        steps.append(
            {"block": block, "map": values, "alike": alike}
            | {"channel": int(found["indices"][place]), "depth": int(found["shape"][2])}
        )
    return steps
