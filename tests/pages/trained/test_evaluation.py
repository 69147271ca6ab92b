"""The Evaluation page: numbers, figures, the threshold, and asking for more."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from lesionlab.jobs import runs, store
from lesionlab.jobs.state import State, write_state

Show = Callable[..., AppTest]
PAGE = "pages/7_evaluation.py"


def text(test: AppTest) -> str:
    """What is read, without the marks that keep somebody else's words from being Markdown."""
    shown = " ".join([*(m.value for m in test.markdown), *(c.value for c in test.caption)])
    return shown.replace("\\", "")


def test_what_others_wrote_is_shown_as_it_stands(show: Show, finished_run: str) -> None:
    folder = runs.open_run(finished_run).folder
    report = json.loads((folder / "evaluation.json").read_text())
    picture = "![x](http://tracker.example/p.png)"
    report |= {"note": f"Look: {picture}", "data": f"mine {picture}"}
    (folder / "evaluation.json").write_text(json.dumps(report))
    test = show(PAGE, run=finished_run)
    said = [*(m.value for m in test.markdown), *(i.value for i in test.info)]
    assert sum("tracker.example" in words for words in said) == 2
    assert not any(picture in words for words in said)


def figures(test: AppTest) -> dict[str, Any]:
    found = {}
    for chart in test.get("plotly_chart"):
        words = chart.proto.alt
        found[words.split(".")[0]] = json.loads(chart.proto.spec)
    return found


def metric(test: AppTest, label: str) -> str:
    return next(one.value for one in test.metric if one.label == label)


def test_numbers_name_data_and_part(show: Show, finished_run: str) -> None:
    test = show(PAGE, run=finished_run)
    assert "Drawn lesions, small (synthetic), test part, 24 pictures" in text(test)
    # 8 of 24 answers are wrong by construction.
    assert metric(test, "Accuracy") == "67%"
    assert metric(test, "Balanced accuracy") == "67%"
    assert "reaches 12%" in text(test)


def test_every_figure_is_there(show: Show, finished_run: str) -> None:
    found = figures(show(PAGE, run=finished_run))
    confusion = found["Confusion matrix"]["data"][0]
    assert np.array(confusion["text"]).astype(int).sum() == 24
    roc = found["ROC curves, one a class"]["data"]
    assert len(roc) == 9 and all(trace["type"] == "scatter" for trace in roc)
    assert "How often it is right against how sure it is" in found


def test_counts_become_percent(show: Show, finished_run: str) -> None:
    test = show(PAGE, run=finished_run)
    unit = next(one for one in test.get("button_group") if one.key == "confusion-unit")
    unit.set_value("percent").run()
    confusion = figures(test)["Confusion matrix"]["data"][0]
    assert np.array(confusion["text"]).astype(int)[0].sum() == 100


def test_the_threshold_moves_the_counts(show: Show, finished_run: str) -> None:
    test = show(PAGE, run=finished_run)
    slider = next(one for one in test.slider if "suspicious" in one.label)
    assert slider.value == 40, "it starts at the model's own"
    slider.set_value(0).run()
    assert "Finds **12 of 12**" in text(test) and "raises **12**" in text(test)
    slider = next(one for one in test.slider if "suspicious" in one.label)
    slider.set_value(100).run()
    assert "Finds **0 of 12**" in text(test) and "misses **12**" in text(test)


def test_worst_mistakes_are_eight_thumbnails(show: Show, finished_run: str) -> None:
    grids = [h.proto.body for h in show(PAGE, run=finished_run).get("html")]
    assert sum(body.count('class="ll-tile') for body in grids) == 8


def test_evaluating_on_other_data_is_a_job(show: Show, finished_run: str, desk_id: str) -> None:
    test = show(PAGE, run=finished_run)
    next(one for one in test.button if one.label == "Evaluate").click().run()
    (job,) = store.list_jobs("evaluate")
    assert job.spec == {"model": finished_run, "data": "synthetic-small"}
    assert job.desk == desk_id


def test_a_new_evaluation_comes_up_by_itself(show: Show, finished_run: str) -> None:
    test = show(PAGE, run=finished_run)
    next(one for one in test.button if one.label == "Evaluate").click().run()
    (job,) = store.list_jobs("evaluate")
    source = runs.open_run(finished_run).folder
    report = json.loads((source / "evaluation.json").read_text()) | {"part": "all", "n": 99}
    (job.folder / "evaluation.json").write_text(json.dumps(report))
    shutil.copyfile(source / "predictions.parquet", job.folder / "predictions.parquet")
    write_state(job, State("done", 1.0))
    test.run()
    assert "Drawn lesions, small (synthetic), all pictures, 99 pictures" in text(test)
    choice = next(one for one in test.selectbox if one.label == "Evaluated on")
    assert len(choice.options) == 2
    choice.set_value(choice.options[0]).run()
    assert "Drawn lesions, small (synthetic), test part, 24 pictures" in text(test)


def test_a_model_that_was_never_evaluated_offers_it(show: Show, finished_run: str) -> None:
    folder = runs.open_run(finished_run).folder
    (folder / "evaluation.json").unlink()
    test = show(PAGE, run=finished_run)
    assert "has not been evaluated" in text(test)
    assert any(one.label == "Evaluate" for one in test.button)
    assert not test.metric


def test_without_predictions_the_numbers_stay(show: Show, finished_run: str) -> None:
    (runs.open_run(finished_run).folder / "predictions.parquet").unlink()
    test = show(PAGE, run=finished_run)
    assert metric(test, "Accuracy") == "67%"
    assert "did not travel" in text(test)
    assert not test.slider


def test_groups_are_shown_where_they_were_scored(show: Show, finished_run: str) -> None:
    assert "By" not in [one.label for one in show(PAGE, run=finished_run).get("button_group")]
    path = runs.open_run(finished_run).folder / "evaluation.json"
    report = json.loads(path.read_text())
    rows = [
        {"by": "sex", "group": "female", "n": 90, "num_melanomas": 2, "balanced_accuracy": 0.8},
        {"by": "site", "group": "ear", "n": 7, "num_melanomas": 1},
    ]
    tried = {"source": "old slides", "num": 439, "num_melanomas": 67, "balanced_accuracy": 0.6}
    path.write_text(json.dumps(report | {"subgroups": rows, "elsewhere": [tried]}))
    test = show(PAGE, run=finished_run)
    assert "Lowest: female with 0.80" in text(test)
    by = next(one for one in test.get("button_group") if one.key == "for-whom-by")
    by.set_value("site").run()
    assert "Too few pictures to say: ear (7)." in text(test)
    by = next(one for one in test.get("button_group") if one.key == "for-whom-by")
    by.set_value("elsewhere").run()
    assert "Lowest: old slides with 0.60" in text(test) and "tried on that one" in text(test)


def test_mistakes_on_pictures_that_are_elsewhere_are_told(show: Show, finished_run: str) -> None:
    path = runs.open_run(finished_run).folder / "evaluation.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"data": "somewhere-else"}))
    test = show(PAGE, run=finished_run)
    assert "The pictures themselves are not here" in text(test) and not test.error
