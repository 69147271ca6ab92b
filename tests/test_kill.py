"""`kill -9` of a training at any moment: the job stays readable, goes on, and ends the same."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lesionlab.experiment import Experiment, recipe, with_settings
from lesionlab.jobs import lock, queue, runs, store
from lesionlab.jobs.runners import local
from lesionlab.models.bundle import verify_bundle

MANY = int(os.environ.get("LESIONLAB_KILLS", "100"))
EPOCHS, NUM_IMAGES, BATCH = 12, 60, 8
SETTINGS = [
    f"training.epochs={EPOCHS}",
    f"training.batch_size={BATCH}",
    "training.deterministic=true",
    "preprocessing.size=[32, 32]",
    "data.class_set=binary",
]
# When to kill: between steps, anywhere before the first step, or while the result is written.
MOMENTS = ("training", "starting", "ending", "training")


@pytest.fixture
def pictures(tmp_path: Path, rng: np.random.Generator) -> Path:
    """Sixty noisy pictures of two colours, which a network can begin to tell apart."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    rows = []
    for number in range(NUM_IMAGES):
        label = ("nv", "mel")[number % 2]
        mean = (150, 120, 110) if label == "nv" else (120, 110, 120)
        pixels = np.clip(rng.normal(mean, 60, (32, 32, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
        rows.append({"file": f"{number}.png", "label": label})
    pd.DataFrame(rows).to_csv(folder / "labels.csv", index=False)
    return folder


@dataclass
class Life:
    """How long an undisturbed run took to its first step, in all, and what came out."""

    to_first_step: float
    training: float
    run: runs.Run


def wait_until_over(run: runs.Run) -> None:
    while lock.is_held(run.folder):
        time.sleep(0.02)
    for child in local._children:
        child.wait()


def undisturbed(experiment: Experiment, pictures: Path) -> Life:
    begin = time.monotonic()
    run = runs.train(experiment, "command-line", str(pictures))
    queue.tick()
    while lock.is_held(run.folder) and not has_steps(run):
        time.sleep(0.005)
    first = time.monotonic()
    while lock.is_held(run.folder) and run.state.progress < 0.95:
        time.sleep(0.005)
    end = time.monotonic()
    wait_until_over(run)
    assert run.state.status == "done", (run.state, (run.folder / "log.txt").read_text())
    return Life(first - begin, end - first, run)


def has_steps(run: runs.Run) -> bool:
    return len(run.metrics()[0]) > 0


def wait_for_moment(run: runs.Run, moment: str, life: Life, rng: random.Random) -> None:
    """Wait until a moment of a worker's life, and a random while longer."""
    if moment == "starting":
        time.sleep(rng.uniform(0, life.to_first_step))
        return
    # Some epochs further, so that there is a checkpoint to go on from, and then within an epoch.
    wanted = num_epochs(run) + rng.randint(1, 4)
    while lock.is_held(run.folder):
        if moment == "training" and num_epochs(run) >= wanted:
            time.sleep(rng.uniform(0, life.training / EPOCHS))
            return
        if moment == "ending" and (run.folder / "history.csv").exists():
            time.sleep(rng.uniform(0, 0.05))
            return
        time.sleep(0.002)


def num_epochs(run: runs.Run) -> int:
    return len(run.metrics()[1])


def kill(run: runs.Run) -> bool:
    """Kill the worker; False when it had ended before."""
    alive = lock.is_held(run.folder)
    local._children[-1].kill()
    while lock.is_held(run.folder):
        time.sleep(0.002)
    return alive


def check_readable(run: runs.Run) -> None:
    """Everything that a page or a command reads of a job is there or absent, never torn."""
    assert store.open_job(run.id).spec == run.job.spec
    assert run.state.status in ("interrupted", "done", "queued")
    assert 0 <= run.state.progress <= 1
    iterations, epochs = run.metrics()
    assert len(iterations) == 0 or iterations["loss"].notna().all()
    assert len(epochs) <= EPOCHS
    for name in ("split.csv", "history.csv"):
        assert not (run.folder / name).exists() or len(pd.read_csv(run.folder / name)) > 0
    assert run.evaluation is None or run.evaluation["n"] > 0
    assert run.predictions is None or len(run.predictions) > 0
    assert run.description is None or run.description["format"] == 1


def check_same(run: runs.Run, undisturbed: runs.Run) -> float:
    """A run that was killed ended where the undisturbed one ended; gives the largest difference."""
    largest = 0.0
    for found, expected in zip(run.metrics(), undisturbed.metrics(), strict=True):
        counter = "step" if "step" in expected else "epoch"
        assert found[counter].tolist() == expected[counter].tolist()
        for column in ("loss", "validation_loss", "learning_rate"):
            if column in expected:
                difference = float((found[column] - expected[column]).abs().max())
                assert difference < 1e-4, column
                largest = max(largest, difference)
    assert len(undisturbed.metrics()[1]) == EPOCHS
    assert run.notes == undisturbed.notes
    assert run.evaluation is not None
    assert undisturbed.evaluation is not None
    assert run.evaluation["confusion"] == undisturbed.evaluation["confusion"]
    pd.testing.assert_frame_equal(run.predictions, undisturbed.predictions, atol=1e-4)
    verify_bundle(run.folder / "model")
    return largest


def table_row(kills: int, num_runs: int, largest: float) -> str:
    """What `make soak` shows; the last one stands in docs/soak.md."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parent)
    today = datetime.now(UTC).date()
    return (
        "| date | commit | kills | runs resumed to their end | largest difference of a loss |\n"
        "|---|---|---|---|---|\n"
        f"| {today} | {commit.stdout.strip()} | {kills} | {num_runs} | {largest:.1e} |\n"
    )


@pytest.mark.parametrize("num_kills", [4, pytest.param(MANY, marks=pytest.mark.soak)])
def test_a_training_survives_kills(
    home: Path, pictures: Path, num_kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(20261121)
    experiment = with_settings(recipe("small-cnn"), SETTINGS)
    life = undisturbed(experiment, pictures)
    kills, num_runs, largest = 0, 0, 0.0
    while kills < num_kills:
        run = runs.train(experiment, "command-line", str(pictures))
        queue.tick()
        for moment in MOMENTS[: num_kills - kills]:
            wait_for_moment(run, moment, life, rng)
            kills += kill(run)
            check_readable(run)
            queue.tick()
            if run.state.status == "done":
                break
            store.resume(run.id)
            assert queue.tick() == [run.id]
        wait_until_over(run)
        assert run.state.status == "done", (run.state, (run.folder / "log.txt").read_text())
        largest = max(largest, check_same(run, life.run))
        num_runs += 1
    if num_kills >= MANY:
        with capsys.disabled():
            sys.stdout.write("\n" + table_row(kills, num_runs, largest))
