"""The job that evaluates a model."""

from __future__ import annotations

from lesionlab.evaluation.evaluate import evaluate_model
from lesionlab.task import Task


def run_evaluate(task: Task) -> None:
    """Evaluate the model that `task.spec` names: `model`, and `data` or none.

    Leaves evaluation.json and predictions.parquet in the task's folder.
    """
    data = task.spec.get("data")
    evaluate_model(str(task.spec["model"]), str(data) if data else None, task=task)
