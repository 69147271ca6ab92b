"""What is looked at in a JPEG before a pixel is decoded."""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lesionlab.errors import PictureError
from lesionlab.images.directory import check_block
from lesionlab.images.limits import MAX_PROFILE_BYTES, check_size, damaged, overloaded

# Baseline, extended and progressive, all with Huffman's code. Arithmetic coding (no camera writes
# it) decodes ten times slower, and lossless JPEG is found inside DICOM alone.
FRAMES = (0xC0, 0xC1, 0xC2)
ANY_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}
START_OF_SCAN, END = 0xDA, 0xD9
# A marker, but for the restarts that stand inside a scan: each ends a stretch of coded data.
MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])")
MAX_SEGMENTS = 2_000
# Between segments nothing should stand; Pillow steps over it byte by byte.
MAX_STRAY_BYTES = 4_096
# Pillow hands libjpeg the same filling again and again, each time with some more of it.
FILLING = b"\xff" * 1_000
# Each scan goes through all pixels again: libjpeg needs about 10 ms a scan for 40 megapixels even
# when there is nothing in it. Cameras and programs write ten to fourteen.
MAX_SCANNED_PIXELS = 1_200_000_000
MAX_SCANS = 1_000
# For several scans libjpeg keeps 16 bits of each value from first to last: 320 MB for four inks of
# 40 megapixels, before it can meet damage. Printing houses write such files in one scan.
MAX_INK_SCANS_PIXELS = 30_000_000
EXIF, SEVERAL_PICTURES = b"Exif\0\0", b"MPF\0"
XMP, PROFILE = b"http://ns.adobe.com/xap/1.0/\0", b"ICC_PROFILE\0"
MAX_EXIF_BYTES = 2**20
# Tables of quantization, and Photoshop's blocks.
MAX_NOTE_BYTES = {0xDB: 2**16, 0xED: 2**21}
# Any others, by marker, and those of them that are looked at: how they begin, and how many bytes of
# each are enough (a profile comes in up to 255 parts with a head of 14 bytes).
NOTES = frozenset(range(0xE0, 0xF0)) | {0xFE}
READ = {
    (0xE0, b"JFIF\0"): 2**16,
    (0xE1, EXIF): MAX_EXIF_BYTES,
    (0xE1, XMP): 2**17,
    (0xE2, PROFILE): MAX_PROFILE_BYTES + 255 * 14,
    (0xEE, b"Adobe"): 2**16,
}


@dataclass(frozen=True)
class Frame:
    """What a JPEG says of itself in its frame header and its number of scans."""

    kind: int
    bits: int
    height: int
    width: int
    num_components: int
    num_scans: int
    ends: bool


class Notes:
    """What stands before the first scan and is read by Pillow's Python, which takes its time."""

    def __init__(self) -> None:
        self.exif = b""
        self._left = dict(MAX_NOTE_BYTES)

    def add(self, marker: int, content: bytes) -> None:
        """Take one segment.

        Raises:
            PictureError: There are more bytes of this kind than any camera writes.
        """
        if marker in self._left:
            self._left[marker] -= len(content)
        if self._left.get(marker, 0) < 0:
            raise overloaded("Received a JPEG with far too many notes before its picture.")
        if marker == 0xE1 and content.startswith(EXIF):
            self.exif += content.removeprefix(EXIF)
            if len(self.exif) > MAX_EXIF_BYTES:
                raise overloaded("Received a JPEG with far too many notes before its picture.")
        if marker == 0xE2 and content.startswith(SEVERAL_PICTURES):
            check_block(content.removeprefix(SEVERAL_PICTURES))


def check(data: bytes) -> int:
    """Let a JPEG pass whose decoding takes little time and memory.

    A few hundred kB can hold thousands of progressive scans, of which each costs a pass over all
    pixels ("Two Issues with the JPEG Standard", libjpeg-turbo project, 2015).

    Raises:
        PictureError: Too large, of a kind nobody uses, or with too many scans.
    """
    frame = read_frame(data)
    if frame.kind not in FRAMES or frame.bits != 8:
        raise overloaded("Received a JPEG of a rare kind (arithmetic, lossless or 12-bit).")
    check_size(frame.width, frame.height)
    num_pixels = frame.width * frame.height
    if frame.num_scans <= 1 and frame.kind != 0xC2:
        return num_pixels
    if frame.num_scans > MAX_SCANS or frame.num_scans * num_pixels > MAX_SCANNED_PIXELS:
        raise overloaded(f"Received a JPEG that draws its picture {frame.num_scans:,} times over.")
    if frame.num_components > 3 and num_pixels > MAX_INK_SCANS_PIXELS:
        raise PictureError(
            "Expected a progressive JPEG in four inks (CMYK) of at most "
            f"{MAX_INK_SCANS_PIXELS / 1e6:.0f} megapixels.",
            f"Received {frame.height}×{frame.width}, that is {num_pixels / 1e6:.0f} megapixels.",
            "Save it as RGB, or as a JPEG that is not progressive.",
        )
    if not frame.ends:
        raise damaged("It is cut off.")
    return num_pixels


def read_frame(data: bytes) -> Frame:
    """Read the frame header, and count the scans.

    Raises:
        PictureError: No frame header where one must be, thousands of segments, or a flood of notes.
    """
    found: tuple[int, int, int, int, int] | None = None
    num_scans, ends = 0, False
    notes = Notes()
    for marker, _, content, end in segments(data):
        if marker in ANY_FRAME and found is None:
            if content + 6 > len(data):
                break
            found = marker, *struct.unpack_from(">BHHB", data, content)
        num_scans += marker == START_OF_SCAN
        ends = marker == END
        if not num_scans:
            notes.add(marker, data[content:end])
    if found is None:
        raise damaged()
    check_block(notes.exif)
    return Frame(*found, num_scans, ends)


class Segment(NamedTuple):
    """A marker, and where it, its content and the next stretch of the file begin."""

    marker: int
    begin: int
    content: int
    end: int


def segments(data: bytes) -> Iterator[Segment]:
    """Walk from marker to marker as libjpeg does.

    Raises:
        PictureError: Filling where segments should stand, or thousands of segments.
    """
    place, stray, in_scans = 2, 0, False
    for _ in range(MAX_SEGMENTS):
        match = MARKER.search(data, place)
        if match is None:
            return
        marker, begin, length_at = match[1][0], match.start(), match.end()
        if not in_scans:
            stray += begin - place
        if stray > MAX_STRAY_BYTES or data.find(FILLING, place, length_at) >= 0:
            raise damaged()
        if marker == END:
            yield Segment(marker, begin, length_at, length_at)
            return
        if length_at + 2 > len(data):
            return
        (length,) = struct.unpack_from(">H", data, length_at)
        place = length_at + max(length, 2)
        yield Segment(marker, begin, length_at + 2, place)
        in_scans = in_scans or marker == START_OF_SCAN
    raise overloaded("Received a JPEG in thousands of pieces.")


def without_notes(data: bytes) -> bytes:
    """The same picture without the notes at which nobody here looks.

    Pillow keeps every note before the picture once more. Where they are most of the file, a copy
    without them takes less memory; elsewhere the file is given back as it is.

    Args:
        data: A JPEG that `check` has let pass.
    """
    view, parts, place = memoryview(data), [], 0
    read: Counter[tuple[int, bytes]] = Counter()
    for marker, begin, content, end in segments(data):
        if marker == START_OF_SCAN:
            break
        kind = next((k for k in READ if k[0] == marker and data.startswith(k[1], content)), None)
        if kind is not None:
            read[kind] += end - content
        if marker in NOTES and (kind is None or read[kind] > READ[kind]):
            parts.append(view[place:begin])
            place = end
    parts.append(view[place:])
    return data if 2 * sum(map(len, parts)) > len(data) else b"".join(parts)
