"""Metrics against answers worked out by hand."""

import json

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.metrics import roc_curve as sklearn_roc_curve

from lesionlab.errors import DataError
from lesionlab.evaluation.metrics import (
    auc,
    balanced_accuracy,
    balanced_accuracy_interval,
    evaluate_probabilities,
    guessing,
    macro_auc,
    macro_auc_interval,
    roc_points,
    scores_of_counts,
    wilson_interval,
)
from lesionlab.evaluation.regroup import class_set_for, regroup

ISIC8 = ("ak", "bcc", "bkl", "df", "mel", "nv", "scc", "vasc")


def random_predictions(num_images=200, num_classes=4, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, num_classes, num_images)
    logits = rng.normal(size=(num_images, num_classes)).round(1)
    logits[np.arange(num_images), labels] += 1
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return labels, probabilities.astype(np.float32)


def test_four_pictures_by_hand():
    labels = np.array([0, 0, 1, 1])
    probabilities = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]], np.float32)
    found = evaluate_probabilities(labels, probabilities, ("benign", "malignant"))
    assert found["n"] == 4
    assert found["accuracy"] == 0.75
    assert found["confusion"] == [[1, 1], [0, 2]]
    benign, malignant = found["per_class"]["benign"], found["per_class"]["malignant"]
    # Wilson's intervals of one in two, two in two and one in one, as published tables have them.
    assert benign.pop("sensitivity_interval") == pytest.approx([0.0945, 0.9055], abs=1e-4)
    assert benign.pop("specificity_interval") == pytest.approx([0.3424, 1], abs=1e-4)
    assert benign.pop("precision_interval") == pytest.approx([0.2065, 1], abs=1e-4)
    assert benign.pop("auc_interval") == [1, 1]
    assert benign == {"auc": 1.0, "sensitivity": 0.5, "specificity": 1.0, "precision": 1.0, "n": 2}
    assert malignant["sensitivity"] == 1.0
    assert malignant["specificity"] == 0.5
    assert malignant["precision"] == pytest.approx(2 / 3)
    assert found["balanced_accuracy"] == 0.75
    assert found["macro_auc"] == 1.0


def test_agrees_with_scikit_learn():
    labels, probabilities = random_predictions()
    found = evaluate_probabilities(labels, probabilities, ("a", "b", "c", "d"))
    predicted = probabilities.argmax(axis=1)
    assert found["balanced_accuracy"] == pytest.approx(balanced_accuracy_score(labels, predicted))
    aucs = [roc_auc_score(labels == k, probabilities[:, k]) for k in range(4)]
    assert found["macro_auc"] == pytest.approx(np.mean(aucs))
    low, high = found["macro_auc_interval"]
    assert low < found["macro_auc"] < high
    for k, row in enumerate(found["per_class"].values()):
        assert row["auc"] == pytest.approx(aucs[k])
        # One class is less sure than the mean of four.
        assert row["auc_interval"][1] - row["auc_interval"][0] > high - low
        for name in ("auc", "specificity", "precision"):
            assert row[f"{name}_interval"][0] < row[name] < row[f"{name}_interval"][1]


def test_a_class_that_does_not_occur_is_null_and_leaves_the_means_alone():
    labels = np.array([0, 0, 1])
    probabilities = np.array([[0.8, 0.1, 0.1], [0.7, 0.2, 0.1], [0.1, 0.8, 0.1]])
    found = evaluate_probabilities(labels, probabilities, ("df", "mel", "nv"))
    assert found["per_class"]["nv"]["auc"] is None
    assert found["per_class"]["nv"]["sensitivity"] is None
    assert found["per_class"]["nv"]["n"] == 0
    assert found["balanced_accuracy"] == 1.0
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_ties_count_half():
    truth = np.array([True, True, False, False])
    assert auc(truth, np.array([0.9, 0.5, 0.5, 0.1])) == 0.875


def test_the_bootstrap_is_seeded():
    labels, probabilities = random_predictions(60)
    first = evaluate_probabilities(labels, probabilities, tuple("abcd"))
    assert first == evaluate_probabilities(labels, probabilities, tuple("abcd"))


def test_wilson_by_hand():
    # 8 of 10: (0.8 + 0.19207) / 1.38415 = 0.7167 in the middle, 0.2266 to either side.
    assert wilson_interval(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson_interval(10, 10)[1] == pytest.approx(1)


def test_expected_counts_of_a_guess_need_not_be_whole():
    found = scores_of_counts(np.array([[0.5, 0.5], [1.5, 1.5]]), ("mel", "nv"))
    assert (found["n"], found["accuracy"], found["balanced_accuracy"]) == (4, 0.5, 0.5)
    assert found["per_class"]["mel"] == {
        "sensitivity": 0.5,
        "specificity": 0.5,
        "precision": 0.25,
        "n": 1,
    }


def test_roc_points_are_those_of_scikit_learn():
    labels, probabilities = random_predictions(100)
    false_alarms, found, thresholds = roc_points(labels, probabilities, 2)
    other = sklearn_roc_curve(labels == 2, probabilities[:, 2], drop_intermediate=False)
    np.testing.assert_allclose(false_alarms, other[0])
    np.testing.assert_allclose(found, other[1])
    np.testing.assert_allclose(thresholds, other[2])
    assert len(roc_points(np.zeros(3, int), probabilities[:3], 0)[0]) == 0


def test_eight_classes_become_seven_and_two():
    row = np.array([[0.05, 0.1, 0.2, 0.05, 0.3, 0.1, 0.15, 0.05]], np.float32)
    seven, codes = regroup(row, ISIC8, "ham7")
    assert codes == ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
    np.testing.assert_allclose(seven, [[0.2, 0.1, 0.2, 0.05, 0.3, 0.1, 0.05]], rtol=1e-6)
    two, codes = regroup(row, ISIC8, "binary")
    assert codes == ("benign", "malignant")
    np.testing.assert_allclose(two, [[0.4, 0.6]], rtol=1e-6)


def test_unknown_is_taken_out_and_the_rest_sums_to_one():
    nine = np.array([[0, 0.2, 0, 0, 0.2, 0.1, 0, 0, 0.5]], np.float32)
    eight, _ = regroup(nine, (*ISIC8, "unk"), "isic8")
    np.testing.assert_allclose(eight, [[0, 0.4, 0, 0, 0.4, 0.2, 0, 0]], rtol=1e-6)


def test_two_classes_cannot_become_eight():
    with pytest.raises(DataError, match="vasc"):
        regroup(np.array([[0.5, 0.5]]), ("benign", "malignant"), "isic8")


def test_the_finest_class_set_that_fits_the_data_is_taken():
    assert class_set_for(["mel", "scc", "nv"], ISIC8) == "isic8"
    assert class_set_for(["mel", "akiec", "nv"], ISIC8) == "ham7"
    assert class_set_for(["benign", "malignant"], ISIC8) == "binary"
    assert class_set_for(["mel", "scc"], ("benign", "malignant")) == "binary"
    with pytest.raises(DataError, match="unk"):
        class_set_for(["unk"], ISIC8)


def test_the_interval_of_balanced_accuracy_holds_it_and_narrows_with_more_pictures(rng):
    def interval(num):
        labels = rng.integers(0, 3, num)
        answers = np.where(rng.random(num) < 0.7, labels, (labels + 1) % 3)
        assert balanced_accuracy(labels, answers, 3) == pytest.approx(
            balanced_accuracy_score(labels, answers)
        )
        return balanced_accuracy_interval(labels, np.eye(3)[answers])

    few, many = interval(60), interval(2000)
    assert few[0] < 0.7 < few[1] and many[0] < 0.7 < many[1]
    # The standard error of a share of 0.7 among 2,000 is 0.01, so the interval spans about 0.04.
    assert many[1] - many[0] == pytest.approx(0.04, abs=0.012)
    assert few[1] - few[0] > 3 * (many[1] - many[0])
    assert balanced_accuracy_interval(np.empty(0, int), np.empty((0, 3))) is None


def test_the_intervals_are_those_of_two_hundred_seeded_draws(rng):
    labels = rng.integers(0, 4, 60)
    # Rounded, so that many scores are equal; the last class is rare and missing in some draws.
    labels[labels == 3] = 0
    labels[:2] = 3
    probabilities = rng.dirichlet(np.ones(4), 60).round(1)
    draws = np.random.default_rng(0).integers(0, 60, (200, 60))
    areas = [macro_auc(labels[rows], probabilities[rows]) for rows in draws]
    shares = [
        balanced_accuracy(labels[rows], probabilities[rows].argmax(axis=1), 4) for rows in draws
    ]
    assert len({len(np.unique(labels[rows])) for rows in draws}) == 2
    expected = np.percentile(areas, [2.5, 97.5])
    np.testing.assert_allclose(macro_auc_interval(labels, probabilities), expected)
    expected = np.percentile(shares, [2.5, 97.5])
    np.testing.assert_allclose(balanced_accuracy_interval(labels, probabilities), expected)
    assert macro_auc_interval(np.zeros(5, int), probabilities[:5]) is None


def test_guessing_counts_the_classes_that_are_there() -> None:
    # Always "nv" on three of mel and nine of nv: half of the classes that occur are found.
    counts = np.zeros((8, 8))
    counts[4, 5], counts[5, 5] = 3, 9
    report = scores_of_counts(counts, ISIC8)
    assert guessing(report) == report["balanced_accuracy"] == 0.5
    assert guessing(scores_of_counts(np.eye(8), ISIC8)) == 1 / 8
