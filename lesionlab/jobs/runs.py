"""Training runs as pages see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from lesionlab import experiment as experiments
from lesionlab.errors import JobError
from lesionlab.experiment import Experiment
from lesionlab.files import read_json
from lesionlab.jobs import store
from lesionlab.jobs.curves import read_curves, read_notes
from lesionlab.jobs.record import Job, list_jobs, open_job
from lesionlab.jobs.results import Result, open_result
from lesionlab.jobs.state import State
from lesionlab.jobs.store import ensure_synthetic

__all__ = [
    "Result",
    "Run",
    "ensure_synthetic",
    "list_runs",
    "open_result",
    "open_run",
    "runs_on",
    "train",
]


@dataclass(frozen=True)
class Run:
    """A training run. Everything is read from its folder when it is asked for."""

    job: Job

    @property
    def id(self) -> str:
        return self.job.id

    @property
    def name(self) -> str:
        return self.job.name

    @property
    def desk(self) -> str:
        return self.job.desk

    @property
    def created(self) -> datetime:
        return self.job.created

    @property
    def folder(self) -> Path:
        return self.job.folder

    @property
    def experiment(self) -> Experiment:
        """What is trained.

        Raises:
            ExperimentError: It was written by another version of lesionlab.
        """
        return experiments.parse(self.job.spec.get("experiment", {}))

    @property
    def data(self) -> str:
        """Name or folder of the data set."""
        words = self.job.spec.get("experiment", {}).get("data", {})
        return str(self.job.spec.get("data") or words.get("name", ""))

    @property
    def opened_data(self) -> str:
        """The data set that `data` meant when the run began; "" before that."""
        words = read_json(self.folder / "checkpoints" / "data.json")
        return str(words.get("data", "")) if isinstance(words, dict) else ""

    @property
    def state(self) -> State:
        return store.read_state(self.job)

    @property
    def can_resume(self) -> bool:
        return store.can_resume(self.job)

    def metrics(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The curves: a row an iteration, and a row an epoch."""
        return read_curves(self.folder)

    @property
    def notes(self) -> list[str]:
        """What the training had to say beside its numbers."""
        return read_notes(self.folder)

    @property
    def result(self) -> Result:
        """What came out: see `Result`."""
        return open_result(self.id)

    @property
    def evaluation(self) -> dict[str, Any] | None:
        return self.result.evaluation

    @property
    def predictions(self) -> pd.DataFrame | None:
        return self.result.predictions

    @property
    def description(self) -> dict[str, Any] | None:
        return self.result.description

    @property
    def split(self) -> pd.DataFrame | None:
        """Which image was in which part: image_id, path, label, group, part."""
        path = self.folder / "split.csv"
        return pd.read_csv(path, dtype={"image_id": str, "group": str}) if path.is_file() else None


def list_runs(desk: str | None = None) -> list[Run]:
    """All training runs, or those of one desk, newest first."""
    return [Run(job) for job in list_jobs("train") if desk in (None, job.desk)]


def runs_on(dataset: str) -> list[Run]:
    """The trainings on a data set, newest first. They keep their models when the set is deleted."""
    return [run for run in list_runs() if dataset in (run.data, run.opened_data)]


def open_run(run_id: str) -> Run:
    """The run with this id.

    Raises:
        JobError: There is none, or the job of this id is not a training.
    """
    job = open_job(run_id)
    if job.kind != "train":
        raise JobError("Expected a training run.", f"{run_id} is a job of another kind.")
    return Run(job)


def train(experiment: Experiment, desk: str, data: str | None = None) -> Run:
    """Ask for a training; `tick()` starts it when it is its turn.

    Args:
        data: Name or absolute folder of a data set, in place of the experiment's own.
    """
    spec: dict[str, Any] = {
        "experiment": experiment.model_dump(mode="json", exclude_none=True),
        "data": data or experiment.data.name,
    }
    return Run(store.submit("train", spec, desk, experiment.name))
