"""The data sets that are there: imported, drawn, shipped, or a folder where it lies.

A stored set is the folder HOME/datasets/<name> with dataset.json (what a list needs), table.parquet
and images/. The small drawn set comes with the program, so that there is always one.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from lesionlab import settings
from lesionlab.data.dataset import Dataset, is_drawn
from lesionlab.data.sources import folder as folder_source
from lesionlab.errors import DataError, disk_errors
from lesionlab.files import read_json, replacing, write_json

SHIPPED_NAME = "synthetic-small"
SHIPPED_TITLE = "Drawn lesions, small (synthetic)"
FULL_NAME = "synthetic"
SHIPPED = settings.ASSETS / "data" / "synthetic"
DESCRIPTION = "dataset.json"
TABLE = "table.parquet"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")


@dataclass(frozen=True)
class DatasetInfo:
    """What a list of data sets shows of one."""

    name: str
    title: str
    num_images: int
    num_classes: int
    drawn: bool
    folder: Path


def check_name(name: str) -> str:
    """Refuse a name that is not a plain folder name, or that the program keeps for itself.

    Raises:
        DataError: The name cannot be used.
    """
    if not NAME.fullmatch(name) or name == SHIPPED_NAME:
        raise DataError(
            "Expected a name of lower-case letters, digits, dots and dashes, 60 at most.",
            f"Received {name!r}.",
            "Choose a name such as ham10000-small.",
        )
    return name


def stored_folder(name: str) -> Path:
    """Where the set of this name lies or would lie."""
    return settings.current().datasets / check_name(name)


def is_stored(name: str) -> bool:
    """Whether a set of this name has been made or imported."""
    if not NAME.fullmatch(name) or name == SHIPPED_NAME:
        return False
    return (settings.current().datasets / name / DESCRIPTION).is_file()


def list_datasets() -> list[DatasetInfo]:
    """All sets that can be chosen, by name; reads only their descriptions."""
    found = []
    home = settings.current().datasets
    for path in sorted(home.glob(f"*/{DESCRIPTION}")):
        name = path.parent.name
        values = read_json(path)
        if isinstance(values, dict) and NAME.fullmatch(name):
            found.append(
                DatasetInfo(
                    name,
                    str(values.get("title") or name),
                    int(values.get("num_images", 0)),
                    len(values.get("classes", {})),
                    bool(values.get("drawn", False)),
                    path.parent,
                )
            )
    if _has_shipped():
        small = _shipped()
        num_classes = len(small.counts())
        found.append(
            DatasetInfo(small.name, small.title, len(small), num_classes, small.drawn, SHIPPED)
        )
    return sorted(found, key=lambda info: info.name)


def open_dataset(name_or_folder: str) -> Dataset:
    """The data set of this name, or the one in this folder, used where it lies.

    `synthetic` means the small one that is shipped for as long as the full one is not made.

    Raises:
        DataError: There is none; the sentence lists those that there are.
    """
    if is_stored(name_or_folder):
        return read_stored(settings.current().datasets / name_or_folder)
    if name_or_folder in (SHIPPED_NAME, FULL_NAME) and _has_shipped():
        return _shipped()
    path = Path(name_or_folder).expanduser()
    if name_or_folder and path.is_dir():
        if (path / DESCRIPTION).is_file() and (path / TABLE).is_file():
            return read_stored(path)
        return read_folder(path, path.resolve().name)
    raise DataError(
        "Expected the name of a data set or a folder with pictures.",
        f"Received {name_or_folder!r}.",
        f"There are: {', '.join(info.name for info in list_datasets())}. "
        "`lesionlab data import` adds one.",
    )


def read_stored(folder: Path) -> Dataset:
    """The set that `save_dataset` wrote into `folder`.

    Raises:
        DataError: One of its files is damaged.
    """
    values = read_json(folder / DESCRIPTION)
    try:
        if not isinstance(values, dict):
            raise ValueError(f"{DESCRIPTION} is not whole")
        table = pd.read_parquet(folder / TABLE)
    except (OSError, ValueError) as error:
        raise DataError(
            f"Expected a whole data set in {folder}.",
            f"It cannot be read: {error}.",
            "Delete it and import it again.",
        ) from error
    return Dataset(
        name=str(values.get("name", folder.name)),
        folder=folder,
        table=table,
        licence=str(values.get("licence", "")),
        citation=str(values.get("citation", "")),
        drawn=bool(values.get("drawn", False)),
        title=str(values.get("title", "")) or folder.name,
        left_out=tuple(values.get("left_out", ())),
    )


def read_folder(path: Path, name: str) -> Dataset:
    """A folder of class folders, or one with labels.csv, used where it lies.

    Raises:
        DataError: It is neither.
    """
    found = folder_source.read(path)
    return Dataset(
        name=name,
        folder=path.resolve(),
        table=found.table,
        licence=found.licence,
        citation=found.citation,
        drawn=is_drawn(found.table),
        title=found.title or name,
        left_out=tuple(found.left_out),
    )


def save_dataset(dataset: Dataset, source: str, made_by: str = "") -> None:
    """Write the table and the description into the set's folder, where its pictures lie already.

    The description comes last: a folder without it is no data set yet.

    Args:
        source: How it came here: `zip`, `synthesize` and so on.
        made_by: The job that made it, so that the job knows its own work when it is run again.
    """
    values: dict[str, Any] = {
        "format": 1,
        "name": dataset.name,
        "title": dataset.title,
        "licence": dataset.licence,
        "citation": dataset.citation,
        "drawn": dataset.drawn,
        "num_images": len(dataset),
        "classes": dataset.counts(),
        "left_out": list(dataset.left_out),
        "source": source,
        "made_by": made_by,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with disk_errors("the data set"):
        with replacing(dataset.folder / TABLE) as path:
            dataset.table.to_parquet(path, index=False)
        write_json(dataset.folder / DESCRIPTION, values)


def delete_dataset(name: str) -> None:
    """Take a stored set and its pictures away.

    Raises:
        DataError: There is none of that name, or it is the shipped one.
    """
    if name == SHIPPED_NAME or not is_stored(name):
        received = f"{name} comes with the program." if name == SHIPPED_NAME else f"No {name!r}."
        raise DataError(
            "Expected a data set that was imported or made here.",
            received,
            "`lesionlab data list` shows them.",
        )
    folder = settings.current().datasets / name
    # Renamed first, so that nobody meets half of it while its files go.
    gone = folder.with_name(f".{name}.part")
    with disk_errors("the data folder"):
        shutil.rmtree(gone, ignore_errors=True)
        folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _has_shipped() -> bool:
    return (SHIPPED / folder_source.LABELS).is_file()


def _shipped() -> Dataset:
    return _shipped_as_of((SHIPPED / folder_source.LABELS).stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _shipped_as_of(changed: int) -> Dataset:
    # Every page asks for it on every run. The table is shared: who changes it takes a copy.
    return replace(read_folder(SHIPPED, SHIPPED_NAME), title=SHIPPED_TITLE)
