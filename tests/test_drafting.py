"""What follows from a draft agrees with what the engine does with it."""

from __future__ import annotations

import numpy as np
import pytest

from lesionlab import experiment as experiments
from lesionlab.app import drafting
from lesionlab.errors import ExperimentError
from lesionlab.experiment import Network, Phase

LAYERS = [
    {"name": "conv", "kind": "Conv2D", "plain": "", "parameters": 10, "part": "backbone"},
    {"name": "norm", "kind": "BatchNormalization", "plain": "", "parameters": 8}
    | {"part": "backbone"},
    {"name": "relu", "kind": "ReLU", "plain": "", "parameters": 0, "part": "backbone"},
    {"name": "logits", "kind": "Dense", "plain": "", "parameters": 3, "part": "head"},
]
for place, row in enumerate(LAYERS):
    row["index"] = place if row["part"] == "backbone" else None


@pytest.mark.parametrize(
    ("frozen", "batchnorm", "trainable"),
    [
        (0, "train", [10, 4, 3]),
        (0, "frozen", [10, 0, 3]),
        (1, "train", [0, 4, 3]),
        (-1, "train", [0, 0, 3]),
        ("all", "train", [0, 0, 3]),
        (99, "train", [0, 0, 3]),
    ],
)
def test_what_learns(frozen: int | str, batchnorm: str, trainable: list[int]) -> None:
    phase = Phase.model_validate({"frozen": frozen})
    network = Network.model_validate({"network": "mobilenetv2", "batchnorm": batchnorm})
    table = drafting.freezing_table(LAYERS, network, phase)
    assert list(table["name"]) == ["conv", "norm", "logits"]
    assert list(table["trainable"]) == trainable


def test_the_engine_freezes_the_same_layers() -> None:
    pytest.importorskip("keras")
    from lesionlab.models.build import build_model
    from lesionlab.models.freezing import apply_freezing
    from lesionlab.models.layer_table import layer_table

    draft = experiments.recipe("small-cnn")
    model = build_model(draft.model, 8, (32, 32), seed=0)
    for frozen in (0, 5, -3, "all"):
        phase = Phase.model_validate({"frozen": frozen})
        apply_freezing(model, phase, draft.model)
        table = drafting.freezing_table(layer_table(model), draft.model, phase)
        learned = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
        assert int(table["trainable"].sum()) == learned
        assert int(table["parameters"].sum()) == model.count_params()


def test_the_engine_follows_the_same_schedule() -> None:
    pytest.importorskip("keras")
    from lesionlab.models.optimizers import learning_rate_at

    for name in ("constant", "step", "cosine"):
        phase = Phase.model_validate({"schedule": name, "epochs": 12, "step_epochs": 5})
        drawn = phase.learning_rate * drafting.schedule(phase, np.arange(12 * 4) / 4)
        engine = [learning_rate_at(phase, step, steps_per_epoch=4) for step in range(12 * 4)]
        np.testing.assert_allclose(drawn, engine, rtol=1e-9)
    # The engine's steps count as done, so that its warm-up stands one step ahead of the line.
    warm = Phase(epochs=12, schedule="cosine", warmup_epochs=2, final_factor=0.1)
    drawn = warm.learning_rate * drafting.schedule(warm, np.arange(12 * 4 + 1) / 4)
    engine = [learning_rate_at(warm, step, steps_per_epoch=4) for step in range(12 * 4 + 1)]
    np.testing.assert_allclose(drawn[1:8], engine[:7], rtol=1e-9)
    np.testing.assert_allclose(drawn[8:], engine[8:], rtol=1e-9)


def test_rates_over_two_phases() -> None:
    draft = experiments.with_settings(experiments.recipe("small-cnn"), ["training.epochs=2"])
    head_only = {"epochs": 1, "frozen": "all", "learning_rate": 0.1, "head_factor": 10.0}
    second = {"epochs": 2, "learning_rate": 0.01, "schedule": "constant"}
    draft = drafting.changed(draft, training={"phases": [head_only, second]})
    epochs, head, body = drafting.rates(draft, points=2)
    np.testing.assert_allclose(epochs, [0, 0.5, 1, 1.5, 2, 2.5])
    np.testing.assert_allclose(head, [1, 1, 0.01, 0.01, 0.01, 0.01])
    np.testing.assert_array_equal(np.isnan(body), [True, True, False, False, False, False])


def test_changes_are_checked() -> None:
    draft = experiments.recipe("mobilenetv2-quick")
    assert drafting.changed(draft, model={"alpha": 0.5}).model.alpha == 0.5
    assert drafting.with_phase(draft, 0, epochs=9).training.phases[0].epochs == 9
    assert drafting.with_network(draft, "small-cnn").model.weights == "random"
    with pytest.raises(ExperimentError, match="batch_size"):
        drafting.changed(draft, training={"batch_size": 0})
