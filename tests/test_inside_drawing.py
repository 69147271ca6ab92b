"""The drawing of a network, its words, and maps as tiles: by hand."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from lesionlab.app.inside import block_words, kinds, maps_shown, network_drawing, stages


def block(number: int = 1, **changes: Any) -> dict[str, Any]:
    plain = {"number": number, "kind": "residual", "layers": ["a", "add"], "output": "add"}
    plain |= {"input_shape": [56, 56, 64], "output_shape": [56, 56, 256], "parameters": 100}
    return plain | {"learned": 0, "window": [1, 1], "skip": None, "chains": []} | changes


SKIP = {"kind": "projection", "from": "x", "to": "add", "layers": ["a"]}


def test_boxes_get_lower_and_thicker_and_skips_are_drawn() -> None:
    early = block(0, output_shape=[224, 224, 3], skip=None)
    late = block(1, output_shape=[7, 7, 2048], skip=SKIP)
    first, second = network_drawing.with_sides([early, late])
    assert network_drawing.extent(first) == (network_drawing.TALLEST, network_drawing.THINNEST)
    # The root of 7/224 is 0.1768: 12 + 104 times that; 2048 maps are as deep as it gets.
    height, width = network_drawing.extent(second)
    assert height == pytest.approx(12 + 104 * 0.17678, rel=1e-4)
    assert width == network_drawing.THICKEST
    assert "<circle" not in network_drawing.svg(first, last=False)
    assert network_drawing.svg(second, last=True).count("<circle") == 1
    tile = network_drawing.tile(second, last=True)
    assert (tile["size"], tile["depth"]) == ("7×7", "×2,048")
    assert tile["label"].endswith("with a skip connection by a projection, frozen")


def test_a_drawing_says_how_much_room_it_needs() -> None:
    # Side 224 of 224: 116 high, so 58 to each side of the line at 96; 4 for the lid.
    first, skipped = network_drawing.with_sides(
        [block(0, output_shape=[224, 224, 3]), block(1, output_shape=[56, 56, 9], skip=SKIP)]
    )
    assert network_drawing.reach(first) == (96 - 58 - 4 - 4, 96 + 58 + 6)
    # Half the root: 12 + 104 / 2 = 64 high; the skip goes 12 above the lid, its box 10 more.
    assert network_drawing.reach(skipped) == (96 - 32 - 4 - 22, 96 + 32 + 6)


def test_kinds_have_plain_names() -> None:
    named = [("Conv2D", "a"), ("Dense", "logits"), ("Activation", "probabilities"), ("New", "b")]
    found = [kinds.name_of({"kind": kind, "name": name}) for kind, name in named]
    assert found == ["Convolution", "Scores", "Softmax", "New"]


def test_what_a_relu_did_is_counted() -> None:
    before = np.array([[-1.0, 2.0], [7.0, -3.0]])
    assert stages.relu_words(before, np.maximum(before, 0)).endswith(": 50% of the places here.")
    bounded = stages.relu_words(before, before.clip(0, 6))
    assert bounded.endswith("25% were above 6.00 and were cut off.")
    assert stages.relu_words(before.clip(0), before.clip(0)).endswith("here nothing was.")
    hardly = np.where(np.arange(300) == 7, -1.0, 1.0)
    assert stages.relu_words(hardly, hardly.clip(0)).endswith("less than 1% of the places here.")


def test_the_legend_names_only_what_is_there() -> None:
    half = block(learned=40)
    signs = [words for _, words in network_drawing.legend([block(), half])]
    assert signs == ["partly trained", "frozen"]
    signs = [words for _, words in network_drawing.legend([block(parameters=0, skip=SKIP)])]
    assert signs == [
        "nothing to learn",
        "skip connection, added at the plus",
        "with a projection",
    ]


def test_what_learned_and_what_skips_in_words() -> None:
    assert block_words.learned_sentence(block(learned=100)).count("all **trained**") == 1
    assert "40 of them were trained" in block_words.learned_sentence(block(learned=40))
    assert "projection" in block_words.plain(block(skip=SKIP))
    inverted = block_words.plain(block(kind="inverted", widens=True))
    assert "It has no skip connection" in inverted
    assert "many more maps" in inverted
    # The first one of MobileNetV2 does not widen.
    assert "many more maps" not in block_words.plain(block(kind="inverted", widens=False))
    assert "Largest values" in block_words.title(block(kind="largest"))
    small = block(kind="convolution", window=[3, 3], output_shape=[28, 28, 64])
    assert "filters of 3×3 pixels" in block_words.plain(small)
    assert "side gets smaller" in block_words.plain(small)
    assert "falls from 56 to 56" in block_words.summary([block(skip=SKIP), block(skip=SKIP)])
    assert "2 blocks have a skip connection, 2 of them with a projection" in block_words.summary(
        [block(skip=SKIP), block(skip=SKIP)]
    )


def test_tiles_can_be_sent_to_the_browser() -> None:
    maps = np.stack([np.eye(4), np.zeros((4, 4))]).astype(np.float32)
    tiles = maps_shown.map_tiles(maps, np.array([5, 2]), np.array([0.25, 0.0]), chosen=5)
    assert list(tiles) == ["5", "2"]
    words = [{**asdict(tile), "image": ""} for tile in tiles.values()]
    assert [one["chosen"] for one in json.loads(json.dumps(words))] == [True, False]
    assert tiles["5"].caption == "6 · 0.25"


def test_one_number_becomes_a_square_of_pixels() -> None:
    shown = maps_shown.enlarged(np.array([[1, 2]]), least=4)
    assert shown.tolist() == [[1, 1, 2, 2], [1, 1, 2, 2]]
    assert [maps_shown.number(n) for n in (-0.001, -1.5, 2)] == ["0.00", "−1.50", "2.00"]
    assert "75% of the places are zero" in maps_shown.activation_words(np.array([0, 0, 0, 4.0]))


def test_stages_of_a_block() -> None:
    found = block(chains=[["a", "b"], ["c", "d", "e"]])
    assert stages.chain_for(found, "b") == ["a", "b"]
    assert stages.chain_for(found, "add") == ["c", "d", "e"], "the longest one"
    assert stages.chain_for(block(), "add") == []
    names = ["Convolution", "Batch normalisation", "ReLU"]
    maps = [np.array([-30.0]), np.array([-2.0, 1.0]), np.array([0.0, 1.0])]
    assert stages.common_limits(maps, names) == [30.0, 2.0, 2.0]


def test_missing_steps_are_said() -> None:
    kinds = {"a": "Conv2D", "b": "ReLU", "p": "MaxPooling2D"}
    without, pooled = block(chains=[["a", "b"]]), block(chains=[["a", "b", "p"]])
    said = stages.missing_sentence([without], kinds, ["Convolution", "ReLU"])
    assert "network has no max pooling" in said
    said = stages.missing_sentence([without, pooled], kinds, ["Convolution", "ReLU"])
    assert "other blocks of this network" in said
    assert stages.missing_sentence([pooled], kinds, ["Convolution", "ReLU", "Max pooling"]) == ""


def test_a_filter_is_drawn_as_three_tables_around_zero() -> None:
    kernel = np.zeros((2, 2, 3))
    kernel[0, 0, 0], kernel[1, 1, 2] = 4, -4
    shown = maps_shown.kernel_picture(kernel)
    side = len(shown)
    assert shown.shape == (side, 3 * side + 16, 3)
    blue, brown = shown[0, 0], shown[-1, -1]
    assert blue[2] > blue[0] and brown[0] > brown[2]
    np.testing.assert_array_equal(shown[0, side + 8], shown[-1, 0])  # zeros look alike
