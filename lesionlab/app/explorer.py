"""The parts of the data explorer: bringing pictures in, the gallery, one picture."""

from __future__ import annotations

import html
import re
import secrets
import shutil
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pandas as pd
import streamlit as st

from lesionlab import settings
from lesionlab.app import caches, controls, pictures, theme
from lesionlab.app.desk import Desk
from lesionlab.app.gallery import gallery
from lesionlab.diagnoses import DIAGNOSES

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset

PAGE = 12
KEEP_SECONDS = 2 * 24 * 3600
FACTS = {
    "image_id": "Picture",
    "lesion_id": "Lesion",
    "patient_id": "Patient",
    "age": "Age in years",
    "sex": "Sex",
    "site": "Place on the body",
    "confirmed_by": "Confirmed by",
    "source": "Source",
}


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


def source_words(found: Dataset) -> None:
    """Size, licence and citation of a data set, and what its import left out."""
    lesions = found.table["lesion_id"].nunique()
    patients = found.table["patient_id"].nunique()
    facts = {
        "Pictures": f"{len(found):,}",
        "Lesions": f"{lesions:,}" if lesions else "not known",
        "Patients": f"{patients:,}" if patients else "not known",
        "Licence": found.licence or "not known: ask who made the pictures",
        "Please cite": found.citation or "not known",
    }
    rows = "".join(f"<dt>{k}</dt><dd>{html.escape(v)}</dd>" for k, v in facts.items())
    st.html(f'<dl class="ll-facts">{rows}</dl>')
    if found.left_out:
        with st.expander(f"What the import left out ({len(found.left_out)})"):
            st.markdown("\n".join(f"- {sentence}" for sentence in found.left_out[:200]))


def show_gallery(desk: Desk, found: Dataset) -> str:
    """Twelve pictures of a class at a time, of which one can be picked.

    Returns:
        The `image_id` of the picture in use.
    """
    rows = caches.class_rows(found)
    here = caches.row_of(found, desk.image)
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        code = st.pills(
            "Only one class",
            list(rows),
            key="gallery-class",
            wrap=True,
            format_func=theme.short_name,
            help="; ".join(theme.class_name(code) for code in rows),
            persist_state="session",
        )
    numbers = rows[code] if code in rows else caches.mixed_rows(found)
    pages = -(-len(numbers) // PAGE)
    with right:
        key = f"gallery-page-{found.name}-{code}"
        page = int(
            st.number_input(f"Page, 1 to {pages:,}", 1, pages, key=key, persist_state="session")
        )
    there = numbers[(page - 1) * PAGE : page * PAGE]
    if here is None:
        here = int(there[0])
    tiles = {}
    for row in there:
        code = str(found.table["diagnosis"].iat[row])
        image_id = str(found.table["image_id"].iat[row])
        with controls.sentences():
            small = caches.thumbnail(str(found.image_path(int(row))))
        tiles[image_id] = pictures.Tile(
            small,
            alt=f"{theme.class_name(code)}, picture {image_id}",
            caption=f"{theme.short_name(code)} · {image_id}",
            colour=theme.class_colour(code),
            chosen=bool(row == here),
        )
    gallery(tiles, key="gallery", picked=lambda image_id: desk.save(image=image_id))
    return str(found.table["image_id"].iat[here])


def show_facts(found: Dataset, image_id: str) -> None:
    """One picture, what is known of it, and what a dermoscopist looks for."""
    row = found.table.iloc[caches.row_of(found, image_id) or 0]
    code = str(row["diagnosis"])
    diagnosis = DIAGNOSES[code]
    with controls.sentences():
        pixels = caches.picture(found, image_id)
    left, right = st.columns([5, 6], gap="medium")
    with left:
        controls.picture(pixels, alt=f"{diagnosis.name}, picture {image_id}", longest=520)
    with right:
        kind = {True: "cancer or precursor", False: "benign", None: "unknown"}[diagnosis.malignant]
        facts = {FACTS[name]: _plain(row[name]) for name in FACTS if name in row}
        facts["Size"] = f"{pixels.shape[0]}×{pixels.shape[1]} pixels (height×width)"
        rows = "".join(
            f"<dt>{label}</dt><dd>{html.escape(text)}</dd>" for label, text in facts.items() if text
        )
        signs = "".join(f"<li>{html.escape(sign)}</li>" for sign in diagnosis.signs)
        looks = f"A dermoscopist looks for:<ul class='ll-signs'>{signs}</ul>" if signs else ""
        st.html(
            f'<p class="ll-class"><i style="background:{diagnosis.colour}"></i>'
            f"{html.escape(theme.class_name(code))} · {kind}</p>"
            f"<p>{html.escape(diagnosis.plain)}</p>{looks}"
            f'<dl class="ll-facts" style="margin-top:0.9rem">{rows}</dl>'
        )


def _plain(value: object) -> str:
    if value is None or value is pd.NA or value != value:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)
