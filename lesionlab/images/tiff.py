"""What is looked at in a TIFF before a pixel is decoded (TIFF 6.0, sections 2 and 15)."""

from __future__ import annotations

import struct

from lesionlab.images.directory import ADDRESS, BELOW, LONG, SHORT, byte_order, read_directory
from lesionlab.images.limits import check_size, damaged, overloaded

WIDTH, HEIGHT, BITS, COMPRESSION, STRIP_OFFSETS, SAMPLES = 256, 257, 258, 259, 273, 277
ROWS_PER_STRIP, TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS = 278, 322, 323, 324
NEEDED = (WIDTH, HEIGHT, BITS, COMPRESSION, STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP)
NEEDED_NUMBERS = frozenset((*NEEDED, TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, *BELOW))
NO_COMPRESSION = 1
# None, LZW, JPEG, Deflate by its two numbers, PackBits. Others (fax, Zstandard, LZMA, scientific)
# are for other things, and each is one more decoder that a stranger could reach.
COMPRESSIONS = (NO_COMPRESSION, 5, 7, 8, 32946, 32773)
# libtiff sets a whole strip or tile aside.
MAX_PIECE_BYTES = 125_000_000
# Marks of scans that may stand in profiles and previews by chance, beside one for each piece.
MAX_EXTRA_SCANS = 100


def check(data: bytes) -> int:
    """Let a TIFF pass whose first page is small enough in all that is set aside for it.

    Raises:
        PictureError: Too large, of a rare compression, or with an absurd directory.
    """
    try:
        entries = _first_directory(data)
    except struct.error as error:
        raise damaged("It is cut off.") from error

    def number(tag: int, default: int = 0) -> int:
        return entries[tag][2] if tag in entries else default

    width, height = number(WIDTH), number(HEIGHT)
    check_size(width, height)
    compression = number(COMPRESSION, NO_COMPRESSION)
    if compression not in COMPRESSIONS:
        raise overloaded("Received a TIFF of a rare compression.")
    if compression == NO_COMPRESSION:
        return width * height
    if TILE_OFFSETS in entries:
        piece = number(TILE_WIDTH) * number(TILE_HEIGHT)
        num_pieces = entries[TILE_OFFSETS][1]
    else:
        piece = width * min(height, number(ROWS_PER_STRIP, height))
        num_pieces = entries[STRIP_OFFSETS][1] if STRIP_OFFSETS in entries else 1
    value_bytes = 2 if number(BITS, 1) > 8 else 1
    if piece * max(1, number(SAMPLES, 1)) * value_bytes > MAX_PIECE_BYTES:
        raise overloaded("Received a TIFF that is packed in one piece far too large.")
    if data.count(b"\xff\xda") > num_pieces + MAX_EXTRA_SCANS:
        raise overloaded("Received a TIFF whose JPEG parts draw their picture many times over.")
    return width * height


def _first_directory(data: bytes) -> dict[int, tuple[int, int, int]]:
    """The entries of the first page; those of directories below it are looked at too."""
    order = byte_order(data)
    if order is None:
        raise damaged()
    (start,) = struct.unpack_from(order + "I", data, 4)
    entries = read_directory(data, order, start)
    for tag in NEEDED_NUMBERS & set(entries):
        kind, count, _ = entries[tag]
        if kind not in (SHORT, LONG, ADDRESS) or not count:
            raise damaged()
    for tag in set(BELOW) & set(entries):
        if entries[tag][2] + 2 <= len(data):
            read_directory(data, order, entries[tag][2])
    return entries
