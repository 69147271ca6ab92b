"""A finished run of three epochs, written down file by file as a training leaves it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lesionlab import experiment as experiments
from lesionlab.data.store import open_dataset
from lesionlab.evaluation.report import make_report, predictions_table, write_report
from lesionlab.jobs import store
from lesionlab.jobs.state import State, now, write_state
from lesionlab.models.bundle import write_bundle
from lesionlab.models.description import Description, TrainingData

EPOCHS, BATCHES = 3, 4


def metrics_lines(epochs: int = EPOCHS) -> list[dict[str, Any]]:
    """Lines of metrics.jsonl: the loss falls from 2, validation is best in the second epoch."""
    lines: list[dict[str, Any]] = [{"kind": "note", "phase": 0, "step": 0, "text": "It starts."}]
    for epoch in range(1, epochs + 1):
        for batch in range(1, BATCHES + 1):
            step = (epoch - 1) * BATCHES + batch
            lines.append(
                {"kind": "iteration", "step": step, "epoch": step / BATCHES, "loss": 2 / step}
                | {"accuracy": 0.5, "learning_rate": 0.001, "seconds": 0.1}
            )
        validation = abs(epoch - 2) + 1.0
        lines.append(
            {"kind": "epoch", "epoch": epoch, "phase": 0, "loss": 1 / epoch, "accuracy": 0.6}
            | {"validation_loss": validation, "validation_accuracy": 0.5, "best": epoch < 3}
        )
    return lines


@pytest.fixture
def finished_run(home: Path, desk_id: str, rng: np.random.Generator) -> str:
    """The id of a run of the test desk; 24 test pictures, 3 a class, 2 of 3 answered right."""
    experiment = experiments.recipe("small-cnn")
    classes = experiment.data.classes
    data = open_dataset("synthetic-small")
    spec = {"experiment": experiment.model_dump(mode="json", exclude_none=True)}
    job = store.submit("train", spec, desk_id, "small-cnn")
    codes = data.table["diagnosis"]
    rows = np.sort(np.concatenate([np.flatnonzero(codes == code)[:3] for code in classes]))
    table = data.table.iloc[rows]
    labels = np.array([classes.index(code) for code in table["diagnosis"]])
    answers = np.where(np.arange(len(rows)) % 3 == 0, (labels + 1) % len(classes), labels)
    probabilities = 0.5 * np.eye(len(classes))[answers] + 0.5 * rng.dirichlet(
        np.full(len(classes), 50.0), len(rows)
    )
    about = {"model": job.id, "data": data.name, "part": "test"}
    report = make_report(labels, probabilities, classes, {"malignant": 0.4}, about)
    predictions = predictions_table(table, "test", labels, probabilities, classes)
    write_report(job.folder, report, predictions)
    description = Description(
        name=job.id,
        experiment=experiment,
        classes=classes,
        drawn=True,
        data=TrainingData(name=data.name, title=data.title, num_train=104),
        start_weights="random numbers",
        thresholds={"malignant": 0.4},
        num_parameters=1,
    )
    write_bundle(job.folder / "model", description, {"a/b": np.zeros(1, np.float32)})
    parts = ["test" if k in rows else "train" for k in range(len(data))]
    split = data.table[["image_id", "path"]].assign(label=codes, group="", part=parts)
    split.to_csv(job.folder / "split.csv", index=False)
    lines = "".join(json.dumps(line) + "\n" for line in metrics_lines())
    (job.folder / "metrics.jsonl").write_text(lines)
    write_state(job, State("done", 1.0, "Done", started=now(), finished=now()))
    return job.id


@pytest.fixture
def unfinished_run(home: Path, desk_id: str) -> str:
    """The id of a run that stopped after its first epoch and has no model."""
    spec = {
        "experiment": experiments.recipe("small-cnn").model_dump(mode="json", exclude_none=True)
    }
    job = store.submit("train", spec, desk_id, "half-way")
    lines = "".join(json.dumps(line) + "\n" for line in metrics_lines(1))
    (job.folder / "metrics.jsonl").write_text(lines)
    write_state(job, State("interrupted", 0.3, "It stopped without a word."))
    return job.id


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """What the service was asked to predict; a drawn model, as the service itself would answer."""
    from lesionlab.service import client
    from lesionlab.service.predicting import ONLY_DRAWINGS

    asked: list[tuple[str, bool]] = []
    classes = experiments.recipe("small-cnn").data.classes

    def predict(
        model: str,
        image: bytes,
        drawn_confirmed: bool = False,
        heat_map: bool = True,
        test_time: str | None = None,
    ) -> dict[str, Any]:
        asked.append((model, drawn_confirmed))
        shares = dict.fromkeys(classes, 0.02) | {"mel": 0.86}
        return {
            "classes": list(classes),
            "probabilities": shares if drawn_confirmed else {},
            "malignant": 0.92 if drawn_confirmed else None,
            "predicted": "mel" if drawn_confirmed else None,
            "abstain": None if drawn_confirmed else ONLY_DRAWINGS,
            "quality": {"sharpness": 9.0, "exposure": 0.5, "warnings": ["The picture is dark."]},
            "heat_map": np.eye(8, dtype=np.float32) if drawn_confirmed else None,
            "height": 225,
            "width": 300,
            "model": {
                "reference": model,
                "title": "small-cnn",
                "drawn": True,
                "data": {"name": "synthetic-small", "title": "Drawn", "num_train": 104},
                "scores": {},
                "thresholds": {"malignant": 0.4},
                "temperature": 1.0,
            },
            "milliseconds": 12.0,
            "test_time": test_time,
        }

    monkeypatch.setattr(client, "predict", predict)
    return asked


@pytest.fixture
def maps(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Which maps the service was asked for: layer and number, or the layers of `one_map_each`."""
    from lesionlab.explain.blocks import network_blocks
    from lesionlab.service import client

    asked: list[tuple[Any, ...]] = []
    rows = [("pixels", "InputLayer", [16, 16, 3]), ("conv_1", "Conv2D", [16, 16, 8])]
    rows += [("relu_1", "ReLU", [16, 16, 8]), ("pool_1", "MaxPooling2D", [8, 8, 8])]
    rows += [("conv_2", "Conv2D", [8, 8, 8]), ("add_2", "Add", [8, 8, 8])]
    rows += [("conv_3", "Conv2D", [8, 8, 128]), ("pooling", "GlobalAveragePooling2D", [128])]
    rows += [("logits", "Dense", [8]), ("probabilities", "Activation", [8])]
    table = [
        {"name": name, "kind": kind, "plain": f"{name} does it.", "output_shape": shape}
        | {"parameters": 7 * kind.startswith(("Conv", "Dense")), "part": "backbone", "index": 0}
        | {"inputs": [rows[k - 1][0]] if k else []}
        for k, (name, kind, shape) in enumerate(rows)
    ]
    table[0]["part"] = "input"
    table[5]["inputs"] = ["pool_1", "conv_2"]
    for row in table[-3:]:
        row["part"] = "head"
    kernels = {"conv_1": (3, 3), "conv_2": (3, 3), "conv_3": (1, 1)}
    found = network_blocks(table, kernels, learned={"conv_3", "logits"})

    def shape_of(layer: str) -> tuple[int, int]:
        return next((shape[0], shape[-1]) for name, _, shape in rows if name == layer)

    def feature_maps(
        model: str,
        layer: str,
        image: bytes,
        limit: int = 64,
        order: str = "activation",
        start: int = 0,
    ) -> dict[str, Any]:
        asked.append((layer, limit, order, start))
        side, depth = shape_of(layer)
        ranked = np.arange(depth)[:: -1 if order == "activation" else 1][start : start + limit]
        values = ranked[:, None, None] + np.linspace(0, 0.5, side * side).reshape(side, side)
        return {"maps": values.astype(np.float32), "indices": ranked, "layer": layer} | {
            "means": values.mean(axis=(1, 2)),
            "shape": (side, side, depth),
        }

    def one_map_each(
        model: str, layers: list[str], image: bytes, channel: int | None = None
    ) -> list[dict[str, Any]]:
        asked.append((tuple(layers), channel))
        answer = []
        for layer in layers:
            side, depth = shape_of(layer)
            values = np.linspace(-1, 2, side * side, dtype=np.float32).reshape(side, side)
            number = depth - 1 if channel is None else channel
            answer.append({"layer": layer, "map": values, "channel": number, "depth": depth})
        return answer

    monkeypatch.setattr(client, "layers", lambda model: table)
    monkeypatch.setattr(client, "network_blocks", lambda model: found)
    monkeypatch.setattr(client, "feature_maps", feature_maps)
    monkeypatch.setattr(client, "one_map_each", one_map_each)
    return asked
