"""Where a training stands: all that is not weights, as JSON-ready words."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from lesionlab.errors import TrainingError

Keep = Literal["loss", "balanced_accuracy", "last"]


@dataclass
class Position:
    """Counters of a training.

    Attributes:
        phase: Position of the phase under way.
        epoch: Epochs finished, over all phases.
        phase_epoch: Epochs finished in this phase.
        step: Steps done in the epoch under way.
        total_steps: Steps done since the start.
        loss_sum: Sum of the batch losses of the epoch under way; likewise `accuracy_sum`.
        seconds: Spent on the epoch under way.
        best_epoch: The epoch whose weights are kept, counted from 1.
        best_loss: Its validation loss; `best_score` is its balanced accuracy, where it was kept
            for that.
        phase_best_loss: Least validation loss of this phase, for its patience.
        waited: Epochs since then.
        history: The lines of finished epochs.
        fingerprint: Of the data set that this training began with.
        start_weights: What the network really started from, for people.
    """

    fingerprint: str = ""
    start_weights: str = ""
    phase: int = 0
    epoch: int = 0
    phase_epoch: int = 0
    step: int = 0
    total_steps: int = 0
    loss_sum: float = 0.0
    accuracy_sum: float = 0.0
    seconds: float = 0.0
    best_loss: float | None = None
    best_score: float | None = None
    best_epoch: int | None = None
    phase_best_loss: float | None = None
    waited: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """All of it, for a checkpoint."""
        return asdict(self)

    @classmethod
    def from_dict(cls, words: dict[str, Any]) -> Position:
        """What `to_dict` wrote; words of a checkpoint's own are passed over."""
        return cls(**{key: words[key] for key in cls.__dataclass_fields__ if key in words})

    def add_step(self, loss: float, accuracy: float) -> None:
        """Count a step.

        Raises:
            TrainingError: The loss is not a number.
        """
        _require_finite(loss, f"at step {self.step + 1} of epoch {self.epoch + 1}")
        self.step += 1
        self.total_steps += 1
        self.loss_sum += loss
        self.accuracy_sum += accuracy

    def end_epoch(
        self, validation_loss: float, keep: Keep = "loss", balanced_accuracy: float = 0.0
    ) -> bool:
        """Count an epoch, and say whether its weights are to be kept.

        Args:
            validation_loss: The mean cross-entropy; patience waits for a smaller one.
            keep: What decides: the least loss, the best balanced accuracy (of equal ones, that of
                the smaller loss), or that it is the last.
            balanced_accuracy: On the validation pictures.

        Raises:
            TrainingError: The validation loss is not a number.
        """
        _require_finite(validation_loss, f"on the validation pictures after epoch {self.epoch + 1}")
        self.epoch += 1
        self.phase_epoch += 1
        self.step, self.loss_sum, self.accuracy_sum, self.seconds = 0, 0.0, 0.0, 0.0
        if self.phase_best_loss is None or validation_loss < self.phase_best_loss:
            self.phase_best_loss, self.waited = validation_loss, 0
        else:
            self.waited += 1
        best = self._is_better(validation_loss, keep, balanced_accuracy)
        if best:
            self.best_loss, self.best_epoch = validation_loss, self.epoch
            self.best_score = balanced_accuracy if keep == "balanced_accuracy" else None
        return best

    def _is_better(self, loss: float, keep: Keep, score: float) -> bool:
        if keep == "last" or self.best_loss is None:
            return True
        if keep == "loss" or self.best_score is None:
            return loss < self.best_loss
        return (score, -loss) > (self.best_score, -self.best_loss)

    def phase_is_over(self, epochs: int, patience: int | None) -> bool:
        """Whether the phase has run its epochs, or waited long enough for a better one."""
        return self.phase_epoch >= epochs or (patience is not None and self.waited >= patience)

    def next_phase(self) -> None:
        """Begin the next phase, with a patience of its own."""
        self.phase += 1
        self.phase_epoch, self.phase_best_loss, self.waited = 0, None, 0


def _require_finite(loss: float, where: str) -> None:
    if not math.isfinite(loss):
        raise TrainingError(
            "A training goes on while its loss is a number.",
            f"The loss became {loss} {where}: the weights have grown without bound, "
            "most likely because the learning rate is too high.",
            "Start again with a learning rate ten times lower.",
        )
