"""A set of files under one roof, whether they lie in a folder or in an archive."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Protocol

from lesionlab.errors import DataError

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"})
MAX_FILES = 300_000
MAX_TABLE_BYTES = 200 * 1024 * 1024


class Tree(Protocol):
    """Files by their relative names with forward slashes.

    Attributes:
        title: What a sentence about it calls it.
        sizes: Bytes of each file, by name, sorted by name.
    """

    title: str
    sizes: dict[str, int]

    def read(self, name: str) -> bytes:
        """The content of one file."""
        ...

    def close(self) -> None:
        """Let go of what is open."""


class FolderTree:
    """The files of a folder and of all folders below it; hidden ones do not count.

    Raises:
        DataError: Not a folder, or more files than any known data set has.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            received = f"{folder} is a file." if folder.exists() else f"There is no {folder}."
            raise DataError("Expected a folder.", received, "Check the path.")
        self.folder = folder
        self.title = f"the folder {folder.name or folder}"
        found: dict[str, int] = {}
        for here, folders, files in os.walk(folder):
            folders[:] = sorted(name for name in folders if not is_hidden(name))
            inside = Path(here)
            for file in files:
                path = inside / file
                if not is_hidden(file) and path.is_file():
                    found[path.relative_to(folder).as_posix()] = path.stat().st_size
            if len(found) > MAX_FILES:
                raise DataError(
                    f"Expected a folder with at most {MAX_FILES:,} files.",
                    f"{folder} has more.",
                    "Give the folder that holds the pictures.",
                )
        self.sizes = dict(sorted(found.items()))

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def close(self) -> None:
        return


def is_hidden(name: str) -> bool:
    """Files that an operating system adds, and those that a user does not see."""
    return name.startswith((".", "__MACOSX")) or name == "Thumbs.db"


def pictures(tree: Tree) -> list[str]:
    """The names that end like a picture, in order."""
    return [name for name in tree.sizes if PurePosixPath(name).suffix.lower() in PICTURES]


def find(tree: Tree, file_name: str) -> str | None:
    """The file of this name that lies least deep, or None."""
    wanted = file_name.lower()
    found = [name for name in tree.sizes if PurePosixPath(name).name.lower() == wanted]
    return min(found, key=lambda name: (name.count("/"), name), default=None)
