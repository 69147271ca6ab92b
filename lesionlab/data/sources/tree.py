"""A set of files under one roof, whether they lie in a folder or in an archive."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from lesionlab.errors import DataError
from lesionlab.images.decode import SUFFIXES

PICTURES = SUFFIXES
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
        for name, size in _files(folder):
            if not name.isprintable() and _is_no_text(name):
                shown = name.encode("utf-8", "replace").decode()
                raise DataError(
                    f"Expected names of files in UTF-8 in {folder}.",
                    f"Received {shown[-200:]!r}, in which ? stands for what cannot be read.",
                    "Rename the file or its folder, and import again.",
                )
            found[name] = size
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


def _is_no_text(name: str) -> bool:
    """Whether a name holds bytes that are no UTF-8, as old zip programs leave them on Linux."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return True
    return False


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    """Relative names and sizes of all files below; linked folders are not entered."""
    waiting = [("", folder)]
    while waiting:
        above, here = waiting.pop()
        with os.scandir(here) as entries:
            for entry in entries:
                if is_hidden(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((f"{above}{entry.name}/", Path(entry.path)))
                elif entry.is_file():
                    yield above + entry.name, entry.stat().st_size


def is_hidden(name: str) -> bool:
    """Files that an operating system adds, and those that a user does not see."""
    return name.startswith((".", "__MACOSX")) or name == "Thumbs.db"


# Names are taken apart with plain string functions: a tree has up to 300,000 of them, and a path
# object for each would take seconds.


def file_name(name: str) -> str:
    """The last part of a name in a tree."""
    return name.rpartition("/")[2]


def folders_of(name: str) -> list[str]:
    """The folders that a file lies in, outermost first."""
    return name.split("/")[:-1]


def stem(name: str) -> str:
    """The file's name without its ending."""
    last = file_name(name)
    return last.rpartition(".")[0] or last


def suffix(name: str) -> str:
    """The ending with its dot, in lower case; "" when there is none."""
    before, dot, after = file_name(name).rpartition(".")
    return f".{after.lower()}" if before and dot else ""


def pictures(tree: Tree) -> list[str]:
    """The names that end like a picture, in order."""
    return [name for name in tree.sizes if suffix(name) in PICTURES]


def find(tree: Tree, wanted: str) -> str | None:
    """The file of this name that lies least deep, or None."""
    lower = wanted.lower()
    found = [name for name in tree.sizes if file_name(name).lower() == lower]
    return min(found, key=lambda name: (name.count("/"), name), default=None)
