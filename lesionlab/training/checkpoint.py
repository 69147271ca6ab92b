"""What a training needs to go on where it stopped, in files that cannot be half true.

A checkpoint is one safetensors file whose header holds the training's position and a SHA-256 of
everything, so that arrays and position can never come from two moments. Two generations take
turns: whatever happens while one is written, the other is whole. The best weights lie in files of
their own, named by epoch; a checkpoint names the one that belongs to it.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from lesionlab.errors import TrainingError, disk_errors
from lesionlab.files import write_bytes

GENERATIONS = ("last-0.safetensors", "last-1.safetensors")


class Checkpoint(NamedTuple):
    """Arrays by name, and whatever else is needed as JSON-ready words."""

    arrays: dict[str, np.ndarray]
    state: dict[str, Any]


class Checkpoints:
    """The checkpoints of one training, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seconds_to_save: float | None = None
        self._newest: tuple[int, int] = (0, 1)  # number and place of the newest one known

    def save(self, arrays: dict[str, np.ndarray], state: dict[str, Any]) -> None:
        """Write a checkpoint over the older of the two generations.

        Args:
            arrays: Everything that changes while training.
            state: JSON-ready; `best_epoch` names the best weights that belong to it, or None.

        Raises:
            DiskError: The disk is full; both older checkpoints stay as they were.
        """
        start = time.monotonic()
        number, place = self._newest[0] + 1, 1 - self._newest[1]
        _write(self.folder / GENERATIONS[place], arrays, {**state, "number": number})
        self._newest = (number, place)
        self._drop_old_best()
        self.seconds_to_save = time.monotonic() - start

    def load(self) -> Checkpoint | None:
        """The newest checkpoint that is whole, its best weights included; None if there is none."""
        found: list[tuple[int, int, Checkpoint]] = []
        for place, name in enumerate(GENERATIONS):
            checkpoint = _read(self.folder / name)
            if checkpoint is None:
                continue
            best = checkpoint.state.get("best_epoch")
            if best is None or _read(self._best_path(best)) is not None:
                found.append((checkpoint.state["number"], place, checkpoint))
        if not found:
            return None
        number, place, checkpoint = max(found, key=lambda entry: entry[0])
        self._newest = (number, place)
        return checkpoint

    def save_best(self, epoch: int, arrays: dict[str, np.ndarray]) -> None:
        """Keep the weights of `epoch` beside those of earlier ones.

        The earlier ones go when no checkpoint names them any more.

        Raises:
            DiskError: The disk is full; nothing else changed.
        """
        _write(self._best_path(epoch), arrays, {"epoch": epoch})

    def load_best(self, epoch: int) -> dict[str, np.ndarray]:
        """The weights that `save_best` kept.

        Raises:
            TrainingError: The file is missing or damaged.
        """
        best = _read(self._best_path(epoch))
        if best is None:
            raise TrainingError(
                f"The best weights, of epoch {epoch}, were to be taken up again.",
                "Their file is missing or damaged.",
                "Resume the run: it goes back to the last checkpoint that is whole.",
            )
        return best.arrays

    def keep(self, name: str, arrays: dict[str, np.ndarray], state: dict[str, Any]) -> None:
        """Keep what is computed once for a whole training, with words that say what it is.

        Raises:
            DiskError: The disk is full; nothing else changed.
        """
        _write(self.folder / f"{name}.safetensors", arrays, state)

    def kept(self, name: str) -> Checkpoint | None:
        """What `keep` kept, or None where it is missing or damaged."""
        return _read(self.folder / f"{name}.safetensors")

    def _best_path(self, epoch: int) -> Path:
        return self.folder / f"best-{epoch}.safetensors"

    def _drop_old_best(self) -> None:
        named = {state.get("best_epoch") for state in map(_read_state, self._generation_paths())}
        for path in self.folder.glob("best-*.safetensors"):
            match = re.fullmatch(r"best-(\d+)", path.stem)
            if match and int(match[1]) not in named:
                path.unlink(missing_ok=True)

    def _generation_paths(self) -> list[Path]:
        return [self.folder / name for name in GENERATIONS]


def _digest(arrays: dict[str, np.ndarray], words: str) -> str:
    digest = hashlib.sha256(words.encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).view(np.uint8).reshape(-1).data)
    return digest.hexdigest()


def _write(path: Path, arrays: dict[str, np.ndarray], state: dict[str, Any]) -> None:
    words = json.dumps(state)
    # order="C" keeps an array without dimensions as it is; ascontiguousarray would give it one.
    whole = {name: np.array(array, order="C") for name, array in arrays.items()}
    metadata = {"state": words, "sha256": _digest(whole, words)}
    with disk_errors("the checkpoint"):
        write_bytes(path, save(whole, metadata))


def _read(path: Path) -> Checkpoint | None:
    """A checkpoint, or None where the file is missing, torn or damaged."""
    try:
        with safe_open(path, "numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        words = metadata["state"]
        if metadata["sha256"] != _digest(arrays, words):
            return None
        return Checkpoint(arrays, json.loads(words))
    except (OSError, SafetensorError, KeyError, ValueError):
        return None


def _read_state(path: Path) -> dict[str, Any]:
    """The words in a checkpoint's header alone, unverified; empty where there are none."""
    try:
        with safe_open(path, "numpy") as file:
            state = json.loads((file.metadata() or {})["state"])
    except (OSError, SafetensorError, KeyError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}
