"""A bundle as one file: the zip `NAME.lesionlab`. Without Keras."""

from __future__ import annotations

import shutil
import stat
import tempfile
import zipfile
import zlib
from pathlib import Path

from lesionlab.errors import BundleError, disk_errors
from lesionlab.files import replacing
from lesionlab.models.bundle import LIMITS, MB, put_in_place, read_description, verify_bundle
from lesionlab.models.evaluated import check_evaluation

SUFFIX = ".lesionlab"
CHUNK = MB


def pack(folder: Path, path: Path) -> None:
    """Write a bundle as one file. The same bundle gives the same bytes.

    Raises:
        BundleError: The bundle is damaged.
        DiskError: The disk is full or read-only.
    """
    verify_bundle(folder)
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name in sorted(entry.name for entry in folder.iterdir()):
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            with (folder / name).open("rb") as source, archive.open(info, "w") as target:
                shutil.copyfileobj(source, target, CHUNK)


def unpack(path: Path, folder: Path) -> None:
    """Unpack a bundle's file to `folder`, checked; on any fault nothing is left there.

    Sizes are counted while reading, since an archive may say what it likes about them.

    Raises:
        BundleError: Not a bundle, damaged, too large, with files that do not belong to it, or with
            an evaluation that no page could show.
        DiskError: The disk is full or read-only.
    """
    with disk_errors("the model"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.part-"))
        try:
            _extract(path, aside)
            verify_bundle(aside)
            check_evaluation(aside, read_description(aside).classes)
            put_in_place(aside, folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _extract(path: Path, folder: Path) -> None:
    damaged = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(entries)
            for entry in entries:
                written = 0
                with archive.open(entry) as source, (folder / entry.filename).open("wb") as target:
                    while chunk := source.read(CHUNK):
                        written += len(chunk)
                        if written > LIMITS[entry.filename]:
                            limit = LIMITS[entry.filename] / MB
                            raise BundleError(
                                f"{entry.filename} may have {limit:g} MB.", "It has more."
                            )
                        target.write(chunk)
    except FileNotFoundError as error:
        raise BundleError("Expected a model's file.", f"There is none at {path}.") from error
    except damaged as error:
        raise BundleError(
            f"Expected a model's file (NAME{SUFFIX}).",
            f"{path.name} cannot be unpacked: {error}.",
            "Download it once more, or pack it anew with `lesionlab runs export`.",
        ) from error


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    strange = [name for name in names if name not in LIMITS]
    links = [e.filename for e in entries if stat.S_ISLNK(e.external_attr >> 16)]
    doubles = [name for name in set(names) if names.count(name) > 1]
    for wrong, why in ((strange, "does not belong"), (links, "is a link"), (doubles, "is double")):
        if wrong:
            raise BundleError(
                f"A model's file holds {', '.join(LIMITS)} and nothing else.",
                f"{wrong[0][:100]!r} {why}.",
            )
