"""Runs and experiments in plain words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lesionlab import experiment as experiments
from lesionlab.app import run_words
from lesionlab.jobs import runs
from lesionlab.jobs.state import State

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (13, "13th"), (22, "22nd")],
)
def test_ordinals(number: int, words: str) -> None:
    assert run_words.ordinal(number) == words


def test_an_experiment_reads_as_sentences() -> None:
    settings = ["training.batch_size=24", "training.learning_rate=0.002"]
    recipe = experiments.with_settings(experiments.recipe("small-cnn"), settings)
    words = run_words.experiment_sentence(recipe, "Drawn lesions", 1600)
    assert "**small-cnn** starts from random weights" in words
    assert "*Drawn lesions* (1,600 pictures)" in words
    assert "128×128 pixels, 24 at a time" in words
    assert "all layers learn, learning rate 0.002 with Adam, falling smoothly to zero" in words
    assert words.endswith("turned by up to 180°, shifted, zoomed and flipped.")


def test_how_fast_the_head_learns_is_told() -> None:
    (phase,) = experiments.recipe("mobilenetv2-quick").training.phases
    phase = phase.model_copy(update={"learning_rate": 0.002, "head_factor": 10, "frozen": "all"})
    assert "learning rate 0.02 with" in run_words.phase_words(phase)
    words = run_words.phase_words(phase.model_copy(update={"frozen": 0}))
    assert "learning rate 0.002 with Adam (10 times that for the new last layers)" in words


def test_other_ways_to_learn_are_named() -> None:
    recipe = experiments.recipe("small-cnn")
    assert run_words.ways_words(recipe) == ""
    settings = [
        "training.ema_decay=0.99",
        "training.mixup=0.2",
        "training.distillation.teachers=['one', 'two']",
        "training.warmup_epochs=1",
        "training.final_factor=0.1",
    ]
    words = run_words.experiment_sentence(experiments.with_settings(recipe, settings), "x", 2)
    assert "with Adam, falling smoothly, after a warm-up" in words
    assert words.endswith("It learns with averaged weights, mixup and 2 teachers.")


def test_phases_are_told_one_after_the_other() -> None:
    one = experiments.recipe("mobilenetv2-quick")
    (phase,) = one.training.phases
    second = phase.model_copy(update={"frozen": 40, "epochs": 1, "schedule": "constant"})
    training = one.training.model_copy(update={"phases": (phase, second)})
    words = run_words.experiment_sentence(one.model_copy(update={"training": training}), "x", 2)
    assert "in 2 phases: 4 epochs (only the new last layers learn" in words
    assert "1 epoch (the first 40 layers stay frozen, learning rate 0.003 with Adam)" in words
    assert "Pictures stay as they are." in words


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State("queued", place=2), "Waiting for a free computer: 2nd in line."),
        (State("running", message="Epoch 2 of 3"), "Epoch 2 of 3"),
        (State("cancelled", message="Cancelled."), "Cancelled."),
        (State("interrupted", message="It stopped."), "Interrupted. It stopped."),
        (
            State("done", started=NOW, finished=NOW + timedelta(seconds=125)),
            "Done in 2 min 5 s.",
        ),
        (State("done", started=NOW, finished=NOW + timedelta(hours=1)), "Done in 1 h 0 min."),
    ],
)
def test_states(state: State, words: str) -> None:
    assert run_words.state_sentence(state) == words


def test_a_list_tells_runs_apart_and_says_what_they_were_scored_on(home: Path) -> None:
    rows = []
    for part in ("validation", "test", None):
        run = runs.train(experiments.recipe("small-cnn"), "ab" * 12)
        report = {"accuracy": 0.5, "balanced_accuracy": 0.25, "part": part} if part else None
        rows.append((run, State("done"), report))
    assert len({run_words.named_run(run.job) for run, _, _ in rows}) == 3
    table = run_words.runs_table(rows)
    assert table["Scored on"].tolist() == ["Validation", "Test", ""]
    assert table["Accuracy"].tolist()[:2] == [50, 50]
