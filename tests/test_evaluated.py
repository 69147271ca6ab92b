"""A model that somebody brings in may only tell what the pages can show."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from lesionlab.errors import BundleError
from lesionlab.models.archive import pack, unpack
from lesionlab.models.bundle import read_description, read_history, read_weights, write_bundle
from lesionlab.models.evaluated import check_evaluation
from lesionlab.settings import ASSETS

SHIPPED = ASSETS / "models" / "synthetic-small"
CLASSES = read_description(SHIPPED).classes


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """A folder with the two files of a good evaluation."""
    folder = tmp_path / "told"
    folder.mkdir()
    for name in ("evaluation.json", "predictions.parquet"):
        shutil.copy(SHIPPED / name, folder / name)
    return folder


def change(folder: Path, *keys: str | int, value: Any) -> None:
    path = folder / "evaluation.json"
    words = json.loads(path.read_text("utf-8"))
    place = words
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    path.write_text(json.dumps(words), "utf-8")


@pytest.mark.parametrize("name", ["synthetic-small", "ham10000-isic8"])
def test_what_comes_with_us_is_good(name: str) -> None:
    folder = ASSETS / "models" / name
    check_evaluation(folder, read_description(folder).classes)


def test_more_may_stand_there_and_what_is_new_may_be_missing(told: Path) -> None:
    change(told, "from_the_future", value={"a": 1})
    words = json.loads((told / "evaluation.json").read_text("utf-8"))
    for key in [key for key in words if key.endswith("_interval")] + ["subgroups", "ece"]:
        words.pop(key, None)
    (told / "evaluation.json").write_text(json.dumps(words), "utf-8")
    (told / "predictions.parquet").unlink()
    check_evaluation(told, CLASSES)
    (told / "evaluation.json").unlink()
    check_evaluation(told, CLASSES)


@pytest.mark.parametrize(
    ("keys", "value", "named"),
    [
        (("n",), "many", "n: "),
        (("n",), -1, "n: "),
        (("n",), 3_000_000_000, "n: "),
        (("accuracy",), 7, "accuracy: "),
        (("accuracy_interval",), [0.1], "accuracy_interval"),
        (("per_class",), {}, "per_class must have the classes"),
        (("per_class", "mel", "auc"), "<b>", "per_class.mel.auc"),
        (("confusion",), [[1]], "a row and a column for each class"),
        (("confusion", 0, 0), 0.5, "confusion.0.0"),
        (("thresholds",), {"mel": {"sensitivity": 2}}, "thresholds.mel"),
        (("alarm",), {"cases": {"mel": {"n": 3, "num_missed": 4}}}, "alarm.cases.mel"),
        (
            ("alarm",),
            {"cases": {}, "num_harmless": 5, "num_false": 6},
            "num_false must not be more than num_harmless",
        ),
        (("at_home",), {"melanoma_sensitivity": 0.5}, "at_home.source"),
        (("elsewhere",), [5], "elsewhere.0"),
        (("elsewhere",), [{"source": "x", "melanoma_sensitivity": "all"}], "elsewhere.0"),
        (("subgroups",), [{"by": "sex"}], "subgroups.0.group"),
        (("note",), "x" * 3000, "note: "),
    ],
)
def test_a_number_that_no_page_could_show(
    told: Path, keys: tuple[str | int, ...], value: Any, named: str
) -> None:
    change(told, *keys, value=value)
    with pytest.raises(BundleError, match="as lesionlab writes it") as caught:
        check_evaluation(told, CLASSES)
    assert named in str(caught.value)


@pytest.mark.parametrize("alone", [False, True])
def test_columns_that_nobody_reads_would_fill_the_memory(told: Path, alone: bool) -> None:
    path = told / "predictions.parquet"
    pd.read_parquet(path).assign(ballast=1.0).to_parquet(path)
    if alone:
        (told / "evaluation.json").unlink()
    with pytest.raises(BundleError, match="also has 'ballast'"):
        check_evaluation(told, CLASSES)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000])
def test_no_evaluation_at_all(told: Path, content: bytes) -> None:
    (told / "evaluation.json").write_bytes(content)
    with pytest.raises(BundleError, match="as lesionlab writes it"):
        check_evaluation(told, CLASSES)


def test_the_evaluation_of_another_model(told: Path) -> None:
    with pytest.raises(BundleError, match="of the classes nv, mel"):
        check_evaluation(told, ("nv", "mel"))


@pytest.mark.parametrize(
    ("change_of", "named"),
    [
        (lambda table: table.iloc[:-1], "It has 159 rows"),
        (lambda table: table.drop(columns="p_mel"), "cannot be read"),
        (lambda table: table.assign(p_mel="often"), "cannot be read"),
        (lambda table: table.assign(p_mel=1.5), "not from 0 to 1"),
        (lambda table: table.assign(p_mel=float("nan")), "not from 0 to 1"),
        (lambda table: table.assign(truth="wart"), "does not know"),
        (lambda table: table.assign(predicted=None), "does not know"),
    ],
)
def test_predictions_that_no_page_could_show(told: Path, change_of: Any, named: str) -> None:
    path = told / "predictions.parquet"
    change_of(pd.read_parquet(path)).to_parquet(path)
    with pytest.raises(BundleError, match=r"Expected predictions\.parquet") as caught:
        check_evaluation(told, CLASSES)
    assert named in str(caught.value)


def test_predictions_that_are_no_table(told: Path) -> None:
    (told / "predictions.parquet").write_bytes(b"PAR1")
    with pytest.raises(BundleError, match="cannot be read"):
        check_evaluation(told, CLASSES)


def test_at_the_door(tmp_path: Path) -> None:
    """A bundle whose files are all as they were written, and whose evaluation is nonsense."""
    bundle = tmp_path / "bundle"
    write_bundle(
        bundle,
        read_description(SHIPPED),
        read_weights(SHIPPED),
        read_history(SHIPPED),
        "# Card",
        {"evaluation.json": b'{"n": 5}'},
    )
    pack(bundle, tmp_path / "model.lesionlab")
    with pytest.raises(BundleError, match="as lesionlab writes it"):
        unpack(tmp_path / "model.lesionlab", tmp_path / "models" / "model")
    assert not (tmp_path / "models" / "model").exists()
