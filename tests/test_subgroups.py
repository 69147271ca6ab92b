"""Scores of groups against answers worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from lesionlab.evaluation.report import make_report
from lesionlab.evaluation.subgroups import groups_of, subgroup_scores

CLASSES = ("mel", "nv")


def cases(sex: str, found: int, missed: int, nevi: int, **more: Any) -> pd.DataFrame:
    """Melanomas found and missed by the threshold of 0.5, and nevi that are all left alone."""
    melanoma = [0.9] * found + [0.2] * missed + [0.1] * nevi
    truth = ["mel"] * (found + missed) + ["nv"] * nevi
    return pd.DataFrame({"sex": sex, "truth": truth, "p": melanoma, **more})


def score(table: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    labels = table["truth"].map({"mel": 0, "nv": 1}).to_numpy()
    probabilities = np.stack([table["p"], 1 - table["p"]], axis=1)
    rows = subgroup_scores(table, labels, probabilities, CLASSES, {"mel": 0.5})
    return {(row["by"], row["group"]): row for row in rows}


def test_each_group_has_its_own_numbers() -> None:
    found = score(pd.concat([cases("female", 9, 1, 30), cases("male", 6, 6, 20)]))
    female, male = found["sex", "female"], found["sex", "male"]
    assert (female["n"], female["num_melanomas"]) == (40, 10)
    assert female["melanoma_sensitivity"] == 0.9
    assert male["melanoma_sensitivity"] == 0.5
    # Half of the melanomas and all nevi are answered right.
    assert male["balanced_accuracy"] == pytest.approx(0.75)
    # Every melanoma looks more suspicious than every nevus.
    assert (female["macro_auc"], male["macro_auc"]) == (1, 1)
    low, high = male["melanoma_sensitivity_interval"]
    assert low == pytest.approx(0.254, abs=1e-3) and high == pytest.approx(0.746, abs=1e-3)


def test_small_groups_are_counted_and_not_scored() -> None:
    found = score(pd.concat([cases("female", 9, 0, 11), cases("male", 9, 0, 10)]))
    assert "macro_auc" not in found["sex", "male"], "19 pictures"
    assert found["sex", "male"] == {"by": "sex", "group": "male", "n": 19, "num_melanomas": 9}
    assert found["sex", "female"]["balanced_accuracy"] == 1
    assert "melanoma_sensitivity" not in found["sex", "female"], "9 melanomas"


def test_ages_are_put_in_bands_and_unknown_ones_apart() -> None:
    table = pd.DataFrame({"age": [29.9, 30, 44, 75, np.nan, 85]})
    assert list(groups_of(table, "age")) == [
        "under 30", "30 to 44", "30 to 44", "75 and over", "unknown", "75 and over",
    ]  # fmt: skip


def test_bands_stand_in_order_and_groups_by_size() -> None:
    old, young = cases("male", 1, 0, 4, age=80.0), cases("female", 1, 0, 8, age=20.0)
    table = pd.concat([old, young, cases("male", 0, 0, 1, age=np.nan)])
    assert list(score(table)) == [
        ("sex", "female"),
        ("sex", "male"),
        ("age", "under 30"),
        ("age", "75 and over"),
        ("age", "unknown"),
    ]


def test_what_is_unknown_or_alike_for_all_makes_no_groups() -> None:
    table = cases("male", 3, 3, 30, site=None)
    assert groups_of(table, "site") is None and groups_of(table, "source") is None
    assert score(table) == {}


def test_categories_with_missing_values_are_read() -> None:
    table = pd.DataFrame({"site": pd.Categorical(["ear", None, "ear"])})
    assert list(groups_of(table, "site")) == ["ear", "unknown", "ear"]


def test_the_report_takes_them_from_the_table() -> None:
    table = cases("female", 3, 1, 30, site=["ear"] * 20 + ["back"] * 14)
    labels = table["truth"].map({"mel": 0, "nv": 1}).to_numpy()
    probabilities = np.stack([table["p"], 1 - table["p"]], axis=1)
    given = (labels, probabilities, CLASSES, {"mel": 0.5}, {"part": "test"})
    assert [row["group"] for row in make_report(*given, table)["subgroups"]] == ["ear", "back"]
    assert "subgroups" not in make_report(*given)
