"""Zip archives from strangers: looked at before anything is unpacked, and read within limits."""

from __future__ import annotations

import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from lesionlab.data.sources.tree import MAX_FILES, is_hidden
from lesionlab.errors import DataError

MAX_UNPACKED_BYTES = 64 * 2**30
# Photographs hardly shrink and tables shrink tenfold. Files below the first limit may shrink as
# they like, since a plain mask does.
RATIO_COUNTS_FROM_BYTES = 4 * 2**20
MAX_RATIO = 300
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


class ZipTree:
    """The files of a zip archive.

    Raises:
        DataError: Not a zip, or one with links, passwords, names that lead out of it, too many
            files or too much in them.
    """

    def __init__(self, path: Path) -> None:
        self.title = f"the archive {path.name}"
        if not path.is_file():
            received = f"{path} is a folder." if path.is_dir() else f"There is no {path}."
            raise DataError("Expected a zip archive.", received, "Check the path.")
        try:
            self._zip = zipfile.ZipFile(path)
        except (*BROKEN, ValueError) as error:
            raise self._damaged(str(error)) from error
        try:
            self.sizes = self._look()
        except DataError:
            self._zip.close()
            raise

    def _look(self) -> dict[str, int]:
        entries = self._zip.infolist()
        if len(entries) > MAX_FILES:
            raise self._refused(f"at most {MAX_FILES:,} files", f"It has {len(entries):,}.")
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
            raise self._refused(
                f"at most {MAX_UNPACKED_BYTES // 2**30} GB when unpacked", "It would be more."
            )
        sizes: dict[str, int] = {}
        for entry in entries:
            name = entry.filename
            parts = PurePosixPath(name).parts
            if (
                not parts
                or name.startswith("/")
                or ".." in parts
                or "\\" in name
                or ":" in parts[0]
                or not name.isprintable()
            ):
                raise self._refused("names that stay inside it", f"One is {name[:80]!r}.")
            kind = stat.S_IFMT(entry.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise self._refused("files and folders alone", f"{name} is a link or a device.")
            if entry.flag_bits & 1:
                raise self._refused("files without a password", f"{name} has one.")
            large = entry.file_size > RATIO_COUNTS_FROM_BYTES
            if large and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
                raise self._refused(
                    f"files that unpack to at most {MAX_RATIO} times their packed size",
                    f"{name} unpacks to {entry.file_size // 2**20} MB.",
                )
            if entry.is_dir() or any(is_hidden(part) for part in parts):
                continue
            if name in sizes:
                raise self._refused("each name once", f"{name} is there twice.")
            sizes[name] = entry.file_size
        return dict(sorted(sizes.items()))

    def read(self, name: str) -> bytes:
        """The content of one file, never more than the archive said it would be."""
        try:
            with self._zip.open(name) as file:
                content = file.read(self.sizes[name] + 1)
        except BROKEN as error:
            raise self._damaged(f"{name}: {error}") from error
        if len(content) != self.sizes[name]:
            raise self._damaged(f"{name} is not as long as its entry says")
        return content

    def close(self) -> None:
        self._zip.close()

    def _refused(self, expected: str, received: str) -> DataError:
        return DataError(
            f"Expected {expected} in {self.title}.",
            received,
            "Pack the pictures and their table again with an ordinary zip program.",
        )

    def _damaged(self, why: str) -> DataError:
        return DataError(
            f"Expected a whole zip archive in {self.title}.",
            f"It cannot be read: {why}.",
            "Download or pack it again.",
        )
