"""Figures and tables of an evaluation, against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lesionlab.app import results
from lesionlab.diagnoses import CLASS_SETS, DIAGNOSES
from lesionlab.evaluation.metrics import evaluate_probabilities

CLASSES = ("mel", "nv", "vasc")


@pytest.fixture
def predictions() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "image_id": list("abcd"),
            "path": [f"images/{name}.jpg" for name in "abcd"],
            "truth": ["mel", "mel", "nv", "vasc"],
            "predicted": ["mel", "nv", "nv", "mel"],
            "p_mel": [0.8, 0.3, 0.2, 0.6],
            "p_nv": [0.1, 0.6, 0.7, 0.1],
            "p_vasc": [0.1, 0.1, 0.1, 0.3],
        }
    )


def test_arrays(predictions: pd.DataFrame) -> None:
    labels, probabilities = results.arrays(predictions, CLASSES)
    assert labels.tolist() == [0, 0, 1, 2]
    assert probabilities.shape == (4, 3)
    assert probabilities[3].tolist() == [0.6, 0.1, 0.3]


def test_confusion_colours_are_shares_of_the_row() -> None:
    figure = results.confusion_figure([[1, 1], [0, 4]], ("benign", "malignant"))
    (heat,) = figure.data
    assert np.array(heat.z).tolist() == [[0.5, 0.5], [0, 1]]
    assert [list(row) for row in heat.text] == [["1", "1"], ["0", "4"]]
    percent = results.confusion_figure([[1, 1], [0, 4]], ("benign", "malignant"), percent=True)
    assert [list(row) for row in percent.data[0].text] == [["50", "50"], ["0", "100"]]
    assert figure.layout.yaxis.autorange == "reversed"


def test_a_class_without_pictures_has_an_empty_row() -> None:
    (heat,) = results.confusion_figure([[2, 0], [0, 0]], ("benign", "malignant")).data
    assert np.array(heat.z).tolist() == [[1, 0], [0, 0]]


def test_roc_has_class_colours_and_few_points(rng: np.random.Generator) -> None:
    classes = CLASS_SETS["isic8"]
    labels = rng.integers(0, 8, 5000)
    probabilities = rng.dirichlet(np.ones(8), 5000)
    figure = results.roc_figure(labels, probabilities, classes)
    assert len(figure.data) == 9
    assert all(trace.type == "scatter" for trace in figure.data), "no WebGL"
    assert all(len(trace.x) <= results.MAX_ROC_POINTS for trace in figure.data)
    melanoma = next(trace for trace in figure.data if trace.name.startswith("MEL"))
    assert melanoma.line.color == DIAGNOSES["mel"].colour
    assert (melanoma.x[0], melanoma.y[0], melanoma.x[-1], melanoma.y[-1]) == (0, 0, 1, 1)
    assert len({(trace.line.color, trace.line.dash) for trace in figure.data}) == 9


def test_roc_leaves_out_a_class_that_does_not_occur() -> None:
    labels = np.array([0, 1, 0, 1])
    probabilities = np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0.6, 0.4, 0], [0.3, 0.7, 0]])
    names = [trace.name for trace in results.roc_figure(labels, probabilities, CLASSES).data]
    assert names == ["Guessing (0.50)", "MEL 1.00", "NV 1.00"]


def test_class_table_reads_the_evaluation(predictions: pd.DataFrame) -> None:
    labels, probabilities = results.arrays(predictions, CLASSES)
    table = results.class_table(evaluate_probabilities(labels, probabilities, CLASSES))
    assert table["Class"].tolist()[0] == "Melanoma (MEL)"
    assert table["Pictures"].tolist() == [2, 1, 1]
    assert table["Sensitivity"].tolist() == [0.5, 1.0, 0.0]
    # Two of four are not melanoma; one of those was called melanoma.
    assert table["Specificity"].iloc[0] == 0.5


def test_threshold_by_hand(predictions: pd.DataFrame) -> None:
    found = results.suspicion(*results.arrays(predictions, CLASSES), CLASSES)
    assert found is not None
    truth, score = found
    assert truth.tolist() == [True, True, False, False]
    assert results.threshold_counts(truth, score, 0.5) == {
        "found": 1,
        "missed": 1,
        "spared": 1,
        "false_alarms": 1,
    }
    # A score equal to the threshold counts as suspicious.
    assert results.threshold_counts(truth, score, 0.3)["found"] == 2
    figure = results.threshold_figure(truth, score, 0.5)
    assert sum(sum(trace.y) for trace in figure.data) == 4
    assert figure.layout.shapes[0].x0 == 0.5


def test_no_threshold_without_a_cancer_class() -> None:
    assert results.suspicion(np.array([0]), np.ones((1, 1)), ("nv",)) is None


def test_calibration_by_hand(predictions: pd.DataFrame) -> None:
    table = results.calibration_table(*results.arrays(predictions, CLASSES))
    # Five bins of a fifth: 0.6 and 0.6 (both wrong) in the third, 0.7 and 0.8 (right) in the next.
    assert table["pictures"].tolist() == [2, 2]
    assert table["right"].tolist() == [0, 1]
    assert table["confidence"].tolist() == pytest.approx([0.6, 0.75])
    assert list(results.calibration_figure(table).data[1].y) == [0, 1]


def test_worst_mistakes_are_the_surest_wrong_ones(predictions: pd.DataFrame) -> None:
    predictions.loc[1, "p_nv"] = 0.65
    worst = results.worst_mistakes(predictions)
    assert worst["image_id"].tolist() == ["b", "d"]
    assert worst["confidence"].tolist() == [0.65, 0.6]
    assert results.worst_mistakes(predictions.iloc[[0]]).empty
