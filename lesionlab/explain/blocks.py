"""The blocks of a network and its skip connections, worked out from the graph of its layers.

A layer through which everything must pass is a cut: no line of the graph goes around it. Layers
between two cuts that are not cuts themselves lie on ways beside each other, and where these ways
meet (`Add`, `Concatenate`) stands a merge: such a stretch is one block, and the shorter way to its
merge is the skip connection (He et al. 2016, figure 2). Layers in a row are cut before each
convolution; a depthwise convolution goes with the 1×1 convolutions around it (Sandler et al. 2018,
figure 4: the inverted residual).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D")
MERGES = ("Add", "Concatenate", "Multiply", "Average", "Maximum")
# What may stand behind a convolution and leaves each map by itself.
FOLLOWERS = ("BatchNormalization", "ReLU", "Activation", "MaxPooling2D", "AveragePooling2D")


@dataclass
class Unit:
    """Layers that belong together, in order; `merge` and `fork` where ways part and meet."""

    layers: list[Row] = field(default_factory=list)
    fork: str = ""
    merge: str = ""

    def has(self, kind: str) -> bool:
        """Whether a layer of this kind is in it."""
        return any(row["kind"] == kind for row in self.layers)


def network_blocks(
    table: list[Row], kernels: dict[str, tuple[int, ...]], learned: set[str]
) -> dict[str, Any]:
    """The blocks from the picture to the probabilities.

    Args:
        table: From `models.layer_table.layer_table`.
        kernels: The window of each convolution, such as (3, 3), by layer name.
        learned: Names of the layers that learned in some phase of training.

    Returns:
        JSON-ready. `blocks`: each with `number`, `kind` ("input", "convolution", "inverted",
        "residual", "branches", "pooling", "largest" (of each map), "dense" or "answer"),
        `widens` (its first convolution looks at all maps), `layers` (names), `output` (its
        last layer), `input_shape`, `output_shape`, `parameters`, `learned` (of these numbers),
        `window` (of its first convolution, or None), `skip` (None, or `kind` "identity" or
        "projection" with `from`, `to` and the `layers` on it) and `chains` (lists of layers that
        each map of a convolution goes through by itself). `edges`: `from`, `to`, and `kind`:
        "next", "identity" or "projection"; a skip ends in the merge at the end of block `to`.
    """
    uses = consumers(table)
    shapes = {row["name"]: row["output_shape"] for row in table}
    body = [row for row in table if row["part"] == "backbone"]
    units = [Unit([row for row in table if row["part"] == "input"])]
    units += joined(split_at_cuts(body, uses), kernels)
    units += _head([row for row in table if row["part"] == "head"])
    blocks: list[dict[str, Any]] = []
    for number, unit in enumerate(units):
        names = [row["name"] for row in unit.layers]
        before = blocks[-1]["output_shape"] if blocks else shapes[names[0]]
        convolutions = [row["kind"] for row in unit.layers if row["kind"] in CONVOLUTIONS]
        windows = [kernels[name] for name in names if name in kernels]
        blocks.append(
            {
                "number": number,
                "kind": _kind(unit),
                "widens": convolutions[:1] == ["Conv2D"],
                "layers": names,
                "output": names[-1],
                "input_shape": before,
                "output_shape": unit.layers[-1]["output_shape"],
                "parameters": sum(row["parameters"] for row in unit.layers),
                "learned": sum(row["parameters"] for row in unit.layers if row["name"] in learned),
                "window": list(windows[0]) if windows else None,
                "skip": skip_of(unit),
                "chains": chains(unit.layers, uses),
            }
        )
    edges = [{"from": k - 1, "to": k, "kind": "next"} for k in range(1, len(blocks))]
    edges += [
        {"from": block["number"] - 1, "to": block["number"], "kind": block["skip"]["kind"]}
        for block in blocks
        if block["skip"]
    ]
    return {"blocks": blocks, "edges": edges, "num_layers": len(table)}


def consumers(table: list[Row]) -> dict[str, list[str]]:
    """Which layers take the output of each layer."""
    uses: dict[str, list[str]] = {row["name"]: [] for row in table}
    for row in table:
        for name in row["inputs"]:
            uses[name].append(row["name"])
    return uses


def split_at_cuts(body: list[Row], uses: dict[str, list[str]]) -> list[Unit]:
    """Units from the backbone's layers: rows of layers, and stretches with several ways.

    Args:
        body: In an order in which none stands before one that it needs.
        uses: From `consumers`.
    """
    place = {row["name"]: k for k, row in enumerate(body)}
    units: list[Unit] = []
    waiting: list[Row] = []  # since the last cut
    rim: list[Row] = []  # zeros that belong to whatever comes next
    furthest, fork = -1, ""
    for k, row in enumerate(body):
        waiting.append(row)
        is_cut = furthest <= k
        furthest = max([furthest, *(place.get(name, -1) for name in uses[row["name"]])])
        if not is_cut:
            continue
        name, kind = row["name"], row["kind"]
        if len(waiting) > 1:
            units.append(Unit(rim + waiting, fork, name))
            rim = []
        elif kind == "ZeroPadding2D":
            rim = rim + waiting
        elif kind in CONVOLUTIONS or not units:
            units.append(Unit(rim + waiting))
            rim = []
        else:
            units[-1].layers += rim + waiting
            rim = []
        waiting, fork = [], name
    return units


def joined(units: list[Unit], kernels: dict[str, tuple[int, ...]]) -> list[Unit]:
    """Depthwise convolutions together with the 1×1 convolutions before and behind them."""

    def is_pointwise(unit: Unit) -> bool:
        first = next((row for row in unit.layers if row["kind"] in CONVOLUTIONS), None)
        plain = first is not None and first["kind"] == "Conv2D" and not unit.merge
        return plain and first is not None and kernels.get(first["name"]) == (1, 1)

    def is_depthwise(k: int) -> bool:
        return k < len(units) and not units[k].merge and units[k].has("DepthwiseConv2D")

    result: list[Unit] = []
    k = 0
    while k < len(units):
        start = k
        if is_pointwise(units[k]) and is_depthwise(k + 1):
            k += 1
        if is_depthwise(k) and k + 1 < len(units) and is_pointwise(units[k + 1]):
            k += 1
        parts = units[start : k + 1]
        rows = [row for unit in parts for row in unit.layers]
        result.append(Unit(rows, parts[0].fork, parts[0].merge))
        k += 1
    return result


def skip_of(unit: Unit) -> dict[str, Any] | None:
    """The short way to the merge of a unit where ways are added up; None without one."""
    rows = {row["name"]: row for row in unit.layers}
    if not unit.merge or rows[unit.merge]["kind"] != "Add":
        return None

    def way(name: str) -> list[str]:
        if name == unit.fork or name not in rows:
            return []
        before = [one for source in rows[name]["inputs"] for one in way(source)]
        return list(dict.fromkeys([*before, name]))

    short = min((way(name) for name in rows[unit.merge]["inputs"]), key=len)
    kind = "projection" if any(rows[name]["kind"] in CONVOLUTIONS for name in short) else "identity"
    return {"kind": kind, "from": unit.fork, "to": unit.merge, "layers": short}


def chains(layers: list[Row], uses: dict[str, list[str]]) -> list[list[str]]:
    """For each convolution the layers behind it that treat every map by itself, in order.

    Rims of zeros are passed through and left out: they change nothing that one could see.
    """
    rows = {row["name"]: row for row in layers}
    found = []
    for row in layers:
        if row["kind"] not in CONVOLUTIONS:
            continue
        chain, here = [row["name"]], row["name"]
        while len(uses[here]) == 1 and uses[here][0] in rows:
            here = uses[here][0]
            if rows[here]["kind"] in FOLLOWERS:
                chain.append(here)
            elif rows[here]["kind"] != "ZeroPadding2D":
                break
        found.append(chain)
    return found


def _kind(unit: Unit) -> str:
    if unit.layers[0]["part"] == "input":
        return "input"
    if unit.layers[0]["part"] == "head":
        last = unit.layers[-1]["name"]
        if last == "probabilities":
            return "answer"
        kind = unit.layers[-1]["kind"]
        return "dense" if kind == "Dense" else "largest" if "Max" in kind else "pooling"
    if unit.has("DepthwiseConv2D"):
        return "inverted"
    if not unit.merge:
        return "convolution"
    return "residual" if skip_of(unit) else "branches"


def _head(rows: list[Row]) -> list[Unit]:
    """Pooling, each hidden layer, and the scores with their softmax."""
    units: list[Unit] = []
    for row in rows:
        alone = row["kind"] in ("Dense",) or "Pooling" in row["kind"]
        if alone or not units:
            units.append(Unit([row]))
        else:
            units[-1].layers.append(row)
    return units
