"""What a trained model did on its test part, for a run and for a model that came with us alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from lesionlab import settings
from lesionlab.errors import JobError
from lesionlab.files import read_json
from lesionlab.jobs.curves import read_curves
from lesionlab.jobs.record import is_safe_id, read_job
from lesionlab.models.bundle import read_description
from lesionlab.models.locate import find_model

Origin = Literal["run", "shipped", "imported", "file"]


@dataclass(frozen=True)
class Result:
    """A trained model and what is known of it.

    Attributes:
        reference: What it was asked for by: a run's id, a model's name, a path.
        origin: run, shipped, imported or file.
        bundle: The folder of the model, or None for a run that has not got so far.
        folder: Where evaluation.json and predictions.parquet stand.
    """

    reference: str
    origin: Origin
    bundle: Path | None
    folder: Path

    @cached_property
    def description(self) -> dict[str, Any] | None:
        """The model's own description as JSON-ready words.

        Raises:
            BundleError: It is damaged.
        """
        if self.bundle is None:
            return None
        return read_description(self.bundle).model_dump(mode="json")

    @property
    def title(self) -> str:
        words = self.description or {}
        experiment = words.get("experiment") or {}
        return str(experiment.get("title") or words.get("name") or self.reference)

    @property
    def drawn(self) -> bool:
        """Whether the model has only seen drawings."""
        return bool((self.description or {}).get("drawn", False))

    @property
    def evaluation(self) -> dict[str, Any] | None:
        """evaluation.json of the test part, or None before it was evaluated."""
        found = read_json(self._file("evaluation.json"))
        return found if isinstance(found, dict) else None

    @property
    def predictions(self) -> pd.DataFrame | None:
        """A row a test picture: image_id, path, truth, predicted and a probability a class."""
        path = self._file("predictions.parquet")
        return pd.read_parquet(path) if path.is_file() else None

    @property
    def history(self) -> pd.DataFrame:
        """A row an epoch, empty where nothing is known."""
        if self.origin == "run":
            return read_curves(self.folder)[1]
        path = self._file("history.csv")
        return pd.read_csv(path) if path.is_file() else pd.DataFrame()

    @property
    def card(self) -> str | None:
        """The model card in Markdown."""
        path = self._file("card.md")
        return path.read_text("utf-8", errors="replace") if path.is_file() else None

    def _file(self, name: str) -> Path:
        """A file of the run, or the copy that travels in the bundle."""
        path = self.folder / name
        return self.bundle / name if self.bundle is not None and not path.is_file() else path


def open_result(reference: str) -> Result:
    """What is known of a trained model.

    Args:
        reference: A run's id, the name of a shipped or imported model, or a path.

    Raises:
        JobError: There is no such run or model.
        BundleError: A file that was named is no bundle.
    """
    current = settings.current()
    job = read_job(current.jobs / reference) if is_safe_id(reference) else None
    if job is not None and job.kind == "train":
        bundle = job.folder / "model"
        return Result(reference, "run", bundle if bundle.is_dir() else None, job.folder)
    if not reference:
        raise JobError("Expected a run or a model.", "Received nothing.", "Choose one.")
    folder = find_model(reference)
    origin: Origin = "file"
    if folder.parent == settings.ASSETS / "models":
        origin = "shipped"
    elif folder.parent == current.models:
        origin = "imported"
    return Result(reference, origin, folder, folder)
