"""The jobs that bring data: draw the synthetic set, import a set, join sets. Each in a worker.

What they make belongs to the desk that asked, or to everyone when the server did.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pydantic import BaseModel, Field

from lesionlab.data import quota
from lesionlab.data.asking import bytes_needed
from lesionlab.data.combine import combine_datasets
from lesionlab.data.import_set import import_dataset
from lesionlab.data.ownership import source_path, upload_folder
from lesionlab.data.sources.columns import Columns
from lesionlab.data.specs import read_spec
from lesionlab.data.store import FULL_NAME, check_name
from lesionlab.data.synthetic import synthesize
from lesionlab.errors import DataError, disk_errors
from lesionlab.files import forget_upload
from lesionlab.task import PartOfTask, Task

# Drawing takes nearly all of the time; what is left is for looking at the result and copying it.
DRAWING = 0.9


class SynthesizeSpec(BaseModel, frozen=True, extra="forbid"):
    """What to draw. `size` is height and width in pixels."""

    name: str = FULL_NAME
    per_class: int = Field(100, ge=1, le=100_000)
    size: tuple[int, int] = (450, 600)
    seed: int = Field(0, ge=0, lt=2**31)


class ImportSpec(BaseModel, frozen=True, extra="forbid"):
    """What to import; `source` is the kind of thing that lies at `path`."""

    source: str
    path: Path
    name: str
    label_column: str | None = None
    file_column: str | None = None


class CombineSpec(BaseModel, frozen=True, extra="forbid"):
    """Which sets to join into `name`; `only` gives the classes to take from some of them."""

    names: tuple[str, ...] = Field(min_length=1)
    name: str
    only: dict[str, tuple[str, ...]] = {}


def run_synthesize(task: Task) -> None:
    """Draw a data set and store it; run again after a kill, it starts anew or finds it done.

    Raises:
        DataError: The spec cannot be used. DiskError, Cancelled: nothing is left behind.
    """
    spec = read_spec(SynthesizeSpec, task.spec)
    drawing, copying = PartOfTask(task, 0, DRAWING), PartOfTask(task, DRAWING, 1)
    drawn = task.folder / "drawn"
    with disk_errors("the drawn data set"):
        shutil.rmtree(drawn, ignore_errors=True)
    check_name(spec.name, task.desk)
    quota.check(task.desk, bytes_needed("synthesize", task.spec))
    try:
        synthesize(drawn, spec.per_class, spec.size, spec.seed, drawing.progress, drawing.cancelled)
        import_dataset(
            "folder",
            drawn,
            spec.name,
            owner_desk=task.desk,
            stored_kind="synthesize",
            task=copying,
        )
    finally:
        shutil.rmtree(drawn, ignore_errors=True)


def run_import(task: Task) -> None:
    """Import a data set.

    Raises:
        DataError: It cannot be read, its desk may not read it, or the spec cannot be used.
            DiskError, Cancelled: nothing is left behind.
    """
    spec = read_spec(ImportSpec, task.spec)
    if spec.path.parent == upload_folder(task.desk) and not spec.path.exists():
        raise DataError(
            "Expected the archive that was uploaded for this import.",
            "It is no longer here: uploads are kept for two days.",
            "Dismiss this import and upload the archive again.",
        )
    path = source_path(spec.path, task.desk)
    columns = Columns(label=spec.label_column, file=spec.file_column)
    import_dataset(spec.source, path, spec.name, columns, owner_desk=task.desk, task=task)
    # Kept until it is read: an import that was stopped can be resumed.
    forget_upload(path)


def run_combine(task: Task) -> None:
    """Join data sets that the desk may see into one of its own.

    Raises:
        DataError: There is no such set, or the spec cannot be used. DiskError, Cancelled: nothing
            is left behind.
    """
    spec = read_spec(CombineSpec, task.spec)
    combine_datasets(spec.names, spec.name, only=spec.only, owner_desk=task.desk, task=task)
