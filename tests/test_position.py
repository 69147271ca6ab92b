"""Counting epochs: best ones, patience and phases."""

import json

import pytest

from lesionlab.errors import TrainingError
from lesionlab.training.position import Position


def test_patience_counts_epochs_without_a_better_loss():
    position = Position()
    best = [position.end_epoch(loss) for loss in (1.0, 0.8, 0.9)]
    assert best == [True, True, False]
    assert not position.phase_is_over(epochs=10, patience=2)
    position.end_epoch(0.8)
    assert position.phase_is_over(epochs=10, patience=2)
    assert not position.phase_is_over(epochs=10, patience=None)
    assert position.phase_is_over(epochs=4, patience=None)
    assert (position.best_epoch, position.best_loss) == (2, 0.8)


def test_a_phase_has_its_own_patience_and_the_best_is_of_all():
    position = Position()
    position.end_epoch(0.5)
    position.end_epoch(0.6)
    position.next_phase()
    assert not position.end_epoch(0.9)
    assert not position.end_epoch(0.8)
    assert position.waited == 0
    assert (position.best_epoch, position.epoch, position.phase_epoch) == (1, 4, 2)


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_stops_with_a_sentence(loss):
    with pytest.raises(TrainingError, match=r"step 1 of epoch 1.*learning rate.*ten times lower"):
        Position().add_step(loss, 0.5)
    with pytest.raises(TrainingError, match="validation pictures after epoch 1"):
        Position().end_epoch(loss)


def test_survives_json():
    position = Position(fingerprint="f", start_weights="random")
    position.add_step(0.5, 0.25)
    position.history.append({"epoch": 1})
    words = json.loads(json.dumps({**position.to_dict(), "number": 3}))
    assert Position.from_dict(words) == position


def test_which_epoch_is_kept():
    """Loss and balanced accuracy of six epochs: each way of keeping chooses another one."""
    epochs = [(0.9, 0.5), (0.5, 0.6), (0.8, 0.7), (0.7, 0.7), (0.75, 0.7), (0.6, 0.65)]
    kept = {}
    for keep in ("loss", "balanced_accuracy", "last"):
        position = Position()
        for loss, score in epochs:
            position.end_epoch(loss, keep, score)
        kept[keep] = position.best_epoch
        assert position.waited == 4, "patience waits for the loss, whatever is kept"
        assert position.best_loss == epochs[position.best_epoch - 1][0]
    # Of the three epochs with 0.7 right the one with the smaller loss.
    assert kept == {"loss": 2, "balanced_accuracy": 4, "last": 6}
