"""The job that brings an uploaded model in."""

from __future__ import annotations

from pathlib import Path

from lesionlab.data.ownership import owner_of
from lesionlab.errors import BundleError, Cancelled, DiskError, TurnOver
from lesionlab.files import forget_upload
from lesionlab.models.locate import import_model
from lesionlab.models.rebuild import load_bundle
from lesionlab.task import Task, stop_if_cancelled


def run_import_model(task: Task) -> None:
    """Unpack, check, build once, keep; the uploaded file goes in the end.

    Args:
        task: Its spec has `path` (a `.lesionlab` file or a bundle's folder) and perhaps `name`.
            A file in HOME/uploads was put there for this job alone.

    Raises:
        BundleError: Anything in the model is off.
        Cancelled: The user asked to stop; nothing is left behind.
    """
    given = task.spec.get("path")
    if not isinstance(given, str) or not given:
        raise BundleError("Expected the path of a model's file.", f"Received {given!r}.")
    path = Path(given)
    task.progress(0.1, "Reading the model")

    def check(folder: Path) -> None:
        stop_if_cancelled(task)
        task.progress(0.5, "Building it once, to see that it works")
        load_bundle(folder)
        stop_if_cancelled(task)

    try:
        name = import_model(path, task.spec.get("name") or None, check, owner_of(task.desk))
    except (Cancelled, DiskError, TurnOver):
        raise  # kept: it is read again when the job goes on
    except BaseException:
        forget_upload(path)
        raise
    forget_upload(path)
    task.progress(1.0, f"The model is here as {name}")
