"""Rates by step, a faster head, and a memory that survives a restart."""

import numpy as np
import pytest

from lesionlab.errors import TrainingError
from lesionlab.experiment import Network, Phase

keras = pytest.importorskip("keras")

from lesionlab.models.build import build_model, weights_of  # noqa: E402
from lesionlab.models.freezing import apply_freezing, num_frozen  # noqa: E402
from lesionlab.models.optimizers import (  # noqa: E402
    learning_rate_at,
    make_optimizer,
    optimizer_state,
    restore_optimizer,
    set_learning_rate,
)

NETWORK = Network(network="small-cnn", weights="random")


def ready(phase: Phase, eager: bool = False):
    """`eager` saves a few steps the tracing of a graph, which takes longer than they do."""
    model = build_model(NETWORK, 2, (16, 16), seed=3)
    apply_freezing(model, phase, NETWORK)
    optimizer = make_optimizer(model, phase)
    model.compile(optimizer, "sparse_categorical_crossentropy", run_eagerly=eager)
    return model


def batch(step: int):
    rng = np.random.default_rng(step)
    return rng.integers(0, 256, (4, 16, 16, 3), np.uint8), np.array([0, 1, 0, 1])


def test_schedules_by_hand():
    step = Phase(epochs=6, learning_rate=0.1, schedule="step", step_epochs=2, step_factor=0.5)
    assert [learning_rate_at(step, epoch * 10, 10) for epoch in range(6)] == pytest.approx(
        [0.1, 0.1, 0.05, 0.05, 0.025, 0.025]
    )
    cosine = Phase(epochs=2, learning_rate=0.1, schedule="cosine")
    assert learning_rate_at(cosine, 0, 10) == pytest.approx(0.1)
    assert learning_rate_at(cosine, 10, 10) == pytest.approx(0.05)
    assert learning_rate_at(cosine, 20, 10) == pytest.approx(0.0)
    assert learning_rate_at(Phase(learning_rate=0.1), 999, 10) == 0.1


def test_warm_up_rises_by_the_same_amount_each_step_and_the_cosine_has_the_rest():
    phase = Phase(epochs=3, learning_rate=0.1, schedule="cosine", warmup_epochs=1, final_factor=0.2)
    # Four steps an epoch: 1/4, 2/4, 3/4 and all of the rate, then half a cosine over eight.
    rates = [learning_rate_at(phase, step, 4) for step in range(13)]
    assert rates[:5] == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1])
    assert rates[8] == pytest.approx(0.02 + 0.08 * 0.5)
    assert rates[12] == pytest.approx(0.02)
    assert rates[4:] == sorted(rates[4:], reverse=True)
    # A warm-up as long as its phase, or longer, is all of it.
    long = Phase(epochs=1, learning_rate=0.1, schedule="cosine", warmup_epochs=2)
    assert [learning_rate_at(long, step, 2) for step in range(2)] == pytest.approx([0.025, 0.05])
    assert learning_rate_at(Phase(learning_rate=0.1, warmup_epochs=0.5), 1, 4) == 0.1


@pytest.mark.parametrize("factor", [1.0, 10.0])
def test_a_long_gradient_is_cut_to_its_length(factor):
    """With plain SGD a step is rate × gradient: cut to a length of 0.001 it is as long as that."""
    phase = Phase(optimizer="sgd", momentum=0, learning_rate=1, head_factor=factor, clip_norm=1e-3)
    model = ready(phase)
    before = weights_of(model)
    model.train_on_batch(*batch(0))
    after = weights_of(model)
    moved = {key: after[key] - before[key] for key in before if "moving" not in key}
    head = {key for key in moved if key.startswith("logits/")}

    def length(keys):
        return np.sqrt(sum((moved[key].astype(np.float64) ** 2).sum() for key in keys))

    if factor == 1:
        assert length(moved) == pytest.approx(1e-3, rel=1e-3)
    else:
        assert length(head) == pytest.approx(1e-2, rel=1e-3)
        assert length(set(moved) - head) == pytest.approx(1e-3, rel=1e-3)


def test_head_learns_ten_times_faster():
    """One step of plain SGD moves a weight by rate × gradient: the head by ten times that."""
    moved = {}
    for factor in (1.0, 10.0):
        model = ready(Phase(optimizer="sgd", momentum=0, learning_rate=0.01, head_factor=factor))
        before = weights_of(model)
        model.train_on_batch(*batch(0))
        after = weights_of(model)
        moved[factor] = {key: after[key] - before[key] for key in before}
    np.testing.assert_allclose(
        moved[10.0]["logits/kernel"], 10 * moved[1.0]["logits/kernel"], rtol=1e-3, atol=1e-7
    )
    key = "block1_convolution/kernel"
    assert np.abs(moved[1.0][key]).max() > 0
    np.testing.assert_allclose(moved[10.0][key], moved[1.0][key], rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("factor", [1.0, 10.0])
def test_set_learning_rate_counts_from_the_next_step(factor):
    model = ready(Phase(optimizer="sgd", momentum=0, learning_rate=0.01, head_factor=factor))
    model.train_on_batch(*batch(0))
    set_learning_rate(model.optimizer, 0.0, factor)
    before = weights_of(model)
    model.train_on_batch(*batch(1))
    assert np.array_equal(before["logits/kernel"], weights_of(model)["logits/kernel"])


@pytest.mark.parametrize("factor", [1.0, 10.0])
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_restored_optimizer_takes_the_same_steps(optimizer, factor):
    phase = Phase(optimizer=optimizer, head_factor=factor, weight_decay=0.01)
    model = ready(phase, eager=True)
    for step in range(2):
        model.train_on_batch(*batch(step))
    weights, state = model.get_weights(), optimizer_state(model.optimizer)
    undisturbed = [float(model.train_on_batch(*batch(step))) for step in range(2, 4)]

    again = ready(phase, eager=True)
    again.set_weights(weights)
    restore_optimizer(again.optimizer, again, state)
    resumed = [float(again.train_on_batch(*batch(step))) for step in range(2, 4)]
    np.testing.assert_allclose(resumed, undisturbed, rtol=1e-4)
    for one, other in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)

    forgetful = ready(phase, eager=True)
    forgetful.set_weights(weights)
    for step in range(2, 4):
        forgetful.train_on_batch(*batch(step))
    gap = np.abs(forgetful.get_weights()[-2] - model.get_weights()[-2]).max()
    assert gap > 1e-4, "without its memory the optimizer should step elsewhere"


def test_state_of_another_phase_is_refused():
    model = ready(Phase(optimizer="adam"))
    with pytest.raises(TrainingError, match="differs in"):
        restore_optimizer(model.optimizer, model, {"0000/iteration": np.array(3)})


def test_num_frozen_by_hand():
    assert [num_frozen(Phase(frozen=f), 20) for f in (0, 5, 99, "all", -4, -99)] == [
        0, 5, 20, 20, 16, 0,
    ]  # fmt: skip


def test_frozen_layers_stay_and_keep_their_statistics():
    model = ready(Phase(optimizer="sgd", learning_rate=0.1, frozen=8))  # blocks 1 and 2
    before = weights_of(model)
    model.train_on_batch(*batch(0))
    after = weights_of(model)
    changed = {key for key in before if not np.array_equal(before[key], after[key])}
    assert not any(key.startswith(("block1", "block2")) for key in changed)
    assert {"block3_convolution/kernel", "block3_batchnorm/moving_mean"} <= changed


def test_frozen_batchnorm_stays_although_its_block_learns():
    network = NETWORK.model_copy(update={"batchnorm": "frozen"})
    model = build_model(network, 2, (16, 16), seed=3)
    phase = Phase(optimizer="sgd", learning_rate=0.1)
    apply_freezing(model, phase, network)
    model.compile(make_optimizer(model, phase), "sparse_categorical_crossentropy")
    before = weights_of(model)
    model.train_on_batch(*batch(0))
    after = weights_of(model)
    changed = {key for key in before if not np.array_equal(before[key], after[key])}
    assert not any("batchnorm" in key for key in changed)
    assert "block1_convolution/kernel" in changed
