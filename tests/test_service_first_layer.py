"""The first kernels of a network, before and after training."""

from __future__ import annotations

import numpy as np
import pytest

from lesionlab.errors import ModelError, WeightsError
from lesionlab.experiment import parse
from lesionlab.experiment_parts import Network
from lesionlab.models import weights
from lesionlab.models.build import build_model
from lesionlab.models.description import Description, TrainingData
from lesionlab.service.first_layer import kernels
from lesionlab.service.loaded import Loaded


def loaded(weights: str = "random", seed: int = 5, start: str = "other weights") -> Loaded:
    plan = parse(
        {
            "seed": seed,
            "preprocessing": {"size": [32, 32]},
            "model": {"network": "small-cnn", "weights": "random"},
        }
    )
    model = build_model(plan.model, 8, (32, 32), seed)
    plan = plan.model_copy(update={"model": plan.model.model_copy(update={"weights": weights})})
    data = TrainingData(name="made-up", title="Made up", num_train=1)
    description = Description(
        name="made-up",
        experiment=plan,
        classes=plan.data.classes,
        drawn=True,
        data=data,
        start_weights=start,
        num_parameters=1,
    )
    return Loaded("made-up", "key", description, model, 1)


def test_before_training_are_the_numbers_that_the_seed_drew() -> None:
    model = loaded()
    untrained = kernels(model)
    assert untrained["after"].shape == (24, 3, 3, 3)
    np.testing.assert_array_equal(untrained["before"], untrained["after"])
    assert untrained["exact"]
    assert str(untrained["layer"]) == "block1_convolution"
    layer = model.model.get_layer("block1_convolution")
    learned = np.arange(3 * 3 * 3 * 24, dtype=np.float32).reshape(3, 3, 3, 24)
    layer.kernel.assign(learned)
    trained = kernels(model)
    np.testing.assert_array_equal(trained["before"], untrained["before"])
    # Kernel 7, second row, third column, blue.
    assert trained["after"][7, 1, 2, 2] == learned[1, 2, 2, 7]
    assert not np.array_equal(kernels(loaded(seed=6))["before"], untrained["before"])


def test_what_the_layer_gets_is_told_too() -> None:
    found = kernels(loaded(weights="synthetic-small"))
    assert not found["exact"]
    np.testing.assert_allclose(255 * found["scale"] + found["offset"], [1, 1, 1], rtol=1e-6)
    np.testing.assert_array_equal(found["offset"], [-1, -1, -1])
    np.testing.assert_array_equal(found["bias"], np.zeros(24))
    assert int(found["stride"]) == 1


def test_a_model_without_such_a_layer() -> None:
    import keras

    model = loaded()
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    with pytest.raises(ModelError, match="red, green and blue"):
        kernels(Loaded("dense", "key", model.description, other, 1))


def test_random_numbers_that_stood_in_are_random_numbers() -> None:
    network = Network(network="mobilenetv2", weights="imagenet", fallback="random")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weights, "find_imagenet", lambda *arguments: None)
        patch.setattr(weights, "download", unreachable)
        start = weights.find_start(network, (32, 32))
    assert start.kind == "random"
    assert kernels(loaded("synthetic-small", start=start.sentence))["exact"]


def unreachable(*arguments: object) -> None:
    raise WeightsError("Expected weights.", "There are none.")
