"""How the camera was held, read from a picture's notes."""

from __future__ import annotations

import re
import struct
from typing import Any

import numpy as np

ORIENTATION, SHORT = 0x0112, 3
EXIF_START = b"Exif\0\0"
XMP_ORIENTATION = re.compile(rb'tiff:Orientation(?:="|>)([1-8])')
MAX_ENTRIES = 1_000


def orientation(info: dict[Any, Any]) -> int:
    """The number 1 to 8 by which Exif says how a picture has to be turned; 1 is upright.

    Only the first directory is walked, and only for this one entry: whole readers of Exif follow
    every address in it, which a stranger can point at the same megabytes a thousand times.

    Args:
        info: What Pillow read beside the pixels (`Image.info`).
    """
    exif = info.get("exif") or _from_text(info.get("Raw profile type exif"))
    found = _in_exif(bytes(exif).removeprefix(EXIF_START)) if exif else None
    if found is None and isinstance(notes := info.get("xmp"), bytes):
        match = XMP_ORIENTATION.search(notes)
        found = int(match[1]) if match else None
    return found or 1


def laid_as_stored(upright: np.ndarray, turned: int) -> np.ndarray:
    """A view into `upright` in which the rows lie as they are stored in the file.

    Writing the stored pixels into it turns the picture without another copy of it.

    Args:
        upright: `(h, w, 3)`.
        turned: As `orientation` gives it (Exif 2.32, table 6).
    """
    if turned == 2:
        return upright[:, ::-1]
    if turned == 3:
        return upright[::-1, ::-1]
    if turned == 4:
        return upright[::-1]
    if turned == 5:
        return upright.swapaxes(0, 1)
    if turned == 6:
        return np.rot90(upright, 1)
    if turned == 7:
        return upright.swapaxes(0, 1)[::-1, ::-1]
    if turned == 8:
        return np.rot90(upright, -1)
    return upright


def _in_exif(exif: bytes) -> int | None:
    """The entry of the first directory; None when there is none or it cannot be read."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return None
    try:
        (start,) = struct.unpack_from(order + "I", exif, 4)
        (num_entries,) = struct.unpack_from(order + "H", exif, start)
        for number in range(min(num_entries, MAX_ENTRIES)):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", exif, start + 2 + 12 * number)
            if tag == ORIENTATION:
                return value if kind == SHORT and 1 <= value <= 8 else None
    except struct.error:
        return None
    return None


def _from_text(text: object) -> bytes:
    """Exif as old programs hide it in a PNG: three lines of words, then hexadecimal digits."""
    try:
        return bytes.fromhex("".join(str(text).split("\n")[3:])) if text else b""
    except ValueError:
        return b""
