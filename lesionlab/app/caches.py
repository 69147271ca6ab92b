"""What pages ask for again and again, kept between reruns: bounded, and keyed by content.

Names alone would lie: a data set may be deleted and made again under its old name, and another
home folder may hold another one. So every key carries a stamp of the files behind it.
"""

from __future__ import annotations

import threading
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from lesionlab import settings
from lesionlab.errors import DataError

if TYPE_CHECKING:  # pages load these rooms only when they need them
    from lesionlab.data.dataset import Dataset
    from lesionlab.data.split import Split, SplitPlan
    from lesionlab.data.store import DatasetInfo
    from lesionlab.images.preprocess import Preprocessing


# Rows from which ids are numbered ahead.
LARGE = 200_000


def stamp(*paths: Path) -> str:
    """When these files or folders changed last; another text whenever one is written."""
    marks = []
    for path in paths:
        try:
            found = path.stat()
            marks.append(f"{path}:{found.st_mtime_ns}:{found.st_size}")
        except FileNotFoundError:
            marks.append(f"{path}:none")
    return "|".join(marks)


def datasets(desk_id: str | None = None) -> list[DatasetInfo]:
    """The data sets that a desk may use; every one of this server when None."""
    found = _datasets(stamp(settings.current().datasets))
    return [info for info in found if info.seen_by(desk_id)]


@st.cache_data(show_spinner=False, max_entries=8, ttl=60)
def _datasets(key: str) -> list[DatasetInfo]:
    from lesionlab.data import store

    return list(store.list_datasets())


def dataset_titles(desk_id: str | None = None) -> dict[str, str]:
    """As `datasets`, as lists call them: name -> title, with the name where it says more."""
    found = datasets(desk_id)
    times = Counter(info.title for info in found)
    return {
        info.name: info.title
        if info.name in ("synthetic", info.title.lower()) or (info.drawn and times[info.title] == 1)
        else f"{info.title} ({info.name})"
        for info in found
    }


def dataset(name: str, desk_id: str | None) -> Dataset:
    """An opened data set. Shared by all readers, so its table must not be changed.

    Args:
        desk_id: Who asks; None only for what the server itself does.

    Raises:
        DataError: There is none of this name that this desk may use.
    """
    if all(info.name != name for info in datasets(desk_id)):
        from lesionlab.data import store

        # Either a name that another set stands in for, or the sentence that lists the others.
        return store.open_dataset(name, desk_id)
    folder = settings.current().datasets
    return _dataset(name, stamp(folder / name / "dataset.json", folder / name / "table.parquet"))


@st.cache_resource(show_spinner="Opening the data set …", max_entries=8)
def _dataset(name: str, key: str) -> Dataset:
    from lesionlab.data import store

    found = store.open_dataset(name)
    if len(found) >= LARGE:
        # Nearly a second's work, done while the reader still looks at something else.
        threading.Thread(target=numbered, args=(found,), daemon=True).start()
    return found


# What follows is keyed by the opened data set itself: two sets may hold the same pictures under
# other labels, and hashing a table takes longer than what is saved.
def labelled(found: Dataset, class_set: str, per_class: int | None, seed: int = 0) -> Dataset:
    """What one deals out and counts: a `label` column, at most `per_class` pictures of each class.

    Its ids are numbers and `row` is the place in the table of `found`, so that of a million
    pictures it takes some 30 MB (see data.dataset.with_numbered_ids).

    Raises:
        DataError: No picture has a place in the class set.
    """
    return _labelled(found, class_set, per_class, seed if per_class is not None else 0)


@lru_cache(maxsize=8)
def _labelled(found: Dataset, class_set: str, per_class: int | None, seed: int) -> Dataset:
    from lesionlab.data.dataset import for_classes

    return for_classes(numbered(found), class_set, per_class, seed)


def numbered(found: Dataset) -> Dataset:
    """The same pictures with whole numbers for their ids (see data.dataset.with_numbered_ids)."""
    with _numbering:  # not twice at a time
        return _numbered_once(found)


_numbering = threading.Lock()


@lru_cache(maxsize=4)
def _numbered_once(found: Dataset) -> Dataset:
    from lesionlab.data.dataset import with_numbered_ids

    return with_numbered_ids(found)


# A byte a picture each: 32 MB of a million pictures.
@lru_cache(maxsize=32)
def split_of(found: Dataset, plan: SplitPlan) -> Split:
    """The parts of a labelled data set; proven to have no group in two parts when it is made.

    Raises:
        DataError: A class has too few groups to be dealt out.
    """
    from lesionlab.data.split import split_dataset

    return split_dataset(found, plan)


@lru_cache(maxsize=16)
def class_rows(found: Dataset, column: str = "diagnosis") -> dict[str, np.ndarray]:
    """Where the pictures of each class stand in the table: code -> row numbers."""
    from lesionlab.app.data.finding import coded

    numbers = coded(found, column)
    if numbers is None:
        raise TypeError(f"{found.name} has too many different values in {column}")
    return {code: np.flatnonzero(numbers.codes == k) for k, code in enumerate(numbers.values)}


# Few: a photograph of 40 megapixels fills 120 MB.
@lru_cache(maxsize=4)
def picture(found: Dataset, image_id: str) -> np.ndarray:
    """A picture of a data set, uint8 RGB `(h, w, 3)`, read-only.

    Raises:
        DataError: The set has no picture of this id.
        PictureError: Its file cannot be read.
    """
    from lesionlab.images.decode import read_image

    pixels = read_image(picture_path(found, image_id))
    pixels.setflags(write=False)
    return pixels


def picture_path(found: Dataset, image_id: str) -> Path:
    """The file of a picture.

    Raises:
        DataError: The set has no picture of this id.
    """
    row = row_of(found, image_id)
    if row is None:
        raise DataError(
            f"The data set {found.title} has no picture {image_id!r}.",
            what_to_do="Choose another picture.",
        )
    return found.image_path(row)


def row_of(found: Dataset, image_id: str | None) -> int | None:
    """The row number of a picture in the table, or None."""
    from lesionlab.app.data import finding

    return finding.row_of(found, image_id)


def thumbnail(path: str, side: int = 160) -> bytes:
    """A small JPEG of a picture file, as bytes.

    Raises:
        PictureError: The picture cannot be read.
    """
    return _thumbnail(path, side, stamp(Path(path)))


@st.cache_data(show_spinner=False, max_entries=600)
def _thumbnail(path: str, side: int, key: str) -> bytes:
    from lesionlab.data import thumbnails

    return thumbnails.thumbnail(Path(path), side)


def result(reference: str) -> Any:
    """The evaluation, predictions and description of a run or a model (jobs.runs.Result).

    Raises:
        JobError: There is no such run or model.
    """
    job = settings.current().jobs / reference
    manifests = (place / "manifest.json" for place in settings.bundle_places(reference))
    return _result(reference, stamp(job / "evaluation.json", job / "state.json", *manifests))


@st.cache_resource(show_spinner=False, max_entries=16)
def _result(reference: str, key: str) -> Any:
    from lesionlab.jobs import runs

    return runs.open_result(reference)


def prepared(image: bytes, digest: str, preprocessing: Preprocessing) -> np.ndarray:
    """A picture as a network gets it, uint8 RGB `(height, width, 3)`.

    Raises:
        PictureError: The file cannot be read.
    """
    return _prepared(image, preprocessing, f"{digest}|{preprocessing!r}")


@st.cache_resource(show_spinner=False, max_entries=16)
def _prepared(_image: bytes, _preprocessing: Preprocessing, key: str) -> np.ndarray:
    from lesionlab.images.decode import decode_image
    from lesionlab.images.preprocess import preprocess

    return preprocess(decode_image(_image), _preprocessing)


def model_names() -> list[str]:
    """Names of the models that came with us or were brought in."""
    folders = (settings.ASSETS / "models", settings.current().models)
    found = [path.parent.name for folder in folders for path in folder.glob("*/manifest.json")]
    return sorted(set(found))


def layers_of(reference: str) -> list[dict[str, Any]]:
    """The layers of a trained model, asked from the service.

    Raises:
        LesionlabError: What the service answered when it could not.
    """
    places = settings.bundle_places(reference)
    return _layers_of(reference, stamp(*(place / "manifest.json" for place in places)))


@st.cache_data(show_spinner="The network is being looked at …", max_entries=16)
def _layers_of(reference: str, key: str) -> list[dict[str, Any]]:
    from lesionlab.service import client

    return client.layers(reference)
