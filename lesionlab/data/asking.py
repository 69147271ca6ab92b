"""What is looked at before a job that brings data is taken: if it must fail, it need not wait.

The work looks again, since what is free now may be taken when its turn comes.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lesionlab.data import quota
from lesionlab.data.described import check_free, stored_infos
from lesionlab.data.ownership import is_server, source_path
from lesionlab.data.sources.archive import MAX_FILES, num_entries
from lesionlab.data.store import list_datasets
from lesionlab.diagnoses import CLASS_SETS
from lesionlab.errors import DataError
from lesionlab.files import folder_bytes

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset
    from lesionlab.data.described import DatasetInfo

BRINGING = frozenset({"import-data", "download-data", "combine-data", "synthesize"})
MAX_FILES_OF_MODEL = 100
# What a drawing and its mask take, measured from 64x64 to 450x600: somewhat more than they did.
DRAWN_BYTES, DRAWN_BYTES_A_PIXEL = 4000, 0.18


def check_job(kind: str, spec: dict[str, Any], desk: str | None) -> None:
    """Refuse a desk's job that would bring data under a taken name, from a folder that it may not
    read, or for which (as for a model) it has no room. The server's own jobs are not looked at.

    Raises:
        DataError, DiskError: Say which.
    """
    if kind == "import-model" and not is_server(desk):
        quota.check(desk, _bytes_at(Path(str(spec.get("path"))), MAX_FILES_OF_MODEL))
    if is_server(desk) or kind not in BRINGING:
        return
    if "name" in spec:
        check_free(str(spec["name"]), desk)
    if kind == "import-data":
        spec = {**spec, "path": str(source_path(Path(str(spec.get("path"))), desk))}
    if kind == "combine-data":
        check_kind([info for info in list_datasets(desk) if info.name in spec.get("names", ())])
    quota.check(desk, bytes_needed(kind, spec, desk))


def check_kind(sets: Sequence[DatasetInfo | Dataset]) -> None:
    """Drawings and photographs do not go together: nobody could say what a model has learned.

    Raises:
        DataError: Some of the sets are drawn and some are not.
    """
    if len({one.drawn for one in sets}) > 1:
        drawn = " and ".join(one.title or one.name for one in sets if one.drawn)
        raise DataError(
            "Expected sets of photographs alone, or of drawings alone.",
            f"Received drawings ({drawn}) beside photographs.",
            "Leave the one or the other out.",
        )


def bytes_needed(kind: str, spec: dict[str, Any], desk: str | None = None) -> int:
    """About how many bytes a job of this kind will bring; 0 where only the work can tell."""
    if kind == "synthesize":
        height, width = spec.get("size") or (450, 600)
        number = len(CLASS_SETS["isic8"]) * int(spec.get("per_class") or 0)
        # Drawn into the job's folder first, and then copied from there.
        return round(2 * number * (DRAWN_BYTES + height * width * DRAWN_BYTES_A_PIXEL))
    if kind == "combine-data":
        mine = (info for info in stored_infos() if info.seen_by(desk))
        return sum(info.num_bytes for info in mine if info.name in spec.get("names", ()))
    if kind == "import-data":
        return _bytes_at(Path(str(spec.get("path"))))
    return int(spec.get("num_bytes") or 0)


def _bytes_at(path: Path, max_files: int = MAX_FILES) -> int:
    """The size of what an import finds in a folder or an archive."""
    if path.is_dir():
        return folder_bytes(path)
    try:
        # Counted before it is opened: a list of a million names fills the memory of this process.
        if num_entries(path) > max_files:
            return 0  # the work refuses it with a sentence
        with zipfile.ZipFile(path) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return 0  # a table, or nothing that can be imported: the import says so
