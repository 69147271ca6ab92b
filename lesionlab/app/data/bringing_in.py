"""Bringing pictures in: from an archive, or drawn by the program; each as a job."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

import streamlit as st

from lesionlab import settings
from lesionlab.app import controls
from lesionlab.app.desk import Desk

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset

KEEP_SECONDS = 2 * 24 * 3600


def show(desk: Desk, found: Dataset) -> None:
    """What stands beside the choice of a data set."""
    with st.popover("Bring in pictures", icon=":material/add_photo_alternate:"):
        bring_in(desk)


def bring_in(desk: Desk) -> None:
    """Upload an archive and import it, or draw a set; each as a job."""
    from lesionlab.jobs import store

    st.markdown("**A zip with a folder for each class**, or with a table `labels.csv`.")
    upload = st.file_uploader("Zip archive", type=["zip"], key="archive")
    suggested = re.sub(r"[^a-z0-9]+", "-", upload.name.lower()[:-4]).strip("-") if upload else ""
    name = st.text_input(
        "Name of the new data set", key=controls.bind_once("archive-name", suggested, suggested)
    )
    ham = st.toggle("It has HAM10000's layout", key="archive-ham")
    if st.button("Import", type="primary", disabled=upload is None or not name, key="import"):
        with controls.sentences():
            path = _keep_upload(upload, name)
            kind = "ham10000" if ham else "zip"
            wanted = {"source": kind, "path": str(path), "name": name}
            store.submit("import-data", wanted, desk.id, name)
        st.rerun()
    st.markdown("**Or let the program draw more.**")
    many = st.number_input("Pictures of each class", 10, 1000, 100, step=10, key="draw-many")
    seed = st.number_input("Seed: another one, other pictures", 0, 10_000, 1, key="draw-seed")
    if st.button("Draw them", key="draw"):
        new = f"drawn-{many}-{seed}"
        spec = {"name": new, "per_class": int(many), "size": [450, 600], "seed": int(seed)}
        with controls.sentences():
            store.submit("synthesize", spec, desk.id, new)
        st.rerun()


def _keep_upload(upload: IO[bytes] | None, name: str) -> Path:
    """Write an uploaded archive to where its job finds it, and forget those of past days.

    Raises:
        DataError: The name cannot be used. DiskError: The disk is full.
    """
    from lesionlab.data.store import check_name
    from lesionlab.files import replacing

    check_name(name)
    folder = settings.current().home / "uploads"
    for old in folder.glob("*.zip"):
        if time.time() - old.stat().st_mtime > KEEP_SECONDS:
            old.unlink(missing_ok=True)
    path = folder / f"{secrets.token_hex(8)}.zip"
    with replacing(path) as temporary, temporary.open("wb") as file:
        if upload is not None:
            upload.seek(0)
            shutil.copyfileobj(upload, file)
    return path
