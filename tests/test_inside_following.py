"""Following one feature: which blocks are looked at, and which map is the likest, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lesionlab.app.inside import following


def block(number: int, side: int, layers: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"number": number, "output_shape": [side, side, 8], "layers": list(layers)}


def test_the_last_block_of_each_size_is_looked_at() -> None:
    sides = (16, 16, 8, 8, 8, 4)
    blocks = [block(k, side, (f"layer{k}",)) for k, side in enumerate(sides)]
    blocks.append({"number": 6, "output_shape": [8], "layers": ["pool"]})
    found = [one["number"] for one in following.ends_of_sizes(blocks, "layer0")]
    assert found == [1, 4, 5]
    # The layer's own block is where one starts, and no block behind the last one has maps.
    assert [one["number"] for one in following.ends_of_sizes(blocks, "layer4")] == [5]
    assert following.ends_of_sizes(blocks, "layer5") == []


def test_the_map_with_the_highest_correlation_is_the_likest() -> None:
    values = np.array([[1.0, 2.0], [3.0, 4.0]])
    opposite, flat = -values, np.ones((2, 2))
    # Around their means (-1.5, -.5, .5, 1.5) and (-1, -1, 1, 1): 4 / (sqrt(5) * 2).
    near = np.array([[0.0, 0.0], [2.0, 2.0]])
    place, alike = following.likest(values, np.stack([opposite, flat, near]))
    assert (place, alike) == (2, pytest.approx(4 / (2 * np.sqrt(5))))
    assert following.likest(values, np.stack([flat, 10 * values + 3])) == (1, pytest.approx(1))
    assert following.likest(values, flat[None]) == (0, 0)


def test_a_larger_map_is_brought_to_the_size_of_the_smaller_one() -> None:
    values = np.kron(np.array([[0.0, 1.0], [0.0, 0.0]]), np.ones((4, 4)))
    maps = np.stack([np.roll(np.array([[1.0, 0.0], [0.0, 0.0]]), k, axis=1) for k in (0, 1)])
    assert following.likest(values, maps)[0] == 1
