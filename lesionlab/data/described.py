"""What stands in the description of a stored data set: as much as a list of sets needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lesionlab import settings
from lesionlab.data.ownership import changes, owner_of, sees
from lesionlab.errors import DataError
from lesionlab.files import read_json

DESCRIPTION = "dataset.json"
TABLE = "table.parquet"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
SHIPPED_NAME = "synthetic-small"
FULL_NAME = "synthetic"


@dataclass(frozen=True)
class DatasetInfo:
    """What a list of data sets shows of one.

    Attributes:
        owner: `ownership.owner_of` the desk that it belongs to; "" is the server, that is everyone.
        shared: Whether its owner lets everyone on this server use it.
        kind: How it came here: a kind of import, `synthesize`, `combine`, ...; "" when not known.
        created: When, in UTC as ISO 8601; "" when not known.
        num_bytes: Size of its pictures, masks and table; 0 when not known.
    """

    name: str
    title: str
    num_images: int
    num_classes: int
    drawn: bool
    folder: Path
    owner: str = ""
    shared: bool = False
    kind: str = ""
    created: str = ""
    num_bytes: int = 0

    def seen_by(self, desk: str | None) -> bool:
        """Whether this desk may use it; None is the command line, which may."""
        return sees(self.owner, self.shared, desk)

    def changed_by(self, desk: str | None) -> bool:
        """Whether this desk may share and delete it; the shipped set stays for everyone."""
        return self.name != SHIPPED_NAME and changes(self.owner, desk)

    def whose(self, desk: str | None = None) -> str:
        """`server`, `yours`, `shared` (by another desk), or `private` (another desk's)."""
        if not self.owner:
            return "server"
        if self.owner == owner_of(desk):
            return "yours"
        return "shared" if self.shared else "private"


def check_name(name: str, desk: str | None = None) -> str:
    """Refuse a name that is not a plain folder name, or that the program keeps for itself.

    Args:
        desk: Who wants it. A desk may not take the name of the full drawn set: that is everyone's.

    Raises:
        DataError: The name cannot be used.
    """
    kept = name == SHIPPED_NAME or (name == FULL_NAME and owner_of(desk) != "")
    if kept or not NAME.fullmatch(name):
        raise DataError(
            "Expected a name of lower-case letters, digits, dots and dashes, 60 at most.",
            f"Received {name!r}{', which the program keeps for itself' if kept else ''}.",
            "Choose a name such as ham10000-small.",
        )
    return name


def check_free(name: str, desk: str | None = None) -> None:
    """Refuse a name that cannot be used, or that a set has already.

    Raises:
        DataError: Says which.
    """
    check_name(name, desk)
    if is_stored(name):
        mend = f", or `lesionlab data delete {name}` first" if not owner_of(desk) else ""
        raise DataError(
            "Expected a name that is free.",
            f"There is a data set called {name} already.",
            f"Choose another name{mend}.",
        )


def stored_folder(name: str) -> Path:
    """Where the set of this name lies or would lie."""
    return settings.current().datasets / check_name(name)


def is_stored(name: str) -> bool:
    """Whether a set of this name has been made or imported, by whomever."""
    if not NAME.fullmatch(name) or name == SHIPPED_NAME:
        return False
    return (settings.current().datasets / name / DESCRIPTION).is_file()


def stored_infos() -> list[DatasetInfo]:
    """All stored sets, by name; reads only their descriptions."""
    found = (info_in(path.parent) for path in settings.current().datasets.glob(f"*/{DESCRIPTION}"))
    return sorted((info for info in found if info is not None), key=lambda info: info.name)


def info_in(folder: Path) -> DatasetInfo | None:
    """What the description in a stored set's folder says, or None where there is none."""
    values = read_json(folder / DESCRIPTION) if NAME.fullmatch(folder.name) else None
    if not isinstance(values, dict):
        return None
    return DatasetInfo(
        name=folder.name,
        title=str(values.get("title") or folder.name),
        num_images=_number(values, "num_images"),
        num_classes=len(values.get("classes") or ()),
        drawn=bool(values.get("drawn", False)),
        folder=folder,
        # Sets of before there were owners are everybody's.
        owner=str(values.get("owner") or ""),
        shared=bool(values.get("shared", False)),
        kind=str(values.get("source") or ""),
        created=str(values.get("created") or ""),
        num_bytes=_number(values, "num_bytes"),
    )


def _number(values: dict[str, Any], key: str) -> int:
    value = values.get(key)
    return value if isinstance(value, int) else 0
