"""The models that the service holds ready, bounded by bytes; the longest unused goes first."""

from __future__ import annotations

import gc
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lesionlab.errors import BundleError
from lesionlab.models.bundle import read_description
from lesionlab.models.description import Description

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Loaded:
    """A model ready to be asked."""

    reference: str
    key: str
    description: Description
    model: keras.Model
    num_bytes: int


def load(folder: Path, reference: str, key: str = "") -> Loaded:
    """Build a bundle's model.

    Args:
        folder: The bundle.
        reference: What the user calls it.

    Raises:
        BundleError: The bundle is damaged or does not fit.
    """
    # Imported here so that a process can hold this module without Keras.
    from lesionlab.models.rebuild import load_bundle

    description = read_description(folder)
    model = load_bundle(folder)
    return Loaded(reference, key or content_key(folder), description, model, bytes_of(model))


def content_key(folder: Path) -> str:
    """A key that changes when anything in the bundle does: its manifest has every file's hash."""
    try:
        return hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    except OSError as error:
        raise BundleError(
            "Expected a model bundle with its manifest.json.",
            f"{folder.name} has none that can be read.",
            "Import the model again, or delete the run.",
        ) from error


def bytes_of(model: keras.Model) -> int:
    """About how much memory a model holds: its weights, and all activations of one picture."""
    numbers = model.count_params()
    for layer in model.layers:
        size = 1
        for side in layer.output.shape[1:]:
            size *= side or 1
        numbers += size
    return 4 * int(numbers)


class LoadedModels:
    """Builds each model once, however many ask for it at the same moment.

    Args:
        limit_bytes: The models together stay below this, but the latest one is always kept.
        build: How a bundle becomes a `Loaded`.
    """

    def __init__(
        self, limit_bytes: float, build: Callable[[Path, str, str], Loaded] = load
    ) -> None:
        self.limit_bytes = limit_bytes
        self._build = build
        self._models: OrderedDict[str, Loaded] = OrderedDict()
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, folder: Path, reference: str) -> Loaded:
        """The model of this bundle, built now if it is not held, or if the bundle changed."""
        # One bundle may have two names: each asker is told by the name that it knows.
        return replace(self._get(content_key(folder), folder, reference), reference=reference)

    def _get(self, key: str, folder: Path, reference: str) -> Loaded:
        with self._lock:
            if key in self._models:
                self._models.move_to_end(key)
                return self._models[key]
            build_lock = self._locks.setdefault(key, threading.Lock())
        with build_lock:
            with self._lock:
                if key in self._models:
                    return self._models[key]
            loaded = self._build(folder, reference, key)
            with self._lock:
                self._models[key] = loaded
                self._locks.pop(key, None)
                dropped = self._drop_oldest()
        if dropped:
            # Keras models are full of reference cycles; without this their memory stays.
            gc.collect()
        return loaded

    def held(self) -> list[str]:
        """The references of the models in memory, the latest used last."""
        with self._lock:
            return [loaded.reference for loaded in self._models.values()]

    def _drop_oldest(self) -> int:
        dropped = 0
        total = sum(loaded.num_bytes for loaded in self._models.values())
        while total > self.limit_bytes and len(self._models) > 1:
            total -= self._models.popitem(last=False)[1].num_bytes
            dropped += 1
        return dropped
