"""The decoder of libwebp itself, from the library that Pillow brings along.

Pillow decodes each WebP as an animation, whose canvases of four bytes a pixel lie beside what the
decoder needs: 320 MB before damage in 40 megapixels is met, 480 MB for a good picture. libwebp's
incremental decoder (`webp/decode.h`) writes where it is told instead.
"""

from __future__ import annotations

import ctypes
import importlib
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from lesionlab.images.limits import damaged

OK = 0
# libwebp's numbers of the orders in which it writes, by channels.
MODES = {3: 0, 4: 1}
# A file that is refused may cost 300 MB with its own bytes.
MAX_BYTES_IF_DAMAGED = 290_000_000


@lru_cache(maxsize=1)
def library() -> ctypes.CDLL | None:
    """libwebp as Pillow has loaded it; None where Pillow holds it within itself."""
    address, size, whole = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    try:
        found = ctypes.CDLL(importlib.import_module("PIL._webp").__file__)
        found.WebPINewRGB.argtypes = [whole, address, size, whole]
        found.WebPINewYUV.argtypes = [address, size, whole] * 3
        found.WebPIUpdate.argtypes = [address, ctypes.c_char_p, size]
        found.WebPIDelete.argtypes = [address]
    except (ImportError, OSError, AttributeError):
        return None
    found.WebPINewRGB.restype = found.WebPINewYUV.restype = address
    return found


class Picture(NamedTuple):
    """A WebP that is no animation, and its place on a canvas, in pixels.

    `end` is where its pixels end in `content`: what stands behind is not read. `held` are the bytes
    that lie in memory while it is decoded, beside the canvas.
    """

    content: bytes
    end: int
    left: int
    top: int
    width: int
    height: int
    held: int


def decode(libwebp: ctypes.CDLL, picture: Picture, size: tuple[int, int, int]) -> np.ndarray:
    """Decode a picture onto a canvas of zeros.

    What would take too much memory before damage is met is first decoded into 1.5 bytes a pixel.

    Args:
        libwebp: What `library` found.
        size: Height and width of the canvas, and 3 channels or 4 with the transparency.

    Returns:
        uint8 RGB or RGBA of this size.

    Raises:
        PictureError: It is damaged.
    """
    width, height, channels = picture.width, picture.height, size[2]
    if height * width * channels + picture.held > MAX_BYTES_IF_DAMAGED:
        half = (width + 1) // 2
        luma, chroma = width * height, half * ((height + 1) // 2)
        planes = np.empty(luma + 2 * chroma, np.uint8)
        first = planes.ctypes.data
        second, third = first + luma, first + luma + chroma
        places = (first, luma, width, second, chroma, half, third, chroma, half)
        _run(libwebp, libwebp.WebPINewYUV(*places), picture)
        del planes
    # Zeros, so that nothing else of this process can ever show where a row is missing.
    pixels = np.zeros(size, np.uint8)
    row = size[1] * channels
    begin = picture.top * row + picture.left * channels
    place = (pixels.ctypes.data + begin, pixels.nbytes - begin, row)
    _run(libwebp, libwebp.WebPINewRGB(MODES[channels], *place), picture)
    return pixels


def _run(libwebp: ctypes.CDLL, decoder: int | None, picture: Picture) -> None:
    if decoder is None:
        raise MemoryError("libwebp made no decoder.")
    try:
        state = libwebp.WebPIUpdate(decoder, picture.content, picture.end)
    finally:
        libwebp.WebPIDelete(decoder)
    if state != OK:
        raise damaged()
