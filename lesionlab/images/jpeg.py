"""What is looked at in a JPEG before a pixel is decoded."""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from lesionlab.errors import PictureError
from lesionlab.images.directory import check_block
from lesionlab.images.limits import MAX_PROFILE_BYTES, check_size, damaged, overloaded
from lesionlab.images.parts import as_one_file

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
EXIF, XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
PROFILE, PROFILE_HEAD, PROFILE_PARTS = b"ICC_PROFILE\0", 14, 255
# What is handed on of what stands before the first scan: the frame, tables for Huffman's code and
# for quantization, the distance of restarts …
QUANTIZATION = 0xDB
NEEDED = frozenset(FRAMES) | {0xC4, QUANTIZATION, 0xDD}
# Pillow's Python reads tables of quantization one by one.
MAX_QUANTIZATION_BYTES = 2**16
# … and notes that are looked at, by marker and beginning, with how many bytes of each are enough.
READ = {
    (0xE0, b"JFIF\0"): 2**16,
    (0xE1, EXIF): 2**20,
    (0xE1, XMP): 2**17,
    (0xE2, PROFILE): MAX_PROFILE_BYTES + PROFILE_PARTS * PROFILE_HEAD,
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
        PictureError: No or several frame headers before the first scan, no scan, thousands of
            segments, or Exif or tables that say they hold more than any camera writes.
    """
    found: tuple[int, int, int, int, int] | None = None
    num_scans, ends = 0, False
    head = Head()
    for segment in segments(data):
        marker, _, content, _ = segment
        if marker in ANY_FRAME and not num_scans:
            if found is not None or content + 6 > len(data):
                raise damaged()
            found = marker, *struct.unpack_from(">BHHB", data, content)
        num_scans += marker == START_OF_SCAN
        ends = marker == END
        if not num_scans:
            head.wants(data, segment)
    if found is None or not num_scans:
        raise damaged()
    check_block(head.exif)
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


class Head:
    """Chooses, segment by segment, what of the head of a JPEG is handed on to Pillow."""

    def __init__(self) -> None:
        self.exif = b""
        self._read: Counter[tuple[int, bytes]] = Counter()
        self._quantization_bytes = 0

    def wants(self, data: bytes, segment: Segment) -> bool:
        """Whether this segment, the next before the first scan, is handed on.

        Raises:
            PictureError: There are more tables than any program writes.
        """
        marker, _, content, end = segment
        if marker == QUANTIZATION:
            self._quantization_bytes += end - content
            if self._quantization_bytes > MAX_QUANTIZATION_BYTES:
                raise overloaded("Received a JPEG with far too many tables before its picture.")
        if marker in NEEDED:
            return True
        kind = next((k for k in READ if k[0] == marker and data.startswith(k[1], content)), None)
        if kind is None:
            return False
        self._read[kind] += end - content
        if self._read[kind] > READ[kind]:
            return False
        if kind[1] == EXIF:
            self.exif += data[content + len(EXIF) : end]
        return True


def without_notes(data: bytes) -> BinaryIO:
    """A file of the same picture, in which nothing stands before it that nobody here looks at.

    Pillow would keep each note once more and follow what it points to, and it walks through what
    libjpeg steps over.

    Args:
        data: A JPEG that `check` has let pass.
    """
    spans, head = [(0, 2)], Head()
    for segment in segments(data):
        if segment.marker == START_OF_SCAN:
            begin, end = segment.begin, len(data)
        elif head.wants(data, segment):
            begin, end = segment.begin, segment.end
        else:
            continue
        if begin == spans[-1][1]:
            begin = spans.pop()[0]
        spans.append((begin, end))
        if end == len(data):
            break
    return as_one_file(data, spans)
