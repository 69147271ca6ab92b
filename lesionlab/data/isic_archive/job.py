"""The job that downloads pictures of the ISIC Archive and stores them as a data set."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from lesionlab import settings
from lesionlab.data import quota, specs
from lesionlab.data.dataset import Dataset
from lesionlab.data.described import DESCRIPTION, check_free, check_name, is_stored, stored_folder
from lesionlab.data.isic_archive.download import Fetched, download, free_space, in_a_thread
from lesionlab.data.isic_archive.downloaded import write_metadata
from lesionlab.data.isic_archive.plan import Plan, Wanted, make_plan, read_plan, write_plan
from lesionlab.data.isic_archive.session import Patience
from lesionlab.data.isic_archive.storing import store
from lesionlab.data.sources.words import count, some
from lesionlab.errors import DiskError
from lesionlab.files import read_json
from lesionlab.task import PartOfTask, Task

FOLDER = "downloaded"
# Shares of the bar: asking, fetching; what is left is for looking at the pictures and storing them.
ASKED, FETCHED = 0.05, 0.9


class DownloadSpec(Wanted, frozen=True, extra="forbid"):
    """What to download, and what the data set will be called."""

    name: str

    @property
    def wanted(self) -> Wanted:
        """The wish without the name: another name does not change which pictures come."""
        return Wanted(**self.model_dump(exclude={"name"}))


def read_spec(values: dict[str, Any]) -> DownloadSpec:
    """What a job, a page or a command asks for.

    Raises:
        DataError: One of the values cannot be used.
    """
    return specs.read_spec(DownloadSpec, values)


def run_download(task: Task) -> None:
    """Download a data set; run again after a cancel or a kill, it goes on where it stopped.

    Raises:
        DataError: The archive is away, or the spec cannot be used. DiskError: The disk is full.
        Cancelled: The task said so. What came so far stays in the job's folder.
    """
    spec = read_spec(task.spec)
    folder = task.folder / FOLDER
    if is_stored(spec.name) and _made_by(spec.name) == task.folder.name:
        # Killed after its last step and run again, it finds its own work.
        shutil.rmtree(folder, ignore_errors=True)
        return
    plan = prepare(spec.wanted, spec.name, folder, task)
    finish(plan, spec.name, folder, task)


def _made_by(name: str) -> str:
    return str((read_json(stored_folder(name) / DESCRIPTION) or {}).get("made_by", ""))


def prepare(wanted: Wanted, name: str, folder: Path, task: Task) -> Plan:
    """Choose the pictures, or find the choice of an earlier attempt in the folder.

    Raises:
        DataError: The name is taken, the archive is away or has nothing of what is wanted.
        DiskError: The disk or the desk has no room for them. Cancelled: The task said so.
    """
    check_name(name, task.desk)
    plan = read_plan(folder, wanted)
    if plan is None:
        check_free(name, task.desk)
        patience = Patience()
        asking = PartOfTask(task, 0, ASKED)
        plan = in_a_thread(task, patience, lambda: make_plan(wanted, patience, asking.progress))
        needed, free = plan.num_bytes, free_space(folder)
        if needed > free:
            raise DiskError(
                f"Downloading needs {quota.in_words(needed)} of free space.",
                f"The disk of {settings.current().home} has {quota.in_words(free)}.",
                "Take fewer pictures, or delete data sets that you no longer need.",
            )
        quota.check(task.desk, plan.num_bytes)
        write_plan(plan, folder)
    return plan


def finish(plan: Plan, name: str, folder: Path, task: Task) -> Dataset:
    """Fetch what a plan says, store it as a data set, and take the folder away.

    Raises:
        DataError: The archive is away, or no picture can be had. DiskError: The disk is full.
        Cancelled: The task said so. What came so far stays in the folder.
    """
    found = download(plan, folder, PartOfTask(task, ASKED, FETCHED))
    records = [
        {
            **image.facts,
            "isic_id": image.isic_id,
            "attribution": image.attribution,
            "copyright_license": image.licence,
        }
        for images in found.images.values()
        for image in images
    ]
    write_metadata(records, folder, notes(plan, found))
    dataset = store(folder, name, owner_desk=task.desk, task=PartOfTask(task, FETCHED, 1))
    shutil.rmtree(folder, ignore_errors=True)
    return dataset


def notes(plan: Plan, found: Fetched) -> list[str]:
    """Sentences on what is not there, or not as it was chosen first."""
    sentences = plan.too_few()
    if found.failed:
        ids = sorted(found.failed)
        short = plan.num_images - found.num_images
        sentences.append(
            f"{count(len(ids), 'picture')} of the archive that could not be had, "
            + ("replaced by others" if not short else f"{len(ids) - short} of them replaced")
            + f": {some([f'{name} ({found.failed[name]})' for name in ids])}."
        )
    return sentences
