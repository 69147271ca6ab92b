"""Where a model stands, by whatever a user calls it. Without Keras."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from lesionlab import settings
from lesionlab.errors import BundleError, JobError, disk_errors
from lesionlab.files import write_text
from lesionlab.models.archive import SUFFIX, unpack
from lesionlab.models.bundle import put_in_place, read_description, verify_bundle
from lesionlab.models.evaluated import check_evaluation
from lesionlab.settings import bundle_places

OLD_SECONDS = 86_400
# Of the bundles that were unpacked to be looked at, so many stay: some 200 MB.
UNPACKED = 20
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


@dataclass(frozen=True)
class ModelInfo:
    """A model that is there.

    Attributes:
        reference: What to call it by.
        title: What pages call it.
        drawn: Whether it has only seen drawings.
        origin: `shipped` with lesionlab, or `imported`.
        problem: What is wrong with it, or None.
    """

    reference: str
    title: str
    drawn: bool
    origin: Literal["shipped", "imported"]
    problem: str | None = None


def find_model(reference: str, allow_paths: bool = True) -> Path:
    """The bundle's folder.

    Args:
        reference: A run's id, the name of an imported or shipped model, the path of a bundle's
            folder or of a `.lesionlab` file (which is unpacked into the cache).
        allow_paths: False where the reference comes from the network.

    Raises:
        JobError: There is no such model, or the run has none yet.
        BundleError: The file at the path is damaged.
    """
    if SAFE_NAME.fullmatch(reference):
        for folder in bundle_places(reference):
            if (folder / "manifest.json").is_file():
                return folder
        if (settings.current().jobs / reference).is_dir():
            raise JobError(
                "Expected a run that has a model.",
                f"The run {reference} has none (yet).",
                "Wait until it is done, or resume it.",
            )
    if allow_paths and reference:
        path = _path(reference)
        if _is_file(path / "manifest.json"):
            return path.resolve()
        if path.suffix == SUFFIX and _is_file(path):
            return _unpacked(path)
    names = ", ".join(info.reference for info in list_models()) or "none"
    raise JobError(
        "Expected a run, a model or a bundle.",
        f"There is no {reference[:200]!r}. Models here: {names}.",
        "Choose one of these, or one from the list of runs.",
    )


def _path(reference: str) -> Path:
    # "~nobody" is a name that no user of this machine has.
    with suppress(RuntimeError):
        return Path(reference).expanduser()
    return Path(reference)


def _is_file(path: Path) -> bool:
    # A name that is too long for the file system is an error there, and no file here.
    with suppress(OSError, ValueError):
        return path.is_file()
    return False


def _unpacked(path: Path) -> Path:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    folder = settings.current().cache / "bundles" / digest
    with disk_errors("the unpacked model"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / f".{digest}.lock"):
            if not (folder / "manifest.json").is_file():
                unpack(path, folder)
            os.utime(folder)
        _forget_oldest(folder.parent, keep=folder)
    return folder


def _forget_oldest(place: Path, keep: Path) -> None:
    """Keep the unpacked bundles that were used last; one that is asked for again comes again."""
    folders = [path for path in place.iterdir() if path.is_dir() and path != keep]
    folders.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in folders[UNPACKED - 1 :]:
        with suppress(Timeout), FileLock(place / f".{folder.name}.lock", timeout=0):
            shutil.rmtree(folder, ignore_errors=True)


def list_models() -> list[ModelInfo]:
    """The models that came with lesionlab, then the imported ones, by name."""
    origins: tuple[tuple[Path, Literal["shipped", "imported"]], ...] = (
        (settings.ASSETS / "models", "shipped"),
        (settings.current().models, "imported"),
    )
    return [
        _info(folder, origin)
        for root, origin in origins
        if root.is_dir()
        for folder in sorted(root.iterdir())
        if SAFE_NAME.fullmatch(folder.name) and (folder / "manifest.json").is_file()
    ]


def _info(folder: Path, origin: Literal["shipped", "imported"]) -> ModelInfo:
    try:
        description = read_description(folder)
    except BundleError as error:
        # Shown rather than left out: its owner would look for it.
        return ModelInfo(folder.name, folder.name, False, origin, error.sentence)
    title = description.experiment.title or description.name
    return ModelInfo(folder.name, title, description.drawn, origin)


def import_model(
    file: Path,
    name: str | None = None,
    check: Callable[[Path], object] | None = None,
    owner: str = "",
) -> str:
    """Bring a `.lesionlab` file, or a bundle's folder, in among the models.

    Args:
        file: The file or folder.
        name: What to call it; by default what it calls itself. A name that is taken gets a
            number, unless the same model stands there already.
        check: Called with the folder before it is put in place, such as `load_bundle`.
        owner: Whose it is, as `data.ownership.owner_of` says; "" is the server's.

    Returns:
        The reference of the model.

    Raises:
        BundleError: Anything in it is off, or the name cannot be used.
        DiskError: The disk is full or read-only.
    """
    if name is not None and not SAFE_NAME.fullmatch(name):
        raise BundleError(
            "A model's name has letters, numbers, dots and hyphens, and starts with one of the "
            "first two.",
            f"Received {name[:100]!r}.",
            "Choose another name.",
        )
    models = settings.current().models
    with disk_errors("the model"):
        models.mkdir(parents=True, exist_ok=True)
        _sweep(models)
        with tempfile.TemporaryDirectory(dir=models, prefix=".import-") as aside:
            folder = Path(aside) / "bundle"
            if file.is_dir():
                verify_bundle(file)
                shutil.copytree(file, folder)
                check_evaluation(folder, read_description(folder).classes)
            else:
                unpack(file, folder)
            verify_bundle(folder)
            if check is not None:
                check(folder)
            with FileLock(models / ".lock"):
                return _put(folder, models, name or read_description(folder).name, owner)


def delete_model(name: str, owner: str | None) -> None:
    """Delete a model that was brought in.

    Args:
        owner: Who asks: only its owner may, and None, the command line.

    Raises:
        JobError: There is no such model, or it is somebody else's.
    """
    current = settings.current()
    folder, mark = current.models / name, current.model_owners / name
    with disk_errors("the model"):
        current.models.mkdir(parents=True, exist_ok=True)
        with FileLock(current.models / ".lock"):
            known = bool(SAFE_NAME.fullmatch(name)) and (folder / "manifest.json").is_file()
            owners = _owners(name) if known else []
            if not known or (owner is not None and owner not in owners):
                shown = repr(name[:100])
                raise JobError(
                    "Expected a model that you have brought in.",
                    f"{shown} is none of yours." if known else f"There is no {shown}.",
                    "Only whoever brought a model in can delete it.",
                )
            others = [one for one in owners if owner is not None and one != owner]
            # The mark stays without owners: a run or an evaluation may name this model, and would
            # take another one of the same name for it.
            write_text(mark, "\n".join(others))
            if not others:
                aside = Path(tempfile.mkdtemp(dir=current.models, prefix=".import-"))
                folder.rename(aside / "bundle")
                shutil.rmtree(aside, ignore_errors=True)


def _owners(name: str) -> list[str]:
    """Who brought a model in; nobody where it was the server."""
    with suppress(OSError):
        return (settings.current().model_owners / name).read_text("utf-8").split()
    return []


def _sweep(models: Path) -> None:
    """Remove what imports that were killed on another day have left behind."""
    for path in models.glob(".import-*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > OLD_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def _put(folder: Path, models: Path, name: str, owner: str) -> str:
    manifest = (folder / "manifest.json").read_bytes()
    marks = settings.current().model_owners
    taken = {info.reference for info in list_models()}
    candidate, number = name, 1
    while candidate in taken or (models / candidate).exists() or (marks / candidate).exists():
        for place in (models, settings.ASSETS / "models"):
            there = place / candidate / "manifest.json"
            if there.is_file() and there.read_bytes() == manifest:
                owners = _owners(candidate)
                if place == models and owners and owner and owner not in owners:
                    write_text(marks / candidate, "\n".join([*owners, owner]))
                return candidate
        number += 1
        candidate = f"{name}-{number}"
    if owner:
        write_text(marks / candidate, owner)
    put_in_place(folder, models / candidate)
    return candidate
