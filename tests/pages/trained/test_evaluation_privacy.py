"""The Evaluation page: what belongs to another desk stays there."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lesionlab.app import evaluation_parts, evaluations
from lesionlab.app.desk import open_desk
from lesionlab.data.import_set import import_dataset
from lesionlab.data.store import delete_dataset, share_dataset
from lesionlab.errors import DataError
from lesionlab.files import read_json, write_json
from lesionlab.jobs import runs, store
from lesionlab.jobs.results import Result
from lesionlab.jobs.state import State, write_state
from lesionlab.task import QuietTask

Show = Callable[..., AppTest]
PAGE = "pages/7_evaluation.py"
OTHER = "cd" * 12
RED, BLUE = (200, 20, 20), (20, 20, 200)


def everything(test: AppTest) -> str:
    """All words of a page, with the options of its lists."""
    shown = [*test.markdown, *test.caption, *test.error, *test.warning, *test.info]
    words = [str(element.value) for element in shown]
    words += [str(option) for box in test.selectbox for option in box.options]
    words += [str(bar.proto.text) for bar in test.get("progress")]
    return " ".join([*words, *(part.proto.body for part in test.get("html"))])


def private_set(home: Path, name: str, owner: str, colour: tuple[int, int, int] = RED) -> None:
    """A set of 4 pictures of one colour, 2 a class."""
    source = home / f"{name}-source"
    for code in ("nv", "mel"):
        (source / code).mkdir(parents=True)
        for number in range(2):
            pixels = np.full((60 + number, 80, 3), colour, np.uint8)
            Image.fromarray(pixels).save(source / code / f"{code}{number}.png")
    import_dataset("folder", source, name, owner_desk=owner, task=QuietTask(home))


def evaluated(run: str, desk: str, data: str, **report: object) -> store.Job:
    """An evaluation of a run on a data set that a desk has asked for, finished."""
    job = store.submit("evaluate", {"model": run, "data": data}, desk, "evaluate")
    source = runs.open_run(run).folder
    words = {**read_json(source / "evaluation.json"), "data": data, "part": "all", **report}
    write_json(job.folder / "evaluation.json", words)
    shutil.copyfile(source / "predictions.parquet", job.folder / "predictions.parquet")
    write_state(job, State("done", 1.0))
    return job


def tiles(test: AppTest) -> int:
    return sum(part.proto.body.count('class="ll-tile') for part in test.get("html"))


def test_evaluations_on_sets_of_another_desk_are_not_listed(
    show: Show, finished_run: str, home: Path, desk_id: str
) -> None:
    private_set(home, "secret-clinic", OTHER)
    evaluated(finished_run, OTHER, "secret-clinic")
    seen = show(PAGE, run=finished_run)
    assert "secret-clinic" not in everything(seen)
    assert not any(one.label == "Evaluated on" for one in seen.selectbox)
    own = show(PAGE, desk=OTHER, run=finished_run)
    assert "secret-clinic" in everything(own)


def test_the_failure_of_another_desks_evaluation_is_not_told(
    show: Show, finished_run: str, home: Path
) -> None:
    private_set(home, "secret-clinic", OTHER)
    job = store.submit("evaluate", {"model": finished_run, "data": "gone"}, OTHER, "evaluate")
    error = DataError("Expected the name of a data set.", "There are: secret-clinic.")
    write_state(job, State("failed", error=error.to_dict()))
    assert "secret-clinic" not in everything(show(PAGE, run=finished_run))
    assert "secret-clinic" in everything(show(PAGE, desk=OTHER, run=finished_run))


def test_the_title_of_another_desks_set_is_not_told(
    show: Show, finished_run: str, home: Path, desk_id: str
) -> None:
    """A run may be opened by its link; what its set is called is its owner's."""
    private_set(home, "mine", desk_id)
    description = home / "datasets" / "mine" / "dataset.json"
    write_json(description, {**read_json(description), "title": "Ward seven"})
    folder = runs.open_run(finished_run).folder
    report = json.loads((folder / "evaluation.json").read_text()) | {"data": "mine"}
    (folder / "evaluation.json").write_text(json.dumps(report))
    assert "Ward seven" in everything(show(PAGE, run=finished_run))
    assert "Ward seven" not in everything(show(PAGE, desk=OTHER, run=finished_run))


@pytest.mark.parametrize("absolute", [False, True])
def test_predictions_show_no_picture_from_outside_their_set(
    show: Show, finished_run: str, home: Path, absolute: bool
) -> None:
    """A model that somebody brings in has predictions of its own, and may name any path."""
    assert tiles(show(PAGE, run=finished_run)) == 8
    private_set(home, "secret-clinic", OTHER)
    target = next((home / "datasets" / "secret-clinic" / "images").iterdir())
    path = runs.open_run(finished_run).folder / "predictions.parquet"
    table = pd.read_parquet(path)
    table["path"] = str(target) if absolute else "../" * 30 + str(target).lstrip("/")
    table.to_parquet(path)
    assert tiles(show(PAGE, run=finished_run)) == 0


def test_pictures_of_a_set_that_is_gone_do_not_come_up_again(
    show: Show, finished_run: str, home: Path, desk_id: str
) -> None:
    """The same name and the same file names, another desk and other pictures."""

    def first_tile(desk: str) -> str:
        test = show(PAGE, desk=desk, run=finished_run)
        found = re.findall(r'<img[^>]* src="([^"]+)"', everything(test).split("ll-tile", 1)[1])
        return str(found[0])

    path = runs.open_run(finished_run).folder
    private_set(home, "clinic", OTHER, RED)
    table = pd.read_parquet(home / "datasets" / "clinic" / "table.parquet")
    wrong = pd.read_parquet(path / "predictions.parquet")
    wrong = wrong[wrong["truth"] != wrong["predicted"]].iloc[:1]
    wrong = wrong.assign(image_id=str(table["image_id"][0]), path=str(table["path"][0]))
    wrong.to_parquet(path / "predictions.parquet")
    write_json(path / "evaluation.json", {**read_json(path / "evaluation.json"), "data": "clinic"})
    red = first_tile(OTHER)
    delete_dataset("clinic", OTHER)
    shutil.rmtree(home / "clinic-source")
    private_set(home, "clinic", desk_id, BLUE)
    assert first_tile(desk_id) != red
    share_dataset("clinic", desk_id)
    assert first_tile(OTHER) != red


def test_names_of_another_desks_photographs_are_not_taken_away(
    finished_run: str, desk_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def columns(desk: str) -> set[str]:
        found = evaluations.open_evaluated(finished_run, None)
        table = evaluation_parts.to_take_away(found, finished_run, open_desk(desk))
        assert table is not None
        return {"image_id", "path", "truth"} & set(table.columns)

    assert columns(OTHER) == {"image_id", "path", "truth"}, "those of drawings are nobody's"
    monkeypatch.setattr(Result, "drawn", False)
    assert columns(OTHER) == {"truth"}
    assert columns(desk_id) == {"image_id", "path", "truth"}
