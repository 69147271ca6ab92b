"""What is looked at in a BMP before a pixel is decoded."""

from __future__ import annotations

import struct

from lesionlab.images.limits import check_size, damaged, overloaded

OLD_HEADER = 12
# Plain, or plain with masks that say where red, green, blue and transparency stand.
PLAIN = (0, 3, 6)


def check(data: bytes) -> int:
    """Let a BMP pass whose pixels stand there plainly.

    Run-length coded ones are unpacked by Pillow in a loop of Python, which takes a minute for what
    fits into 30 MB, and no camera or dermatoscope writes them.

    Raises:
        PictureError: Too large, run-length coded, or not a BMP.
    """
    if len(data) < 34:
        raise damaged("It is cut off.")
    (header,) = struct.unpack_from("<I", data, 14)
    if header == OLD_HEADER:
        width, height = struct.unpack_from("<HH", data, 18)
        check_size(width, height)
        return int(width * height)
    width, height = struct.unpack_from("<ii", data, 18)
    check_size(abs(width), abs(height))
    (packing,) = struct.unpack_from("<I", data, 30)
    if packing not in PLAIN:
        raise overloaded("Received a BMP that is packed (run-length coded).")
    return int(abs(width * height))
