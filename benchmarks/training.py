"""Training by the engine against a plain Keras script, on the same images.

Each side runs in a process of its own, three times, interleaved. Both read, decode, train and
validate; compared is the time from the first file to the end of the last epoch, divided by the
pictures that were trained on (the two deal them out a little differently).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from benchmarks.result import Result, skipped
from benchmarks.web import ROOT

NAME = "training, engine over plain Keras"
BAR = 0.95
REPEATS = 3


@dataclass(frozen=True)
class Load:
    """What both sides train."""

    images: int = 640
    epochs: int = 2
    height: int = 150
    width: int = 200
    batch: int = 32
    network: str = "mobilenetv2"
    alpha: float = 1.0


def measure(archive: Path, peer: Path, load: Load) -> list[Result]:
    """The ratio of the engine's images a second to the plain script's."""
    if not archive.is_file():
        return [skipped(NAME, f"no {archive.name}: give its folder by --data")]
    if not peer.is_file():
        return [skipped(NAME, "no plain script: give its path by --peer")]
    ratios, engine_rates, peer_rates = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder) / "images"
        _extract(archive, images, load.images)
        for _ in range(REPEATS):
            peer_rates.append(_run_peer(peer, images, load))
            engine_rates.append(_run_engine(images, load))
            ratios.append(engine_rates[-1] / peer_rates[-1])
    each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    note = (
        f"{statistics.median(engine_rates):.1f} against {statistics.median(peer_rates):.1f} "
        f"images/s; {load.network} {load.height}×{load.width}, batch {load.batch}, "
        f"{load.images} images, {load.epochs} epochs; ratios {each}"
    )
    return [Result(NAME, statistics.median(ratios), "×", BAR, "at least", note)]


def _extract(archive: Path, folder: Path, num_images: int) -> None:
    """Some pictures of the archive with a labels.csv that both sides read."""
    with zipfile.ZipFile(archive) as file:
        listed = next(name for name in file.namelist() if name.endswith("labels.csv"))
        root = listed.removesuffix("labels.csv")
        with file.open(listed) as table_file:
            table = pd.read_csv(table_file, dtype=str)
        chosen = table.sample(min(num_images, len(table)), random_state=0)
        for name in chosen["file"]:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.read(root + name))
    columns = ["file", "label", "lesion_id"]
    chosen[columns].to_csv(folder / "labels.csv", index=False)


def _run_peer(peer: Path, images: Path, load: Load) -> float:
    command = [str(peer), str(images), "--network", _keras_name(load.network)]
    command += ["--alpha", str(load.alpha), "--size", f"{load.height}x{load.width}"]
    command += ["--epochs", str(load.epochs), "--batch", str(load.batch)]
    found = _json_of([sys.executable, *command], {})
    table = pd.read_csv(images / "labels.csv")
    # It keeps 15 % of the lesions for validation.
    num_train = round(len(table) * 0.85)
    return num_train * load.epochs / float(found["seconds"])


def _run_engine(images: Path, load: Load) -> float:
    with tempfile.TemporaryDirectory() as home:
        code = [sys.executable, "-m", "benchmarks.engine", str(images), json.dumps(asdict(load))]
        found = _json_of(code, {"LESIONLAB_HOME": home})
    return float(found["num_train"]) * load.epochs / float(found["seconds"])


def _keras_name(network: str) -> str:
    return {"mobilenetv2": "MobileNetV2", "resnet50": "ResNet50"}[network]


def _json_of(command: list[str], environment: dict[str, str]) -> dict[str, float]:
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **environment},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{command[1]} failed: {done.stderr.strip().splitlines()[-1:]}")
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
