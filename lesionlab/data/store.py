"""The data sets that are there: imported, drawn, shipped, or a folder where it lies.

A stored set is the folder HOME/datasets/<name> with dataset.json (what a list needs), table.parquet
and images/. The small drawn set comes with the program, so that there is always one. A `desk` is
who asks: None, as the command line has it, sees every set, a desk its own, shared ones and those of
the server (see `ownership`).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from lesionlab import settings
from lesionlab.data.dataset import Dataset, is_drawn
from lesionlab.data.described import (
    DESCRIPTION,
    FULL_NAME,
    SHIPPED_NAME,
    TABLE,
    DatasetInfo,
    check_name,
    info_in,
    is_stored,
    stored_folder,
    stored_infos,
)
from lesionlab.data.keeping import (
    Going,
    delete_dataset,
    may_change,
    share_dataset,
    what_goes,
)
from lesionlab.data.ownership import is_server
from lesionlab.data.sources import folder as folder_source
from lesionlab.data.table import read_table, write_table
from lesionlab.errors import DataError, disk_errors
from lesionlab.files import folder_bytes, read_json, replacing, write_json

__all__ = [
    "DESCRIPTION",
    "FULL_NAME",
    "SHIPPED_NAME",
    "TABLE",
    "DatasetInfo",
    "Going",
    "check_name",
    "delete_dataset",
    "info_of",
    "is_stored",
    "list_datasets",
    "may_change",
    "open_dataset",
    "read_folder",
    "read_stored",
    "save_dataset",
    "share_dataset",
    "stored_folder",
    "what_goes",
]

SHIPPED_TITLE = "Drawn lesions, small (synthetic)"
SHIPPED = settings.ASSETS / "data" / "synthetic"


def list_datasets(desk: str | None = None) -> list[DatasetInfo]:
    """All sets that a desk can choose, by name; reads only their descriptions."""
    found = [info for info in stored_infos() if info.seen_by(desk)]
    if _has_shipped():
        found.append(_shipped_info())
    return sorted(found, key=lambda info: info.name)


def info_of(name: str, desk: str | None = None) -> DatasetInfo | None:
    """What the list says of this one set, or None where this desk sees none of that name."""
    if name in (SHIPPED_NAME, FULL_NAME) and not is_stored(name):
        return _shipped_info() if _has_shipped() else None
    info = info_in(settings.current().datasets / name) if is_stored(name) else None
    return info if info is not None and info.seen_by(desk) else None


def open_dataset(name_or_folder: str, desk: str | None = None) -> Dataset:
    """The data set of this name, or the one in this folder, used where it lies.

    `synthetic` means the small one that is shipped for as long as the full one is not made.

    Args:
        desk: A desk opens sets by name alone, and those that it may not see are not there.

    Raises:
        DataError: There is none; the sentence lists those that there are.
    """
    if is_stored(name_or_folder):
        folder = settings.current().datasets / name_or_folder
        if is_server(desk) or info_of(name_or_folder, desk) is not None:
            return read_stored(folder)
    if name_or_folder in (SHIPPED_NAME, FULL_NAME) and _has_shipped():
        return _shipped()
    if is_server(desk):
        path = Path(name_or_folder).expanduser()
        if name_or_folder and path.is_dir():
            if (path / DESCRIPTION).is_file() and (path / TABLE).is_file():
                return read_stored(path)
            return read_folder(path, path.resolve().name)
        expected = "Expected the name of a data set or a folder with pictures."
        what_to_do = "`lesionlab data import` adds one."
    else:
        expected = "Expected the name of a data set."
        what_to_do = "The Data explorer page brings one in."
    raise DataError(
        expected,
        f"Received {name_or_folder!r}.",
        f"There are: {', '.join(info.name for info in list_datasets(desk))}. {what_to_do}",
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
        table = read_table(folder / TABLE)
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


def save_dataset(dataset: Dataset, source: str, made_by: str = "", owner: str = "") -> None:
    """Write the table and the description into the set's folder, where its pictures lie already.

    The description comes last: a folder without it is no data set yet.

    Args:
        source: How it came here: `zip`, `synthesize` and so on.
        made_by: The job that made it, so that the job knows its own work when it is run again.
        owner: `ownership.owner_of` its desk; "" for everyone's.
    """
    with disk_errors("the data set"):
        with replacing(dataset.folder / TABLE) as path:
            write_table(dataset.table, path)
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
            "owner": owner,
            "shared": False,
            "num_bytes": folder_bytes(dataset.folder),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        write_json(dataset.folder / DESCRIPTION, values)


def _has_shipped() -> bool:
    return (SHIPPED / folder_source.LABELS).is_file()


def _shipped() -> Dataset:
    return _shipped_as_of((SHIPPED / folder_source.LABELS).stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _shipped_as_of(changed: int) -> Dataset:
    # Every page asks for it on every run. The table is shared: who changes it takes a copy.
    return replace(read_folder(SHIPPED, SHIPPED_NAME), title=SHIPPED_TITLE)


def _shipped_info() -> DatasetInfo:
    small = _shipped()
    return DatasetInfo(
        small.name, small.title, len(small), len(small.counts()), small.drawn, SHIPPED, kind="drawn"
    )
