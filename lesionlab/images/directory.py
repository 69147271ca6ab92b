"""Directories of TIFF and of Exif, looked at before Pillow reads what they point to.

Pillow reads the values of all entries of a directory at once. 5,000 entries that each point to the
same 60 kB already fill 300 MB, so what they say together is bounded here (TIFF 6.0, section 2).
"""

from __future__ import annotations

import struct

from lesionlab.images.limits import overloaded

# Bytes of one value by the number of its type; types that are not listed count as the largest.
TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
TEXT_AND_BYTES = (1, 2, 6, 7)
SHORT, LONG, ADDRESS = 3, 4, 13
MAX_ENTRIES = 1_000
# Pillow makes a Python object of each number and takes a step for each strip of a TIFF: 50,000
# strips of a picture of 50,000 rows have 400 kB of offsets and lengths.
MAX_NUMBER_BYTES = 600_000
# Of Exif, of its positions, and of what makes two or more files interoperate.
BELOW = (0x8769, 0x8825, 0xA005)


def byte_order(data: bytes) -> str | None:
    """The order of bytes for `struct`; None when the data do not begin like a TIFF."""
    return {b"II": "<", b"MM": ">"}.get(data[:2])


def read_directory(data: bytes, order: str, start: int) -> dict[int, tuple[int, int, int]]:
    """The whole numbers in a directory and how often they stand there.

    Args:
        data: All bytes of the TIFF or Exif block, to which addresses relate.
        start: Where the directory begins.

    Returns:
        Tag -> type, count and first value. For types that hold no whole number the value is 0.

    Raises:
        PictureError: Its entries say that they hold more than any camera writes.
        struct.error: It does not lie within `data`.
    """
    (num_entries,) = struct.unpack_from(order + "H", data, start)
    if num_entries > MAX_ENTRIES:
        raise overloaded(f"Received one with a directory of {num_entries:,} entries.")
    entries: dict[int, tuple[int, int, int]] = {}
    byte_total = number_total = 0
    # What a cut-off block does not hold is not read by Pillow either.
    held = min(num_entries, (len(data) - start - 2) // 12)
    for place in range(start + 2, start + 2 + 12 * held, 12):
        tag, kind, count, where = struct.unpack_from(order + "HHII", data, place)
        size = TYPE_BYTES.get(kind, 8) * count
        if kind in TEXT_AND_BYTES:
            byte_total += size
        else:
            number_total += size
        if byte_total > len(data) or number_total > MAX_NUMBER_BYTES:
            raise overloaded("Received one whose directory says that it holds far too much.")
        value = 0
        if kind in (SHORT, LONG, ADDRESS) and count:
            form = order + ("H" if kind == SHORT else "I")
            (value,) = struct.unpack_from(form, data, place + 8 if size <= 4 else where)
        entries[tag] = (kind, count, value)
    return entries


def check_block(data: bytes) -> None:
    """Let a block of Exif or of several pictures (MPF) pass that is small enough to be read.

    Raises:
        PictureError: It says that it holds far too much.
    """
    order = byte_order(data)
    if order is None:
        return
    try:
        (start,) = struct.unpack_from(order + "I", data, 4)
        read_directory(data, order, start)
    except struct.error:
        return
