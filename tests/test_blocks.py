"""Blocks and skip connections, by hand and of the three real networks."""

from __future__ import annotations

from typing import Any

import pytest

from lesionlab.explain import blocks
from lesionlab.explain.blocks import network_blocks


def row(name: str, kind: str, *inputs: str, part: str = "backbone", side: int = 8) -> Any:
    return {"name": name, "kind": kind, "inputs": list(inputs), "part": part} | {
        "output_shape": [side, side, 4],
        "parameters": 10,
    }


# image -> a, b -> (c, d | projection p) -> add, out -> (e | nothing) -> add2 -> pool -> answer
BY_HAND = [
    row("image", "InputLayer", part="input"),
    row("a", "Conv2D", "image"),
    row("b", "ReLU", "a"),
    row("pad", "ZeroPadding2D", "b", side=10),
    row("pool", "MaxPooling2D", "pad", side=4),
    row("c", "Conv2D", "pool", side=4),
    row("p", "Conv2D", "pool", side=4),
    row("d", "BatchNormalization", "c", side=4),
    row("add", "Add", "p", "d", side=4),
    row("out", "ReLU", "add", side=4),
    row("e", "Conv2D", "out", side=4),
    row("add2", "Add", "out", "e", side=4),
    row("pooling", "GlobalAveragePooling2D", "add2", part="head"),
    row("logits", "Dense", "pooling", part="head"),
    row("probabilities", "Activation", "logits", part="head"),
]


def test_a_graph_worked_out_by_hand() -> None:
    kernels = dict.fromkeys("acep", (3, 3))
    found = network_blocks(BY_HAND, kernels, learned={"e", "logits"})
    assert [block["layers"] for block in found["blocks"]] == [
        ["image"],
        ["a", "b", "pad", "pool"],
        ["c", "p", "d", "add", "out"],
        ["e", "add2"],
        ["pooling"],
        ["logits", "probabilities"],
    ]
    kinds = [block["kind"] for block in found["blocks"]]
    assert kinds == ["input", "convolution", "residual", "residual", "pooling", "answer"]
    first, second = (found["blocks"][k]["skip"] for k in (2, 3))
    assert first == {"kind": "projection", "from": "pool", "to": "add", "layers": ["p"]}
    assert second == {"kind": "identity", "from": "out", "to": "add2", "layers": []}
    assert [edge for edge in found["edges"] if edge["kind"] != "next"] == [
        {"from": 1, "to": 2, "kind": "projection"},
        {"from": 2, "to": 3, "kind": "identity"},
    ]
    assert found["blocks"][1]["chains"] == [["a", "b", "pool"]], "the rim of zeros is passed over"
    assert found["blocks"][2]["chains"] == [["c", "d"], ["p"]], "a merge ends a chain"
    assert [block["learned"] for block in found["blocks"]] == [0, 0, 0, 10, 0, 10]
    assert found["blocks"][2]["parameters"] == 50


def test_the_largest_of_each_map_is_no_average() -> None:
    table = [dict(one) for one in BY_HAND]
    table[-3]["kind"] = "GlobalMaxPooling2D"
    kernels = dict.fromkeys("acep", (3, 3))
    kinds = [block["kind"] for block in network_blocks(table, kernels, learned=set())["blocks"]]
    assert "largest" in kinds and "pooling" not in kinds


def test_ways_that_are_joined_side_by_side_are_no_skip() -> None:
    table = [
        row("a", "Conv2D"),
        row("b", "Conv2D", "a"),
        row("c", "Conv2D", "a"),
        row("join", "Concatenate", "b", "c"),
    ]
    (one, two) = blocks.split_at_cuts(table, blocks.consumers(table))
    assert (two.fork, two.merge, len(one.layers)) == ("a", "join", 1)
    assert blocks.skip_of(two) is None


@pytest.fixture(scope="module")
def found() -> dict[str, dict[str, Any]]:
    """The blocks of the three networks, at 224 pixels."""
    pytest.importorskip("keras")
    from lesionlab.experiment import Network
    from lesionlab.models.build import build_model
    from lesionlab.models.layer_table import layer_table

    answers = {}
    for name in ("small-cnn", "mobilenetv2", "resnet50"):
        network = Network(network=name, weights="random")
        model = build_model(network, 8, (224, 224), seed=0, load_weights=False)
        kernels = {
            layer.name: tuple(layer.kernel_size)
            for layer in model.layers
            if hasattr(layer, "kernel_size")
        }
        table = layer_table(model)
        answers[name] = network_blocks(table, kernels, {one["name"] for one in table})
        everything = [name for block in answers[name]["blocks"] for name in block["layers"]]
        assert sorted(everything) == sorted(one["name"] for one in table), "each layer once"
        total = sum(block["parameters"] for block in answers[name]["blocks"])
        assert total == model.count_params()
    return answers


def test_resnet50(found: dict[str, dict[str, Any]]) -> None:
    """He et al. (2016), table 1: 3 + 4 + 6 + 3 blocks; each stage begins with a projection."""
    bodies = [block for block in found["resnet50"]["blocks"] if block["kind"] == "residual"]
    assert len(bodies) == 16
    projected = [k for k, block in enumerate(bodies) if block["skip"]["kind"] == "projection"]
    assert projected == [0, 3, 7, 13]
    assert bodies[0]["skip"]["layers"] == ["conv2_block1_0_conv", "conv2_block1_0_bn"]
    shapes = [block["output_shape"] for block in found["resnet50"]["blocks"][:-2]]
    assert shapes[0] == [224, 224, 3] and shapes[-1] == [7, 7, 2048]
    stem = found["resnet50"]["blocks"][1]
    assert stem["chains"] == [["conv1_conv", "conv1_bn", "conv1_relu", "pool1_pool"]]


def test_mobilenetv2(found: dict[str, dict[str, Any]]) -> None:
    """Sandler et al. (2018), table 2: 1 + 2 + 3 + 4 + 3 + 3 + 1 blocks; the first of each row
    changes the shape and has no short cut, so 10 of 17 have one."""
    bodies = [block for block in found["mobilenetv2"]["blocks"] if block["kind"] == "inverted"]
    repeats = (1, 2, 3, 4, 3, 3, 1)
    expected = [k > 0 for times in repeats for k in range(times)]
    assert [block["skip"] is not None for block in bodies] == expected
    assert all(block["skip"]["kind"] == "identity" for block in bodies if block["skip"])
    assert bodies[0]["layers"][0] == "expanded_conv_depthwise"
    assert found["mobilenetv2"]["blocks"][-3]["output_shape"] == [7, 7, 1280]
    assert not any(
        "Pool" in part for block in bodies for chain in block["chains"] for part in chain
    )
    # The first one does not widen: it begins with the filters that go over each map by itself.
    assert [block["widens"] for block in bodies] == [False] + [True] * (len(bodies) - 1)


def test_small_cnn(found: dict[str, dict[str, Any]]) -> None:
    bodies = [block for block in found["small-cnn"]["blocks"] if block["kind"] == "convolution"]
    assert len(bodies) == 5 and not any(block["skip"] for block in bodies)
    assert [len(block["chains"][0]) for block in bodies] == [4, 4, 4, 4, 3], "the last has no pool"
    assert [block["output_shape"][0] for block in bodies] == [112, 56, 28, 14, 14]
