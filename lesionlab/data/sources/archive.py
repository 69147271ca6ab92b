"""Zip archives from strangers: looked at before anything is unpacked, and read within limits."""

from __future__ import annotations

import stat
import struct
import unicodedata
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
# The same for the whole archive, from this size on.
TOTAL_COUNTS_FROM_BYTES = 2**30
MAX_TOTAL_RATIO = 100
# What the usual file systems take.
MAX_NAME, MAX_NAME_PART = 1_000, 255
# Encrypted, strongly encrypted, and with a masked directory (APPNOTE.TXT, section 4.4.4).
ENCRYPTED = 0x1 | 0x40 | 0x2000
# The last record, behind which a comment of 64 kB may stand; before it those of zip64.
LONGEST_TAIL = 22 + 65_535 + 76
END, END_64, LOCATOR_64 = b"PK\5\6", b"PK\6\6", b"PK\6\7"
ENTRY = b"PK\1\2"
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
        self._num_bytes = path.stat().st_size
        try:
            if num_entries(path) > MAX_FILES:
                raise self._refused(f"at most {MAX_FILES:,} files", "It has more.")
            self._zip = zipfile.ZipFile(path)
        except DataError:
            raise
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
        self._look_at_sizes(entries)
        sizes: dict[str, int] = {}
        taken: dict[str, str] = {}
        for entry in entries:
            name = entry.filename
            self._look_at_name(entry)
            kind = stat.S_IFMT(entry.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise self._refused("files and folders alone", f"{name} is a link or a device.")
            if entry.flag_bits & ENCRYPTED:
                raise self._refused("files without a password", f"{name} has one.")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise self._refused(
                    "files that are deflated or stored", f"{name} is packed otherwise."
                )
            if entry.is_dir() or any(is_hidden(part) for part in PurePosixPath(name).parts):
                continue
            # Capitals may differ: nothing is unpacked under these names, and a published archive
            # of HAM10000 has a folder twice in that way.
            place = unicodedata.normalize("NFC", str(PurePosixPath(name)))
            if place in taken:
                both = "twice" if taken[place] == name else f"and {taken[place]}"
                raise self._refused("each name once", f"It has {name} {both}.")
            taken[place] = name
            sizes[name] = entry.file_size
        return dict(sorted(sizes.items()))

    def _look_at_name(self, entry: zipfile.ZipInfo) -> None:
        """Names lead nowhere else, can be seen as they are, and fit any disk."""
        name = entry.filename
        parts = PurePosixPath(name).parts
        # zipfile itself cuts a name at its first NUL.
        visible = name.isprintable() and "\0" not in entry.orig_filename
        leads_out = name.startswith("/") or ".." in parts or "\\" in name
        if not parts or leads_out or ":" in parts[0] or not visible:
            raise self._refused("names that stay inside it", f"One is {name[:80]!r}.")
        if len(name) > MAX_NAME or max(map(len, parts)) > MAX_NAME_PART:
            raise self._refused(
                f"names of at most {MAX_NAME_PART} characters", f"One begins with {name[:80]!r}."
            )

    def _look_at_sizes(self, entries: list[zipfile.ZipInfo]) -> None:
        """Neither one file nor all of them unpack to far more than they are, and none lies twice.

        A small archive whose entries share the same packed bytes unpacks to any size (Fifield, "A
        better zip bomb", WOOT 2019), and each of its files looks harmless.
        """
        total = sum(entry.file_size for entry in entries)
        if total > MAX_UNPACKED_BYTES:
            raise self._refused(
                f"at most {MAX_UNPACKED_BYTES // 2**30} GB when unpacked", "It would be more."
            )
        if total > TOTAL_COUNTS_FROM_BYTES and total > MAX_TOTAL_RATIO * self._num_bytes:
            raise self._refused(
                f"files that unpack to at most {MAX_TOTAL_RATIO} times the archive",
                f"It unpacks to {total // 2**20:,} MB.",
            )
        for entry in entries:
            large = entry.file_size > RATIO_COUNTS_FROM_BYTES
            if large and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
                raise self._refused(
                    f"files that unpack to at most {MAX_RATIO} times their packed size",
                    f"{entry.filename} unpacks to {entry.file_size // 2**20} MB.",
                )
        end = 0
        for entry in sorted(entries, key=lambda entry: entry.header_offset):
            if entry.header_offset < end:
                raise self._refused(
                    "files that lie behind each other", f"{entry.filename} lies within another."
                )
            # A header has 30 bytes and the name, in one byte a letter or more.
            end = entry.header_offset + 30 + len(entry.orig_filename) + entry.compress_size
        if end > self._num_bytes:
            raise self._damaged("its last file is cut off")

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


def num_entries(path: Path) -> int:
    """How many files the directory of an archive lists, without keeping any of them.

    `zipfile` makes an object of each entry before anyone can count them, whatever number the
    archive says; 100 MB of directory would take some GB (APPNOTE.TXT, sections 4.3.12 to 4.3.16).

    Returns:
        The number, counted no further than one more than is allowed; 0 when it is no archive.
    """
    with path.open("rb") as file:
        file.seek(0, 2)
        length = file.tell()
        file.seek(max(0, length - LONGEST_TAIL))
        tail = file.read()
        # As zipfile looks for it: without a comment at the very end, else the last one there is.
        bare = tail[-22:].startswith(END) and tail.endswith(b"\0\0")
        place = len(tail) - 22 if bare else tail.rfind(END)
        if place < 0 or place + 22 > len(tail):
            return 0
        (size,) = struct.unpack_from("<I", tail, place + 12)
        end = length - len(tail) + place
        before = tail[place - 76 : place] if place >= 76 else b""
        if before.startswith(END_64) and before[56:].startswith(LOCATOR_64):
            (size,) = struct.unpack_from("<Q", before, 40)
            end -= 76
        file.seek(max(0, end - size))
        counted = 0
        while counted <= MAX_FILES and file.tell() < end:
            head = file.read(46)
            if len(head) < 46 or not head.startswith(ENTRY):
                break
            counted += 1
            file.seek(sum(struct.unpack_from("<3H", head, 28)), 1)
        return counted
