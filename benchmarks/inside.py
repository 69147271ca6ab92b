"""What the page Look inside asks of the warm service: the first time, and each time after.

The first request of a kind meets a service that has answered one prediction, as the page's own
warming has it do. The later ones ask for another layer or class each, as a reader would.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.prediction import PICTURE, make_model
from benchmarks.result import Result
from benchmarks.web import ROOT
from lesionlab.images.spoil import Spoil
from lesionlab.service import client, explaining_client
from lesionlab.service.address import read_address
from lesionlab.settings import current

FIRST, LATER, COVERED = 1500.0, 300.0, 5000.0
REPEATS = 9
# As many as the page asks for at once; of spoiled pictures it asks for a dozen, piece by piece.
DRAWS, GRID, TRIES = 5, 10, 4
# The network that the bars are for, and one that is told beside it.
NETWORKS = ("mobilenetv2", "resnet50")


@dataclass(frozen=True)
class Asker:
    """One model and one picture, and what can be asked about them.

    Attributes:
        layers: Layers with maps from the first to the last, some from every depth.
        chain: A convolution with the layers behind it that leave each map by itself.
        ends: The last layer of every block with maps.
        classes: Their codes.
    """

    model: str
    picture: bytes
    layers: list[str]
    chain: list[str]
    ends: list[str]
    classes: list[str]

    def requests(self) -> dict[str, Callable[[int], Any]]:
        """What the page asks, in the order of its sections; the number says how often before."""

        def layer(k: int) -> str:
            return self.layers[(4 * k + 2) % len(self.layers)]

        def code(k: int) -> str:
            return self.classes[k % len(self.classes)]

        def heat(name: str, k: int, draws: int = 0) -> Any:
            return explaining_client.heat_maps(self.model, self.picture, code(k), name, True, draws)

        def spoiled(k: int, count: int) -> Any:
            wanted = Spoil(hairs=10 + k, ruler=True)
            return explaining_client.spoiled_answers(
                self.model, self.picture, wanted, 0, count, True
            )

        last = self.layers[-1]
        return {
            "blocks": lambda k: client.network_blocks(self.model),
            "maps of a layer": lambda k: client.feature_maps(
                self.model, layer(k), self.picture, 16
            ),
            "one map, step by step": lambda k: client.one_map_each(
                self.model, self.chain, self.picture, k
            ),
            "one map of each block": lambda k: client.one_map_each(
                self.model, self.ends, self.picture
            ),
            "the end": lambda k: explaining_client.end_numbers(self.model, self.picture, True),
            "heat, last layer": lambda k: heat(last, k),
            "check, last layer": lambda k: heat(last, k, DRAWS),
            "heat, inner layer": lambda k: heat(layer(k), k),
            "check, inner layer": lambda k: heat(layer(k), k, DRAWS),
            "spoiled": lambda k: spoiled(k, 1),
            "four spoiled": lambda k: spoiled(k, TRIES),
            "first kernels": lambda k: client.first_layer(self.model),
        }

    def covered(self) -> float:
        """Milliseconds of the map of covered squares, asked in pieces."""
        begin, done = time.perf_counter(), 0
        while done < GRID**2:
            found = explaining_client.covered_answers(self.model, self.picture, GRID, done, True)
            done += len(found["probabilities"])
        return 1000 * (time.perf_counter() - begin)


def measure(home: Path) -> list[Result]:
    """Milliseconds of every request of the page; MobileNetV2 at 224×224 is held to the bars."""
    os.environ["LESIONLAB_HOME"] = str(home)
    picture = subprocess.run(
        [sys.executable, "-c", PICTURE], cwd=ROOT, capture_output=True, check=True
    ).stdout
    results = []
    for network in NETWORKS:
        asker = _awake(make_model(network), picture)
        has_bar = network == NETWORKS[0]
        for name, ask in asker.requests().items():
            results += _first_and_later(f"{network}: {name}", ask, has_bar)
        first = asker.covered()
        note = f"the first took {first:,.0f} ms"
        bar = COVERED if has_bar else None
        results.append(Result(f"{network}: covered", asker.covered(), "ms", bar, note=note))
    return results


def _awake(model: str, picture: bytes) -> Asker:
    client.warm(model)
    while model not in client.health().get("models", []):
        time.sleep(0.1)
    answer = client.predict(model, picture, drawn_confirmed=True)
    blocks = client.network_blocks(model)["blocks"]
    sized = {row["name"] for row in client.layers(model) if len(row["output_shape"]) == 3}
    body = [block for block in blocks if block["kind"] != "input"]
    return Asker(
        model=model,
        picture=picture,
        layers=[name for block in body for name in block["layers"] if name in sized],
        chain=max((chain for block in body for chain in block["chains"]), key=len),
        ends=[block["output"] for block in body if block["output"] in sized],
        classes=answer["classes"],
    )


def _first_and_later(name: str, ask: Callable[[int], Any], has_bar: bool) -> list[Result]:
    first, first_processor = _timed(partial(ask, 0))
    timed = [_timed(partial(ask, k)) for k in range(1, REPEATS + 1)]
    times = [milliseconds for milliseconds, _ in timed]
    processor = [used for _, used in timed if used is not None]
    note = f"median of {REPEATS}, best {min(times):.0f}, worst {max(times):.0f} ms"
    if processor and first_processor is not None:
        note += (
            f"; on a processor {statistics.median(processor):.0f}, "
            f"the first time {first_processor:.0f} ms"
        )
    later = statistics.median(times)
    return [
        Result(f"{name}, first", first, "ms", FIRST if has_bar else None),
        Result(f"{name}, later", later, "ms", LATER if has_bar else None, note=note),
    ]


def _timed(ask: Callable[[], Any]) -> tuple[float, float | None]:
    """Milliseconds on the clock, and those of the service on a processor where /proc tells."""
    used, begin = _processor_seconds(), time.perf_counter()
    ask()
    milliseconds = 1000 * (time.perf_counter() - begin)
    now = _processor_seconds()
    return milliseconds, None if used is None or now is None else 1000 * (now - used)


def _processor_seconds() -> float | None:
    address = read_address(current())
    try:
        words = Path(f"/proc/{address.pid if address else 0}/stat").read_text().rpartition(")")[2]
    except OSError:
        return None
    return sum(int(word) for word in words.split()[11:13]) / os.sysconf("SC_CLK_TCK")
