"""What pages see of a run and of a model, read from its folder alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lesionlab.errors import ExperimentError, JobError
from lesionlab.experiment import recipe
from lesionlab.files import write_text
from lesionlab.jobs import curves, metrics, runs, store
from lesionlab.jobs.state import State, write_state
from lesionlab.models.bundle import write_bundle
from lesionlab.models.description import Description, TrainingData


def write_model(folder: Path) -> None:
    experiment = recipe("small-cnn")
    description = Description(
        name="a-model",
        experiment=experiment,
        classes=experiment.data.classes,
        drawn=True,
        data=TrainingData(name="synthetic"),
        start_weights="Random numbers.",
        num_parameters=1,
    )
    history = pd.DataFrame({"epoch": [1, 2], "loss": [1.5, 0.75]})
    extra = {"evaluation.json": json.dumps({"n": 8, "accuracy": 0.5}).encode()}
    weights = {"logits/bias": np.zeros(8, np.float32)}
    write_bundle(folder, description, weights, history, "# Card", extra)


def test_a_run_that_was_asked_for_has_an_experiment_and_nothing_else(home: Path) -> None:
    run = runs.train(recipe("small-cnn"), "desk-a")
    assert run.experiment == recipe("small-cnn")
    assert (run.data, run.desk, run.state.status) == ("synthetic", "desk-a", "queued")
    assert [len(table) for table in run.metrics()] == [0, 0]
    assert run.evaluation is None
    assert run.predictions is None
    assert run.description is None
    assert run.split is None
    assert run.notes == []
    assert run.result.history.empty
    assert not run.can_resume


def test_runs_of_a_desk_newest_first(home: Path) -> None:
    first = runs.train(recipe("small-cnn"), "a", data="/pictures")
    second = runs.train(recipe("mobilenetv2-quick"), "b")
    store.submit("evaluate", {}, "a", "no run")
    assert [run.id for run in runs.list_runs()] == [second.id, first.id]
    assert [run.id for run in runs.list_runs("a")] == [first.id]
    assert runs.open_run(first.id).data == "/pictures"


def test_a_job_of_another_kind_is_no_run(home: Path) -> None:
    job = store.submit("evaluate", {}, "a", "no run")
    with pytest.raises(JobError, match="a job of another kind"):
        runs.open_run(job.id)


def test_an_experiment_of_another_version_is_told_of(home: Path) -> None:
    job = store.submit("train", {"experiment": {"colour": 1}}, "a", "odd")
    with pytest.raises(ExperimentError, match="colour"):
        _ = runs.open_run(job.id).experiment


def test_curves_grow_and_start_over_when_the_file_is_replaced(home: Path) -> None:
    run = runs.train(recipe("small-cnn"), "a")
    metrics.append_line(run.folder, {"kind": "note", "text": "From random numbers."})
    for step in range(3):
        metrics.append_line(run.folder, {"kind": "iteration", "step": step, "loss": 1 / (1 + step)})
    iterations, epochs = run.metrics()
    assert iterations.columns.tolist() == ["step", "loss"]
    assert iterations["loss"].tolist() == [1, 0.5, 1 / 3]
    assert epochs.empty
    assert run.notes == ["From random numbers."]
    metrics.append_line(run.folder, {"kind": "epoch", "epoch": 1, "loss": float("inf")})
    assert run.metrics()[1]["epoch"].tolist() == [1]
    assert run.metrics()[1]["loss"].isna().all()
    # What a caller does to its tables is its own affair.
    iterations["loss"] = 0.0
    assert run.metrics()[0]["loss"].tolist() == [1, 0.5, 1 / 3]
    write_text(run.folder / "metrics.jsonl", '{"kind": "iteration", "step": 0, "loss": 1.0}\n')
    assert run.metrics()[0]["step"].tolist() == [0]
    assert run.metrics()[1].empty


def test_a_long_curve_grows_by_its_new_lines_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.train(recipe("small-cnn"), "a")
    lines = [{"kind": "iteration", "step": k, "loss": 0.5} for k in range(2000)]
    write_text(run.folder / "metrics.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    assert len(run.metrics()[0]) == 2000
    made: list[int] = []
    table = curves._table
    monkeypatch.setattr(curves, "_table", lambda news: made.append(len(news)) or table(news))
    for step in (2000, 2001):
        line = {"kind": "iteration", "step": step, "loss": None if step == 2000 else 0.25}
        metrics.append_line(run.folder, line)
        run.metrics()
    metrics.append_line(run.folder, {"kind": "epoch", "epoch": 1, "validation_loss": 0.5})
    iterations, epochs = run.metrics()
    assert sum(made) == 3
    assert iterations["step"].tolist() == list(range(2002))
    assert iterations["step"].dtype == int
    assert iterations["loss"].dtype == float
    assert iterations["loss"].isna().sum() == 1
    assert epochs["validation_loss"].tolist() == [0.5]


def test_only_so_many_curves_are_kept(tmp_path: Path) -> None:
    for number in range(curves.MOST_CURVES + 5):
        folder = tmp_path / str(number)
        folder.mkdir()
        metrics.append_line(folder, {"kind": "iteration", "step": 1})
        assert len(curves.read_curves(folder)[0]) == 1
    assert len(curves._known) == curves.MOST_CURVES


def test_a_finished_run_and_a_model_are_looked_at_alike(home: Path) -> None:
    run = runs.train(recipe("small-cnn"), "a")
    write_model(run.folder / "model")
    write_model(home / "models" / "mine")
    write_state(run.job, State("done"))
    for reference, origin in ((run.id, "run"), ("mine", "imported")):
        result = runs.open_result(reference)
        assert result.origin == origin
        assert result.evaluation == {"n": 8, "accuracy": 0.5}
        assert result.drawn
        assert result.title == recipe("small-cnn").title
        assert result.card == "# Card"
        assert result.predictions is None
    assert runs.open_result("mine").history["loss"].tolist() == [1.5, 0.75]
    # A run's own files come before the copies in its bundle.
    (run.folder / "evaluation.json").write_text('{"n": 9}')
    assert run.evaluation == {"n": 9}


@pytest.mark.parametrize("reference", ["", "nothing", "../../etc/passwd"])
def test_a_model_that_is_not_there(home: Path, reference: str) -> None:
    with pytest.raises(JobError):
        runs.open_result(reference)
