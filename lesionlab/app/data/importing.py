"""Importing an archive or a folder of the server: look at it first, then ask for the job."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import streamlit as st

from lesionlab import settings
from lesionlab.app import controls
from lesionlab.app.data import inspecting
from lesionlab.app.desk import Desk

UPLOADED = "bring-uploaded"


def archive_form(desk: Desk) -> bool:
    """Upload a zip archive; gives True once its import was asked for."""
    st.markdown(
        "A **zip archive** with a folder for each class, with a table beside its pictures, or a "
        "public set as you downloaded it."
    )
    upload = st.file_uploader("Zip archive", type=["zip"], key="archive")
    if upload is None:
        return False
    suggested = _plain(upload.name[:-4])
    with controls.sentences():
        path = _kept(upload, suggested, desk)
    return _ask(path, suggested, desk)


def server_form(desk: Desk) -> bool:
    """Name a folder of the server; gives True once its import was asked for."""
    from lesionlab.data.ownership import server_path

    roots = settings.current().import_roots
    st.markdown(
        "A folder or a zip archive that lies on the server, below "
        + " or ".join(f"`{root}`" for root in roots)
        + "."
    )
    text = st.text_input("Its whole path", key="server-path", placeholder=f"{roots[0]}/…")
    if not text.strip():
        return False
    with controls.sentences():
        path = server_path(text.strip(), desk.id)
    return _ask(path, _plain(path.stem), desk)


def _plain(name: str) -> str:
    """A name for the data set that comes from a file or a folder of this name."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:60].strip("-")


def _kept(upload: Any, name: str, desk: Desk) -> Path:
    """Write an uploaded archive once to where its job will find it.

    Args:
        name: A part of the file's name, so that sentences about it say which one is meant.

    Raises:
        DiskError: The disk is full, or the desk has no room for it.
    """
    from lesionlab.data import quota
    from lesionlab.data.ownership import new_upload
    from lesionlab.files import replacing

    known = st.session_state.get(UPLOADED)
    if known is not None and known[0] == upload.file_id and known[1].is_file():
        return Path(known[1])
    if known is not None:
        _forget(known[1])
    _forget_left(desk)
    quota.check(desk.id, upload.size)
    path = new_upload(desk.id, f"-{name}.zip")
    upload.seek(0)
    with replacing(path) as temporary, temporary.open("wb") as file:
        shutil.copyfileobj(upload, file)
    st.session_state[UPLOADED] = (upload.file_id, path)
    return path


def _forget_left(desk: Desk) -> None:
    """Take away what this desk has uploaded and left: the page was closed or drawn anew.

    The form of another tab that is still open writes its archive once more, when it needs it.
    """
    from lesionlab.data.ownership import upload_folder
    from lesionlab.jobs import store

    wanted = {job.spec.get("path") for job in store.list_jobs() if job.desk == desk.id}
    for path in upload_folder(desk.id).glob("[!.]*.zip"):
        if str(path) not in wanted:
            _forget(path)


def _forget(path: Path) -> None:
    from lesionlab.files import forget_upload

    forget_upload(path)


def forget_unused() -> None:
    """Take an upload away whose import was never asked for."""
    known = st.session_state.pop(UPLOADED, None)
    if known is not None:
        _forget(known[1])


def _ask(path: Path, suggested: str, desk: Desk) -> bool:
    """Say what was found, let the reader say how to read it, and ask for the import."""
    from lesionlab.data.quota import in_words
    from lesionlab.data.sources.known import KNOWN
    from lesionlab.jobs import store

    with controls.sentences():
        found = inspecting.inspect(path)
    kinds = inspecting.readable_kinds(found)
    st.markdown(f"**{found.num_pictures:,} pictures**, {in_words(found.num_bytes)} in all.")
    kind = st.selectbox(
        "How to read it",
        list(kinds),
        key=controls.bind_once("import-kind", next(iter(kinds)), str(path)),
        format_func=lambda one: kinds[one],
    )
    if kind in KNOWN and KNOWN[kind].unverified:
        st.caption(f"Not all of this layout could be checked: {KNOWN[kind].unverified}")
    columns = _columns(found, path) if kind == "table" else {}
    name = st.text_input(
        "Name of the new data set", key=controls.bind_once("archive-name", suggested, suggested)
    )
    st.caption("It will belong to your desk: nobody else sees it unless you share it.")
    if not st.button("Import", type="primary", disabled=not name, key="import"):
        return False
    with controls.sentences():
        from lesionlab.data.store import check_name

        spec = {"source": kind, "path": str(path), "name": check_name(name, desk.id), **columns}
        store.submit("import-data", spec, desk.id, name)
    st.session_state.pop(UPLOADED, None)
    return True


def _columns(found: inspecting.Inspection, path: Path) -> dict[str, str]:
    """The choice of the columns, with the first rows and what each diagnosis becomes."""
    if found.preview is None:
        st.warning("There is no table in it, or several and none is called labels.csv.")
        return {}
    table = found.preview
    st.dataframe(table.rows, hide_index=True, height="content")
    st.caption(f"The first of {table.num_rows:,} rows.")
    left, right = st.columns(2)
    names = list(table.columns)
    with left:
        guess = table.label_guess
        label = st.selectbox(
            "Column with the diagnosis",
            names,
            index=names.index(guess) if guess in names else None,
            key=f"label-column-{path.name}",
            placeholder="a column a class" if table.classes else "choose one",
        )
    with right:
        guess = table.file_guess
        file = st.selectbox(
            "Column with the picture's file",
            names,
            index=names.index(guess) if guess in names else None,
            key=f"file-column-{path.name}",
        )
    counted = inspecting.preview(path, label) if label else None
    if counted is not None and counted.label_counts:
        st.dataframe(
            inspecting.meanings(counted.label_counts), hide_index=True, height=min(38 * 8, 320)
        )
    chosen = {"label_column": label, "file_column": file}
    return {key: value for key, value in chosen.items() if value}
