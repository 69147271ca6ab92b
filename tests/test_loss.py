"""What training makes small, worked out by hand."""

import numpy as np
import pytest

from lesionlab.experiment import parse

keras = pytest.importorskip("keras")

from lesionlab.training.loss import accuracy_metric, make_loss, what_is_in_it  # noqa: E402

LOG = np.log


def loss_of(targets, logits, weights=(1, 1), counts=(1, 1), **training):
    training = parse({"training": training}).training
    loss = make_loss(training, np.array(weights, np.float32), np.array(counts))
    targets, logits = np.array(targets, np.float32), np.array(logits, np.float32)
    return keras.ops.convert_to_numpy(loss(targets, logits))


# The logits of probabilities 0.75 and 0.25.
LOGITS = [[LOG(3), 0.0]]


def test_plain_it_is_the_weighted_cross_entropy():
    found = loss_of([[1, 0], [0, 1]], LOGITS * 2, weights=(2, 10))
    np.testing.assert_allclose(found, [-2 * LOG(0.75), -10 * LOG(0.25)], rtol=1e-5)


def test_a_mixed_picture_counts_by_its_shares():
    found = loss_of([[0.8, 0.2]], LOGITS, weights=(1, 3))
    np.testing.assert_allclose(found, [-0.8 * LOG(0.75) - 0.6 * LOG(0.25)], rtol=1e-5)


def test_a_smoothed_label_counts_as_much_as_its_class():
    # 0.2 spread over two classes leaves 0.9 and 0.1; all of it times the label's weight.
    found = loss_of([[1, 0]], LOGITS, weights=(2, 50), label_smoothing=0.2)
    np.testing.assert_allclose(found, [2 * (-0.9 * LOG(0.75) - 0.1 * LOG(0.25))], rtol=1e-5)


@pytest.mark.parametrize(("tau", "probability"), [(1, 0.75), (2, 0.9)])
def test_logit_adjustment_asks_more_for_a_rare_class(tau, probability):
    """Equal logits, and three pictures to one: 3/4 for the frequent class, with tau 2 9/10."""
    found = loss_of([[1, 0], [0, 1]], [[0, 0]] * 2, counts=(3, 1), logit_adjustment=tau)
    np.testing.assert_allclose(found, [-LOG(probability), -LOG(1 - probability)], rtol=1e-5)


def test_a_class_without_pictures_has_a_share_all_the_same():
    assert np.isfinite(loss_of([[1, 0]], [[0, 0]], counts=(4, 0), logit_adjustment=1)).all()


def test_teachers_answers_by_hand():
    distillation = {"teachers": ["one"], "weight": 0.25, "temperature": 2}
    # At temperature 2 the student says 1 to the root of 3 (0.366), the teachers say 0.5.
    soft = 1 / (1 + np.sqrt(3))
    apart = 0.5 * LOG(0.5 / (1 - soft)) + 0.5 * LOG(0.5 / soft)
    found = loss_of([[1, 0, 0.5, 0.5]], LOGITS, distillation=distillation)
    np.testing.assert_allclose(found, [0.75 * -LOG(0.75) + 0.25 * 4 * apart], rtol=1e-5)
    # Where the student answers as they do, nothing of them is left.
    distillation["weight"] = 1
    found = loss_of([[0, 1, 1 - soft, soft]], LOGITS, distillation=distillation)
    np.testing.assert_allclose(found, [0], atol=1e-6)


def test_accuracy_goes_by_the_larger_share():
    metric = accuracy_metric()
    targets = np.array([[0.7, 0.3, 0, 1], [0.4, 0.6, 1, 0], [1, 0, 0, 1]], np.float32)
    metric.update_state(targets, np.array([[2, 1], [0, 1], [0, 1]], np.float32))
    assert float(metric.result()) == pytest.approx(2 / 3)


def test_people_are_told_what_the_training_loss_holds():
    assert what_is_in_it(parse({"training": {"class_weights": "balanced"}}).training) == ""
    text = what_is_in_it(parse({"training": {"mixup": 0.2, "label_smoothing": 0.1}}).training)
    assert "holds smoothed labels, mixed pictures;" in text
