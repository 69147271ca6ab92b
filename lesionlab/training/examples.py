"""What the steps of an epoch are fed: pictures or features, and what is to be said about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lesionlab.experiment import Experiment
from lesionlab.training.batches import epoch_order
from lesionlab.training.feed import Feed
from lesionlab.training.material import Material
from lesionlab.training.mixing import draw_mixing, mixed_targets, mixes

Batch = Callable[[int], tuple[Any, np.ndarray]]


class Examples:
    """The training pictures with their targets, dealt out anew in each epoch."""

    def __init__(
        self, experiment: Experiment, material: Material, answers: np.ndarray | None = None
    ) -> None:
        """Look up the labels.

        Args:
            experiment: Its seed, batch size and mixing are used.
            material: The pictures.
            answers: What the teachers say about the training pictures, float32
                `(n training pictures, classes)`, or None.
        """
        self._experiment = experiment
        self.material = material
        self._size = tuple(material.pixels.shape[1:3])
        self.rows = material.rows("train")
        targets = np.eye(len(experiment.data.classes), dtype=np.float32)[material.labels[self.rows]]
        self._targets = targets if answers is None else np.concatenate([targets, answers], axis=1)

    def epoch(self, number: int, feed: Feed) -> tuple[int, Batch]:
        """The batches of an epoch, drawn from the seed alone.

        Args:
            number: Counted from 0 over all phases.
            feed: How the phase is trained.

        Returns:
            How many there are, and a function from a step to its inputs and its targets, float32
            `(b, classes)`, twice as many columns with teachers.
        """
        training, seed = self._experiment.training, self._experiment.seed
        order = epoch_order(seed, number, len(self.rows), training.batch_size)
        parameters = feed.parameters(number)
        if not mixes(self._experiment):
            return len(order), lambda step: (
                feed.inputs(self.rows[order[step]], parameters, None),
                self._targets[order[step]],
            )
        # The 2 keeps these draws apart from those of the order and of the augmentation.
        rng = np.random.default_rng([seed, number, 2])
        mixing = draw_mixing(training.mixup, training.cutmix, order.shape, self._size, rng)
        return len(order), lambda step: (
            feed.inputs(self.rows[order[step]], parameters, mixing[step]),
            mixed_targets(self._targets[order[step]], mixing[step], self._size),
        )
