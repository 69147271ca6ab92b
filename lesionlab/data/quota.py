"""How much of the disk a desk takes, and whether there is room for more within LESIONLAB_DESK_GB.

Data sets are sized by their descriptions. Jobs are sized once after they have ended. Jobs are read
here as plain files, since the room that knows them stands above this one. The command line and the
server have no limit but the disk's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from lesionlab import settings
from lesionlab.data.described import stored_infos
from lesionlab.data.ownership import is_server, owner_of, upload_folder
from lesionlab.errors import DiskError
from lesionlab.files import folder_bytes, read_json


@dataclass(frozen=True)
class Usage:
    """What a desk takes of the disk, in bytes.

    Attributes:
        datasets: The desk's own sets, by name.
        uploads: Files that wait for their import.
        runs: Trainings, evaluations and other jobs.
        models: Models that it brought in, by name.
        limit: What the desk may take in all; None without a limit.
    """

    datasets: dict[str, int]
    uploads: int
    runs: int
    limit: int | None
    models: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum((*self.datasets.values(), *self.models.values(), self.uploads, self.runs))


def usage(desk: str | None) -> Usage:
    """What a desk takes now. Cheap enough to be asked on every visit of a page."""
    if is_server(desk):
        return Usage({}, 0, 0, None)
    owner = owner_of(desk)
    datasets = {info.name: info.num_bytes for info in stored_infos() if info.owner == owner}
    uploads = set(upload_folder(str(desk)).glob("*"))
    runs = 0
    for folder, spec in _jobs_of(str(desk)):
        runs += _size_of_job(folder)
        uploads |= set(_upload_in(spec))
    limit = round(settings.current().desk_gb * 1e9)
    waiting = sum(_size(path) for path in uploads)
    return Usage(datasets, waiting, runs, limit, dict(models_of(desk)))


def models_of(desk: str | None) -> Iterator[tuple[str, int]]:
    """The models that a desk has brought in, by name, with their bytes."""
    owner, current = owner_of(desk), settings.current()
    for mark in sorted(current.model_owners.glob("*")):
        try:
            folder = current.models / mark.name
            if owner in mark.read_text("utf-8").split() and folder.is_dir():
                yield mark.name, _size_as_of(folder, folder.stat().st_mtime_ns, 0)
        except OSError:
            continue  # deleted at this moment


def check(desk: str | None, needed_bytes: int = 0) -> None:
    """Refuse what would take a desk over its limit.

    Raises:
        DiskError: Says what is used, needed and allowed, and what to delete.
    """
    if is_server(desk):
        return
    found = usage(desk)
    if found.limit is None or found.total + needed_bytes <= found.limit:
        return
    parts = {
        "data sets": sum(found.datasets.values()),
        "models": sum(found.models.values()),
        "uploads": found.uploads,
        "runs and other jobs": found.runs,
    }
    words = ", ".join(f"{what} {in_words(size)}" for what, size in parts.items() if size)
    raise DiskError(
        f"Expected at most {in_words(found.limit)} on your desk.",
        f"You use {in_words(found.total)}{f' ({words})' if words else ''}, and this needs "
        f"{in_words(needed_bytes)} more.",
        _what_to_delete(found),
    )


def _what_to_delete(found: Usage) -> str:
    largest = max(found.datasets, key=lambda name: found.datasets[name], default=None)
    models = sum(found.models.values())
    if models > max(found.runs, sum(found.datasets.values())):
        return "Delete models that you brought in and no longer need, on the page Predict."
    if largest is not None and found.datasets[largest] >= found.runs:
        size = in_words(found.datasets[largest])
        return (
            "Delete data sets, runs or stopped jobs that you no longer need; the largest data set "
            f"is {largest}, {size}."
        )
    if found.runs:
        return "Delete runs or stopped jobs that you no longer need."
    return "Bring in fewer or smaller pictures."


def in_words(num_bytes: int) -> str:
    """`3.1 GB`, `25 MB`, `0.2 MB`, `12 kB`."""
    if num_bytes < 1e5:
        return f"{math.ceil(num_bytes / 1e3)} kB"
    if num_bytes >= 1e9:
        return f"{num_bytes / 1e9:,.1f} GB"
    return f"{num_bytes / 1e6:,.0f} MB" if num_bytes >= 1e7 else f"{num_bytes / 1e6:.1f} MB"


def _jobs_of(desk: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    jobs = settings.current().jobs
    for folder in jobs.iterdir() if jobs.is_dir() else ():
        if folder.name.startswith("."):
            continue
        try:
            asked = _asked(folder, (folder / "job.json").stat().st_mtime_ns)
        except (FileNotFoundError, NotADirectoryError):
            continue
        if asked is not None and asked[0] == desk:
            yield folder, asked[1]


@lru_cache(maxsize=8192)
def _asked(folder: Path, written: int) -> tuple[str, dict[str, Any]] | None:
    """Whose a job is and what it is to do; job.json is written once."""
    words = read_json(folder / "job.json")
    if not isinstance(words, dict):
        return None
    spec = words.get("spec")
    return str(words.get("desk", "")), spec if isinstance(spec, dict) else {}


def _size_of_job(folder: Path) -> int:
    """Bytes in a job's folder; looked at again only when its state or its own list has changed."""
    marks = []
    for path in (folder, folder / "state.json"):
        try:
            marks.append(path.stat().st_mtime_ns)
        except FileNotFoundError:
            marks.append(0)
    return _size_as_of(folder, *marks)


@lru_cache(maxsize=8192)
def _size_as_of(folder: Path, changed: int, state: int) -> int:
    return folder_bytes(folder)


def _upload_in(spec: dict[str, Any]) -> Iterator[Path]:
    """The upload that a waiting job will read, where it lies in the folder of all uploads."""
    path = spec.get("path")
    uploads = settings.current().home / "uploads"
    # A model's file lies in a folder of its own there.
    if isinstance(path, str) and uploads in (Path(path).parent, Path(path).parent.parent):
        yield Path(path)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
