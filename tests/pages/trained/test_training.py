"""The Training page: start, watch, cancel, resume, rename, delete, hand out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lesionlab.app.desk import open_desk
from lesionlab.jobs import runs, store
from lesionlab.jobs.state import State, write_state

Show = Callable[..., AppTest]
PAGE = "pages/5_training.py"


def text(test: AppTest) -> str:
    return " ".join([*(m.value for m in test.markdown), *(c.value for c in test.caption)])


def charts(test: AppTest) -> dict[str, list[dict[str, Any]]]:
    """Alternative text of each Plotly figure -> its traces."""
    found = {}
    for chart in test.get("plotly_chart"):
        found[chart.proto.alt] = json.loads(chart.proto.spec)["data"]
    return found


def button(test: AppTest, label: str) -> Any:
    return next(one for one in test.button if one.label == label)


def test_without_a_run_it_says_what_to_press(show: Show) -> None:
    test = show(PAGE)
    assert "No run yet" in text(test)
    assert "mobilenetv2" in text(test), "the draft stands there in a sentence"
    assert not test.get("plotly_chart")


def test_start_queues_the_draft_and_shows_its_place(show: Show, desk_id: str) -> None:
    test = show(PAGE)
    button(test, "Start training").click().run()
    assert not test.exception
    (run,) = runs.list_runs(desk_id)
    assert run.experiment == open_desk(desk_id).draft
    assert open_desk(desk_id).run == run.id
    assert run.state.status == "queued"
    # AppTest knows no progress bars: their words are in the protocol.
    bars = [element.proto.text for element in test.get("progress")]
    assert any("1st in line" in words for words in bars)


def test_what_is_trained_is_the_set_that_is_shown(show: Show, tiny_set: Path, desk_id: str) -> None:
    # As another version may have left a desk: its set and its draft are of two minds.
    open_desk(desk_id).save(dataset="tiny")
    test = show(PAGE)
    assert "*tiny*" in text(test)
    button(test, "Start training").click().run()
    (run,) = runs.list_runs(desk_id)
    assert run.experiment.data.name == "tiny"


def test_a_second_run_waits_second(show: Show, desk_id: str) -> None:
    store.submit("train", {}, "cd" * 12, "theirs")
    test = show(PAGE)
    button(test, "Start training").click().run()
    assert any("2nd in line" in element.proto.text for element in test.get("progress"))


def test_curves_and_verdict_of_a_finished_run(show: Show, finished_run: str) -> None:
    test = show(PAGE, run=finished_run)
    drawn = charts(test)
    assert len(drawn) == 2
    loss = next(traces for alt, traces in drawn.items() if alt.startswith("Loss"))
    assert [trace["name"] for trace in loss][:3] == [
        "Training, each batch",
        "Training, smoothed",
        "Validation",
    ]
    assert "epoch 2 of 3" in text(test)
    assert "It starts." in text(test), "what the training notes about itself"
    (axis,) = (one for one in test.get("button_group") if "curves" in one.label)
    axis.set_value("epoch").run()
    assert not test.exception
    loss = next(traces for alt, traces in charts(test).items() if alt.startswith("Loss"))
    assert loss[0]["name"] == "Training, mean of the epoch"
    assert loss[1]["name"] == "Validation"


def test_cancel_is_asked_for(show: Show, desk_id: str) -> None:
    test = show(PAGE)
    button(test, "Start training").click().run()
    button(test, "Cancel").click().run()
    (run,) = runs.list_runs(desk_id)
    assert run.job.cancel_asked


def test_an_interrupted_run_can_be_resumed(show: Show, unfinished_run: str) -> None:
    test = show(PAGE, run=unfinished_run)
    assert "Interrupted" in text(test)
    button(test, "Resume").click().run()
    assert runs.open_run(unfinished_run).state.status == "queued"


def test_a_failed_run_says_why(show: Show, unfinished_run: str) -> None:
    words = {"error": "TrainingError", "expected": "The loss was no number.", "received": "nan"}
    job = store.open_job(unfinished_run)
    write_state(job, State("failed", 0.5, "Failed", error={**words, "what_to_do": "Go slower."}))
    test = show(PAGE, run=unfinished_run)
    assert any("Go slower." in error.value for error in test.error)
    assert not [one for one in test.button if one.label == "Resume"], "it would fail again"


def test_rename_and_delete(show: Show, finished_run: str, desk_id: str) -> None:
    test = show(PAGE, run=finished_run)
    next(one for one in test.text_input if one.label == "New name").set_value("my best")
    button(test, "Rename").click().run()
    assert runs.open_run(finished_run).name == "my best"
    button(test, "Delete it").click().run()
    assert not test.exception
    assert runs.list_runs(desk_id) == []
    assert open_desk(desk_id).run != finished_run


def test_a_link_shows_the_run_to_others_who_cannot_change_it(show: Show, finished_run: str) -> None:
    test = show(PAGE, desk="ef" * 12, run=finished_run)
    assert "epoch 2 of 3" in text(test)
    assert "another desk" in text(test)
    labels = {one.label for one in test.button}
    assert not labels & {"Rename", "Delete it", "Cancel", "Resume"}
    link = next(code.value for code in test.code if "run=" in code.value)
    assert link.endswith(f"?run={finished_run}") and "desk" not in link


def test_too_few_pictures_are_told_before_anything_starts(
    show: Show, desk_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(desk_id)
    data = desk.draft.data.model_copy(update={"per_class": 2})
    desk.save(draft=desk.draft.model_copy(update={"data": data}))
    test = show(PAGE)
    button(test, "Start training").click().run()
    assert test.error and not test.exception
    assert runs.list_runs(desk_id) == []
