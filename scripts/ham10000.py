"""From HAM10000 to the shipped model: the bundle, and the trainings among which it was chosen.

Each run writes its scores as JSON below the cache; what has them is not run again. Two processes
started side by side share the runs: what one has begun, the other leaves to it.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout
from ham10000_bundle import ship
from ham10000_choices import (
    GOES_ON,
    LEFT_OUT,
    LONGER,
    REPEATED,
    SCREENED,
    SHIPPED,
    START_FROM,
    STARTS,
    TEACHERS,
    choice,
    start_from,
)
from ham10000_folds import FOLDS, lay_out, lay_out_few, run_folder, unpack
from ham10000_scores import fold_scores
from printing import PrintingTask

from lesionlab import settings
from lesionlab.data.sources.known import HAM10000_SOURCES
from lesionlab.experiment import Experiment, parse
from lesionlab.files import read_json, write_json
from lesionlab.training.job import run_train

# Where little is to be learned from, to see what a start is worth.
CLINIC, FEW = "rosendahl", 50
STAGES = ("ship", "screen", "folds", "longer", "start")


def run(data: Path, stage: str) -> Path | None:
    """Run one of the stages; gives the bundle's folder where it writes that.

    Args:
        data: A folder with HAM10000.
        stage: One of `STAGES`.
    """
    place = settings.current().cache / "shipped" / "ham10000"
    place.mkdir(parents=True, exist_ok=True)
    with FileLock(place / "unpack.lock"):
        unpacked = unpack(data, place)
    match stage:
        case "ship":
            return _ship(unpacked, place)
        case "screen":
            _all(unpacked, place, [(name, FOLDS[0]) for name in SCREENED])
        case "folds":
            _all(unpacked, place, [(name, fold) for name in REPEATED for fold in FOLDS])
        case "longer":
            _all(unpacked, place, list(LONGER))
        case "start":
            _show([_few(unpacked, place, name) for name in STARTS])
        case _:
            raise ValueError(stage)
    return None


def _ship(unpacked: Path, place: Path) -> Path:
    """Train what is shipped and, without each source, what the card tells of pictures elsewhere."""
    tried: list[int | str] = [FOLDS[0], *HAM10000_SOURCES]
    _all(unpacked, place, [(SHIPPED, FOLDS[0]), *((LEFT_OUT, fold) for fold in tried)])
    fold = lay_out(unpacked, place, FOLDS[0])
    with FileLock(place / "ship.lock"):
        return ship(place, run_folder(place, SHIPPED, FOLDS[0]), fold)


def _all(unpacked: Path, place: Path, runs: list[tuple[str, int | str]]) -> None:
    """Train choices on folds, first what no other process has begun, and show their scores."""
    for name, fold in runs:
        with suppress(Timeout):
            _one(unpacked, place, name, fold, wait=False)
    _show([_one(unpacked, place, name, fold) for name, fold in runs])


def _one(
    unpacked: Path, place: Path, name: str, fold: int | str, wait: bool = True
) -> dict[str, Any]:
    """Train one choice on one fold, and what it learns or goes on from before, unless it is done.

    Args:
        wait: Whether to wait for a process that has begun it.

    Returns:
        Its scores.

    Raises:
        Timeout: Another process has begun it.
    """
    teachers, before = TEACHERS.get(name, ()), GOES_ON.get(name)
    for needed in (*teachers, *([before] if before else [])):
        _one(unpacked, place, needed, fold, wait)
    bundles = [run_folder(place, teacher, fold) / "model" for teacher in teachers]
    start = run_folder(place, before, fold) / "model" if before else None
    folder, data = run_folder(place, name, fold), lay_out(unpacked, place, fold)
    return _trained(folder, choice(name, bundles, start), data, wait)


def _few(unpacked: Path, place: Path, start: str) -> dict[str, Any]:
    """Train on few pictures of a clinic, from random numbers or from what never saw that clinic."""
    data = lay_out_few(unpacked, place, CLINIC, FEW)
    elsewhere = run_folder(place, START_FROM, CLINIC)
    if start == "elsewhere":
        _one(unpacked, place, START_FROM, CLINIC)
    weights = str(elsewhere / "model") if start == "elsewhere" else start
    return _trained(run_folder(place, "few", start), start_from(weights), data)


def _trained(folder: Path, experiment: Experiment, data: Path, wait: bool = True) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    words = experiment.model_dump(mode="json", exclude_none=True)
    with FileLock(folder / "lock", blocking=wait):
        labels = hashlib.sha256((data / "labels.csv").read_bytes()).hexdigest()
        begun = read_json(folder / "begun.json")
        # Read anew, since fields may have come to an experiment that change nothing unless set.
        if begun and (parse(begun["experiment"]), begun["labels"]) != (parse(words), labels):
            raise SystemExit(
                f"Expected in {folder} the training that is asked for now. It holds another one "
                "of this name, or on other data. Move that folder away and start again."
            )
        known = read_json(folder / "scores.json")
        if isinstance(known, dict):
            return known
        print(f"{folder.name}: {experiment.title}", flush=True)
        write_json(folder / "begun.json", {"experiment": words, "labels": labels})
        run_train(PrintingTask(folder, {"experiment": words, "data": str(data)}))
        table = pd.read_csv(data / "labels.csv")
        history = pd.read_csv(folder / "history.csv")
        scores = {
            "run": folder.name,
            **fold_scores(folder, table.set_index("file")["lesion_id"]),
            "minutes": round(float(history["seconds"].sum()) / 60, 1),
        }
        write_json(folder / "scores.json", scores)
    print(json.dumps(scores), flush=True)
    return scores


def _show(rows: list[dict[str, Any]]) -> None:
    table = pd.DataFrame(rows)
    table = table[[name for name in table if not name.endswith("_interval")]]
    print(table.round(3).to_string(index=False), flush=True)
