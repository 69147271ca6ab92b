"""What a training works on: labelled pictures, dealt out into parts, decoded once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lesionlab.data.dataset import Dataset, for_classes
from lesionlab.data.missing import fill_missing
from lesionlab.data.pixels import cached_pixels
from lesionlab.data.split import Split, split_dataset
from lesionlab.experiment import Experiment
from lesionlab.task import Task


@dataclass(frozen=True, eq=False)
class Material:
    """The pictures of an experiment.

    Attributes:
        dataset: Labelled and cut to the classes and the cap of the experiment.
        split: Which row is in which part.
        pixels: uint8 RGB `(n, h, w, 3)`, a row of the table each, memory-mapped.
        labels: int `(n,)`, positions in the experiment's classes.
    """

    dataset: Dataset
    split: Split
    pixels: np.ndarray
    labels: np.ndarray

    def rows(self, part: str) -> np.ndarray:
        """The rows of a part, int `(m,)`."""
        return np.flatnonzero(self.split.parts == part)


def prepare(experiment: Experiment, dataset: Dataset, task: Task) -> Material:
    """Label, deal out and decode the pictures of an experiment.

    Raises:
        DataError: The data set has none of the classes, or too few pictures of one.
    """
    choice = experiment.data
    labelled = for_classes(dataset, choice.class_set, choice.per_class, experiment.split.seed)
    labelled = fill_missing(labelled, choice.missing_age)
    split = split_dataset(labelled, experiment.split)
    pixels = cached_pixels(
        labelled,
        experiment.preprocessing,
        progress=task.progress,
        cancelled=task.cancelled,
    )
    places = {code: k for k, code in enumerate(choice.classes)}
    labels = labelled.table["label"].map(places).to_numpy(dtype=np.int64)
    return Material(labelled, split, pixels, labels)
