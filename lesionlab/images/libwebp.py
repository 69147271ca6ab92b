"""The decoder of libwebp itself, from the library that Pillow brings along.

Pillow decodes each WebP as an animation, whose canvases of four bytes a pixel lie beside what the
decoder needs: 320 MB before damage in 40 megapixels is met, 480 MB for a good picture. libwebp's
incremental decoder (`webp/decode.h`) writes where it is told instead.
"""

from __future__ import annotations

import ctypes
import importlib
from functools import lru_cache

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


def decode(
    libwebp: ctypes.CDLL, data: bytes, size: tuple[int, int, int], end: int, bytes_beside: int
) -> np.ndarray:
    """Decode a WebP that is no animation.

    What would take too much memory before damage is met is first decoded into 1.5 bytes a pixel.

    Args:
        libwebp: What `library` found.
        size: Height, width, and 3 channels or 4 with the transparency.
        end: Where its picture ends; what stands behind is not read.
        bytes_beside: What libwebp needs for a pixel beside the bytes that it writes.

    Returns:
        uint8 RGB or RGBA of this size.

    Raises:
        PictureError: It is damaged.
    """
    height, width, channels = size
    if height * width * (channels + bytes_beside) + len(data) > MAX_BYTES_IF_DAMAGED:
        half = (width + 1) // 2
        luma, chroma = width * height, half * ((height + 1) // 2)
        planes = np.empty(luma + 2 * chroma, np.uint8)
        first = planes.ctypes.data
        second, third = first + luma, first + luma + chroma
        places = (first, luma, width, second, chroma, half, third, chroma, half)
        _run(libwebp, libwebp.WebPINewYUV(*places), data, end)
        del planes
    # Zeros, so that nothing else of this process can ever show where a row is missing.
    pixels = np.zeros(size, np.uint8)
    place = (pixels.ctypes.data, pixels.nbytes, width * channels)
    _run(libwebp, libwebp.WebPINewRGB(MODES[channels], *place), data, end)
    return pixels


def _run(libwebp: ctypes.CDLL, decoder: int | None, data: bytes, end: int) -> None:
    if decoder is None:
        raise MemoryError("libwebp made no decoder.")
    try:
        state = libwebp.WebPIUpdate(decoder, data, end)
    finally:
        libwebp.WebPIDelete(decoder)
    if state != OK:
        raise damaged()
