"""The Predict page: examples, uploads, the rule of the drawn model, careful words."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lesionlab.app.desk import open_desk
from lesionlab.data.ownership import owner_of
from lesionlab.errors import DiskError
from lesionlab.jobs import runs, store
from lesionlab.jobs.state import State, now, write_state
from lesionlab.models.locate import import_model, list_models
from lesionlab.service.predicting import ONLY_DRAWINGS

Show = Callable[..., AppTest]
Asked = list[tuple[str, bool]]
PAGE = "pages/8_predict.py"


def text(test: AppTest) -> str:
    return " ".join([*(m.value for m in test.markdown), *(c.value for c in test.caption)])


def png(side: int = 120) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((side, side, 3), 90, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def upload(test: AppTest, content: bytes) -> AppTest:
    source = next(one for one in test.get("button_group") if one.key == "predict-source")
    source.set_value("own").run()
    uploader = next(one for one in test.get("file_uploader") if one.key == "predict-upload")
    # What the gate would refuse is not sent first.
    assert uploader.proto.max_upload_size_mb == 30
    uploader.set_value(("spot.png", content, "image/png")).run()
    assert not test.exception, test.exception
    return test


def test_a_drawn_example_gets_an_answer(show: Show, finished_run: str, answers: Asked) -> None:
    test = show(PAGE, run=finished_run)
    assert answers == [(finished_run, True)], "the tick of a drawn data set's picture is set"
    words = text(test)
    assert "most like **melanoma**" in words and "**92%**" in words
    assert "above this model's threshold of 40%" in words
    assert "104 drawn pictures" in words and "33 of 100" in words
    assert "The picture is dark." in words
    assert "not a medical device" in words
    assert "**test part**" in words or "**training part**" in words
    (bars,) = test.get("plotly_chart")
    assert "Melanoma (MEL) 86%" in bars.proto.alt


def test_a_drawn_model_judges_no_photograph_until_it_is_ticked(
    show: Show, finished_run: str, answers: Asked
) -> None:
    test = upload(show(PAGE, run=finished_run), png())
    assert answers[-1][1] is False
    assert [one.value for one in test.warning] == [ONLY_DRAWINGS]
    assert not test.get("plotly_chart")
    (tick,) = test.checkbox
    assert tick.label == "This is a drawn example"
    tick.check().run()
    assert answers[-1][1] is True
    assert test.get("plotly_chart") and not test.warning
    # What was said of this picture is not said of the next one.
    upload(test, png(110))
    assert answers[-1][1] is False
    assert [one.value for one in test.warning] == [ONLY_DRAWINGS]


def test_misses_stand_beside_the_answer(
    show: Show, finished_run: str, answers: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Of 100 drawn pictures of cancer or a precursor" in text(show(PAGE, run=finished_run))
    folder = runs.open_run(finished_run).folder
    report = json.loads((folder / "evaluation.json").read_text())
    cases = {"mel": {"n": 20, "num_missed": 5}}
    alarm = {"cases": cases, "num_harmless": 40, "num_false": 10}
    (folder / "evaluation.json").write_text(json.dumps(report | {"alarm": alarm}))
    test = show(PAGE, run=finished_run)
    assert "of melanoma that it had never seen, it missed about **25**" in text(test)
    assert "Of 100 drawn pictures of something harmless" in text(test)
    assert any("25 of 100 dots are full" in block.proto.body for block in test.get("html"))
    (folder / "evaluation.json").write_text(json.dumps(report | {"alarm": None}))
    assert "Nobody has measured this" in text(show(PAGE, run=finished_run))


def test_the_card_of_a_model_from_elsewhere_is_plain_text(
    show: Show, finished_run: str, answers: Asked
) -> None:
    words = "# Its card\n\n![](http://elsewhere.example/picture.png)\n"
    (runs.open_run(finished_run).folder / "card.md").write_text(words)
    test = show(PAGE, run=finished_run)
    assert words.strip() in [block.value for block in test.code]
    assert "elsewhere.example" not in text(test)


def test_the_card_of_a_shipped_model_is_laid_out(show: Show, answers: Asked) -> None:
    test = show(PAGE, run="synthetic-small")
    assert "#### What it has seen" in text(test) and "not a medical device" in text(test)


def test_an_upload_stays_when_another_page_is_opened(
    show: Show, finished_run: str, answers: Asked
) -> None:
    test = upload(show(PAGE, run=finished_run), png())
    test.switch_page("streamlit_app.py").run()
    test.switch_page(PAGE).run()
    assert any("spot.png" in html.proto.body for html in test.get("html"))


def test_an_unreadable_file_is_a_sentence(show: Show, finished_run: str, answers: Asked) -> None:
    test = upload(show(PAGE, run=finished_run), b"no picture at all")
    assert len(test.error) == 1
    assert len(answers) == 1, "only the example was asked about"


def test_the_heat_map_can_be_put_away(show: Show, finished_run: str, answers: Asked) -> None:
    test = show(PAGE, run=finished_run)
    assert any("heat map that is brightest" in html.proto.body for html in test.get("html"))
    test.toggle(key="heat-map").set_value(False).run()
    assert not any("heat map that is brightest" in html.proto.body for html in test.get("html"))


def test_a_model_file_becomes_a_job(show: Show, finished_run: str, answers: Asked) -> None:
    test = show(PAGE, run=finished_run)
    file = next(one for one in test.get("file_uploader") if one.key == "model-file")
    file.set_value(("mine.lesionlab", b"zip", "application/zip")).run()
    next(one for one in test.button if one.label == "Bring it in").click().run()
    (job,) = store.list_jobs("import-model")
    assert job.name == "mine.lesionlab"
    assert Path(job.spec["path"]).read_bytes() == b"zip"


def test_a_model_is_deleted_by_who_brought_it_in(
    show: Show, finished_run: str, answers: Asked, desk_id: str
) -> None:
    folder = runs.open_run(finished_run).folder / "model"
    name = import_model(folder, "mine", owner=owner_of(desk_id))
    other = show(PAGE, desk="cd" * 12)
    assert "delete-model" not in [button.key for button in other.button]
    test = show(PAGE)
    test.selectbox(key="choose-result").select(name).run()
    test.button(key="delete-model").click().run()
    assert not test.exception
    assert open_desk(desk_id).run is None
    assert name not in [info.reference for info in list_models()]


def test_an_import_that_failed_on_a_full_disk_is_tried_again(
    show: Show, finished_run: str, answers: Asked
) -> None:
    test = show(PAGE, run=finished_run)
    file = next(one for one in test.get("file_uploader") if one.key == "model-file")
    file.set_value(("mine.lesionlab", b"zip", "application/zip")).run()
    next(one for one in test.button if one.label == "Bring it in").click().run()
    (job,) = store.list_jobs("import-model")
    full = DiskError("The disk is full.").to_dict()
    write_state(job, State("failed", 0.1, "The disk is full.", finished=now(), error=full))
    test.run()
    test.button(key="import-model-again").click().run()
    assert not test.exception
    assert store.read_state(job).status == "queued"
    # Without its file there is nothing to try.
    write_state(job, State("failed", 0.1, "The disk is full.", finished=now(), error=full))
    Path(job.spec["path"]).unlink()
    test.run()
    assert "import-model-again" not in [button.key for button in test.button]
