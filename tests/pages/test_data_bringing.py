"""Data explorer: bringing pictures in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from lesionlab.jobs import store

PAGE = "pages/1_data_explorer.py"
Show = Callable[..., AppTest]


def test_drawing_more_is_a_job(show: Show, desk_id: str) -> None:
    test = show(PAGE)
    test.number_input(key="draw-many").set_value(20)
    test.button(key="draw").click().run()
    (job,) = store.list_jobs("synthesize")
    assert (job.spec["per_class"], job.desk) == (20, desk_id)
    assert store.read_state(job).status == "queued"
    assert any(job.name in str(bar.proto.text) for bar in test.get("progress"))
    test.button(key=f"cancel-{job.id}").click().run()
    assert job.cancel_file.exists()


def test_an_archive_is_imported_by_a_job(show: Show, home: Path, desk_id: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("nv/a.png", b"x")
    test = show(PAGE)
    test.get("file_uploader")[0].set_value(("My Moles.zip", buffer.getvalue(), "application/zip"))
    test.run()
    assert test.text_input(key="archive-name").value == "my-moles"
    test.button(key="import").click().run()
    (job,) = store.list_jobs("import-data")
    assert (job.spec["source"], job.spec["name"], job.desk) == ("zip", "my-moles", desk_id)
    assert Path(job.spec["path"]).read_bytes() == buffer.getvalue()
    assert Path(job.spec["path"]).is_relative_to(home)
