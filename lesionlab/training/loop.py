"""The training loop: steps, epochs and phases, from any point at which it was stopped."""

from __future__ import annotations

import time
from contextlib import closing, nullcontext

import keras
import numpy as np

from lesionlab.errors import Cancelled, TurnOver
from lesionlab.evaluation.calibration import cross_entropy
from lesionlab.evaluation.metrics import confusion_matrix, scores_of_counts
from lesionlab.experiment import Experiment, Phase
from lesionlab.models.build import weights_of
from lesionlab.models.freezing import apply_freezing
from lesionlab.models.optimizers import (
    learning_rate_at,
    make_optimizer,
    restore_optimizer,
    set_learning_rate,
)
from lesionlab.models.weights import assign
from lesionlab.task import Task, stop_if_cancelled
from lesionlab.training.averaging import WeightAverage
from lesionlab.training.batches import ahead
from lesionlab.training.checkpoint import Checkpoint, Checkpoints
from lesionlab.training.class_weights import class_weights
from lesionlab.training.curve import cut_back
from lesionlab.training.examples import Examples
from lesionlab.training.feed import Feed, make_feed
from lesionlab.training.loss import Loss, accuracy_metric, make_loss, what_is_in_it
from lesionlab.training.position import Position
from lesionlab.training.saving import Arrays, arrays_of, part_of, take_up

CHECKPOINT_SECONDS = 60.0
# A cancelled job is killed after 4 s: a checkpoint that takes longer is not begun.
QUICK_SECONDS = 2.0
# Writing checkpoints may take this share of the time.
CHECKPOINT_SHARE = 0.05


class Loop:
    """One training: a model that learns, and where it stands."""

    def __init__(
        self,
        experiment: Experiment,
        examples: Examples,
        model: keras.Model,
        task: Task,
        checkpoints: Checkpoints,
        start: Position | Checkpoint,
        checkpoint_seconds: float = CHECKPOINT_SECONDS,
    ) -> None:
        """Take up a training, or begin one.

        Args:
            experiment: What is trained and how.
            examples: The pictures, and what is to be said about them.
            model: From `build_model`. At the beginning it has the weights to start from.
            task: Shows progress and says when to stop.
            checkpoints: Where checkpoints are written.
            start: A checkpoint to go on from, or the position of a beginning.
            checkpoint_seconds: How often to write one within an epoch.

        Raises:
            TrainingError: The checkpoint is of other data, or of another model.
        """
        self.experiment = experiment
        self.examples = examples
        self.material = examples.material
        self.model = model
        self.task = task
        self.checkpoint_seconds = checkpoint_seconds
        self.checkpoints = checkpoints
        self.validation_rows = self.material.rows("validation")
        self.average: WeightAverage | None = None
        self._saved: Arrays = {}  # what a checkpoint brought for the phase under way
        self._last_saved = time.monotonic()
        self._whole = False  # whether model, optimizer and position belong to one moment
        self.position = start if isinstance(start, Position) else self._take_up(start)

    def run(self) -> Position:
        """Train to the end; the model then has its best weights.

        Raises:
            Cancelled: The user asked to stop.
            TurnOver: Others wait; a checkpoint was written.
            TrainingError: The loss is not a number.
            DiskError: The disk is full; the last checkpoint is good.
        """
        cut_back(self.task.folder / "metrics.jsonl", self.position.total_steps, self.position.epoch)
        if self.position.total_steps == 0:
            self._note(self.position.start_weights)
            self._note(what_is_in_it(self.experiment.training))
        phases = self.experiment.training.phases
        try:
            for number in range(self.position.phase, len(phases)):
                if number > self.position.phase:
                    self.position.next_phase()
                    self._saved = {}
                    # A new phase starts from the best that the ones before have found.
                    self._restore_best()
                self._run_phase(phases[number])
        except (Cancelled, KeyboardInterrupt):
            if self._whole and self._seconds_to_save() < QUICK_SECONDS:
                self._save()
            raise
        self._restore_best()
        return self.position

    def _run_phase(self, phase: Phase) -> None:
        patience = self.experiment.training.patience
        if self.position.phase_is_over(phase.epochs, patience):
            return
        feed = self._begin_phase(phase)
        while not self.position.phase_is_over(phase.epochs, patience):
            self._run_epoch(phase, feed)

    def _begin_phase(self, phase: Phase) -> Feed:
        self._whole = False
        apply_freezing(self.model, phase, self.experiment.model)
        feed = make_feed(self.experiment, self.material, self.model, self.task)
        optimizer = make_optimizer(self.model, phase)
        feed.model.compile(
            optimizer=optimizer,
            loss=self._loss(),
            metrics=[accuracy_metric()],
        )
        optimizer.build(feed.model.trainable_variables)
        self.average = None
        if self.experiment.training.ema_decay:
            kept = part_of(self._saved, "average") or None
            self.average = WeightAverage(self.model, self.experiment.training.ema_decay, kept)
        if self._saved:
            restore_optimizer(optimizer, feed.model, part_of(self._saved, "optimizer"))
            self._saved = {}
        self.optimizer = optimizer
        if self.position.phase_epoch == 0 and self.position.step == 0:
            self._note(feed.note)
        self._whole = True
        return feed

    def _loss(self) -> Loss:
        labels = self.material.labels[self.examples.rows]
        training, num_classes = self.experiment.training, len(self.experiment.data.classes)
        weights = class_weights(labels, num_classes, training.class_weights)
        return make_loss(training, weights, np.bincount(labels, minlength=num_classes))

    def _run_epoch(self, phase: Phase, feed: Feed) -> None:
        position = self.position
        num_steps, batch = self.examples.epoch(position.epoch, feed)
        before, start = position.seconds, time.monotonic()
        with closing(ahead(batch, position.step, num_steps)) as batches:
            for inputs, targets in batches:
                stop_if_cancelled(self.task)
                self._run_step(phase, feed, inputs, targets, num_steps)
                position.seconds = before + time.monotonic() - start
                if time.monotonic() - self._last_saved > self._checkpoint_pause():
                    self._checkpoint()
        self._end_epoch(phase, feed, num_steps, before, start)

    def _run_step(
        self, phase: Phase, feed: Feed, inputs: object, targets: np.ndarray, num_steps: int
    ) -> None:
        position, start = self.position, time.monotonic()
        done = position.phase_epoch * num_steps + position.step
        rate = learning_rate_at(phase, done, num_steps)
        self._whole = False
        set_learning_rate(self.optimizer, rate, phase.head_factor)
        # Keras's metrics run on from batch to batch; each line tells of its own batch.
        feed.model.reset_metrics()
        found = feed.model.train_on_batch(inputs, targets, return_dict=True)
        loss, accuracy = float(found["loss"]), float(found["accuracy"])
        position.add_step(loss, accuracy)
        if self.average is not None:
            self.average.update(done)
        self._whole = True
        self.task.metrics(
            {
                "kind": "iteration",
                "step": position.total_steps,
                "epoch": round(position.epoch + position.step / num_steps, 6),
                "loss": loss,
                "accuracy": accuracy,
                "learning_rate": rate,
                "seconds": round(time.monotonic() - start, 4),
            }
        )
        self._tell(position.step / num_steps)

    def _end_epoch(
        self, phase: Phase, feed: Feed, num_steps: int, before: float, start: float
    ) -> None:
        position = self.position
        # Stopped among the averages, a training goes back to its last checkpoint.
        self._whole = self.average is None
        with self.average.in_place() if self.average is not None else nullcontext():
            probabilities = feed.validate(self.validation_rows)
            weights = weights_of(self.model)
        self._whole = True
        labels = self.material.labels[self.validation_rows]
        answers = probabilities.argmax(axis=1)
        validation_loss = cross_entropy(labels, probabilities)
        classes = self.experiment.data.classes
        counts = confusion_matrix(labels, answers, len(classes))
        balanced_accuracy = scores_of_counts(counts, classes)["balanced_accuracy"]
        seconds = before + time.monotonic() - start
        rate = learning_rate_at(phase, (position.phase_epoch + 1) * num_steps - 1, num_steps)
        line = {
            "kind": "epoch",
            "epoch": position.epoch + 1,
            "phase": position.phase,
            "loss": position.loss_sum / num_steps,
            "accuracy": position.accuracy_sum / num_steps,
            "validation_loss": validation_loss,
            "validation_accuracy": float((answers == labels).mean()),
            "validation_balanced_accuracy": balanced_accuracy,
            "learning_rate": rate,
            "seconds": round(seconds, 3),
            "images_per_second": round(len(self.examples.rows) / seconds, 2),
        }
        self._whole = False
        keep = self.experiment.training.keep
        line["best"] = position.end_epoch(validation_loss, keep, balanced_accuracy)
        position.history.append(line)
        if line["best"]:
            self.checkpoints.save_best(position.epoch, weights)
        self.task.metrics(line)
        self._whole = True
        self._tell(0)
        self._checkpoint()

    def _take_up(self, checkpoint: Checkpoint) -> Position:
        fingerprint = self.material.dataset.fingerprint
        position, self._saved = take_up(checkpoint, self.model, fingerprint)
        return position

    def _note(self, text: str) -> None:
        """Tell people what could not be known before, beside the curve."""
        if not text:
            return
        position = self.position
        line = {"kind": "note", "phase": position.phase, "step": position.total_steps}
        self.task.metrics({**line, "text": text})

    def _checkpoint(self) -> None:
        self._save()
        if self.task.should_yield():
            raise TurnOver

    def _save(self) -> None:
        arrays = arrays_of(self.model, self.optimizer, self.average)
        self.checkpoints.save(arrays, self.position.to_dict())
        self._last_saved = time.monotonic()

    def _seconds_to_save(self) -> float:
        known = self.checkpoints.seconds_to_save
        # Weights and two moments of the optimizer, at 50 MB a second, until one was measured.
        return 3 * 4 * self.model.count_params() / 50e6 if known is None else known

    def _checkpoint_pause(self) -> float:
        known = self.checkpoints.seconds_to_save or 0.0
        return max(self.checkpoint_seconds, known / CHECKPOINT_SHARE)

    def _restore_best(self) -> None:
        if self.position.best_epoch is not None:
            assign(self.model, self.checkpoints.load_best(self.position.best_epoch))

    def _tell(self, share_of_epoch: float) -> None:
        training, position = self.experiment.training, self.position
        before = sum(phase.epochs for phase in training.phases[: position.phase])
        done = before + position.phase_epoch
        number = min(done + 1, training.epochs)
        fraction = (done + share_of_epoch) / training.epochs
        self.task.progress(fraction, f"Epoch {number} of {training.epochs}")
