"""The model that comes with lesionlab answers as its evaluation says."""

import json

import numpy as np
import pandas as pd
import pytest

from lesionlab.data.store import SHIPPED_NAME, open_dataset
from lesionlab.evaluation.evaluate import evaluate_model
from lesionlab.models.bundle import read_description, verify_bundle
from lesionlab.models.locate import find_model
from lesionlab.task import QuietTask

NAME = "synthetic-small"


def test_it_is_whole_small_and_knows_that_it_has_only_seen_drawings():
    bundle = find_model(NAME)
    verify_bundle(bundle)
    assert sum(path.stat().st_size for path in bundle.iterdir()) < 3_000_000
    description = read_description(bundle)
    assert description.drawn
    # Drawn with another seed than the sets of the app: it has seen none of their pictures.
    assert description.data.name not in ("synthetic", SHIPPED_NAME)
    assert "cannot judge a photograph" in (bundle / "card.md").read_text()


def test_evaluated_anew_it_gives_the_numbers_that_it_came_with(tmp_path):
    told = evaluate_model(NAME, task=QuietTask(tmp_path))
    assert told == json.loads((find_model(NAME) / "evaluation.json").read_text())
    before = pd.read_parquet(tmp_path / "predictions.parquet")
    found = evaluate_model(NAME, SHIPPED_NAME, task=QuietTask(tmp_path))
    assert found["n"] == len(open_dataset(SHIPPED_NAME))
    assert found["confusion"] == told["confusion"]
    assert found["macro_auc"] == pytest.approx(told["macro_auc"], abs=1e-4)
    assert 0.70 < found["accuracy"] < 0.95
    after = pd.read_parquet(tmp_path / "predictions.parquet")
    pd.testing.assert_series_equal(before["image_id"], after["image_id"])
    columns = [name for name in before if name.startswith("p_")]
    np.testing.assert_allclose(before[columns], after[columns], atol=1e-3)
