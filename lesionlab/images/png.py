"""What is looked at in a PNG before a pixel is decoded."""

from __future__ import annotations

import struct

from lesionlab.images.limits import check_size, damaged, overloaded

HEAD = struct.Struct(">I4s")
# The largest file allowed has 4,000 chunks when its writer cuts it as finely as libpng does.
MAX_CHUNKS = 20_000
# Pillow unpacks each of these up to 1 MB.
UNPACKED = (b"iCCP", b"zTXt", b"iTXt")
MAX_UNPACKED = 100


def check(data: bytes) -> int:
    """Let a PNG pass whose size is allowed and that is not cut into millions of chunks.

    Raises:
        PictureError: Too large, not a PNG, or in too many pieces.
    """
    if data[12:16] != b"IHDR" or len(data) < 33:
        raise damaged()
    width, height = struct.unpack_from(">II", data, 16)
    check_size(width, height)
    place = 8
    num_unpacked = 0
    for _ in range(MAX_CHUNKS):
        if place + 8 > len(data):
            return width * height
        length, kind = HEAD.unpack_from(data, place)
        num_unpacked += kind in UNPACKED
        if num_unpacked > MAX_UNPACKED:
            raise overloaded("Received a PNG with hundreds of packed notes.")
        place += 12 + length
    raise overloaded(f"Received a PNG in more than {MAX_CHUNKS:,} pieces.")
