"""WebP: its size before the decoder sees it, and its pixels in one copy less than by Pillow."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from lesionlab.images.limits import check_size, damaged, overloaded

# Each further frame of an animation costs time although only the first is shown.
MAX_CHUNKS = 2_000


def check(data: bytes) -> int:
    """Let a WebP pass whose canvas is allowed: the decoder sets it aside three times, at once.

    The headers are described in RFC 9649, sections 2.5 to 2.7.

    Raises:
        PictureError: Too large, not a WebP, or an animation of thousands of frames.
    """
    if len(data) < 30:
        raise damaged("It is cut off.")
    kind = data[12:16]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(data[24:27], "little")
        height = 1 + int.from_bytes(data[27:30], "little")
    elif kind == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 21)
        width, height = 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    elif kind == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        raise damaged()
    check_size(width, height)
    place = 12
    for _ in range(MAX_CHUNKS):
        if place + 8 > len(data):
            return width * height
        place += 8 + (int.from_bytes(data[place + 4 : place + 8], "little") + 1 & ~1)
    raise overloaded(f"Received a WebP in more than {MAX_CHUNKS:,} pieces.")


def strips(image: Any) -> Callable[[int, int], Image.Image]:
    """The first frame of an animation or the only one, some rows at a time.

    Pillow's own `load` holds the decoder's two canvases, the frame as bytes and the image at once:
    640 MB for 40 megapixels. Here the decoder goes as soon as it has given the frame.

    Args:
        image: What `PIL.Image.open` made of a WebP, not loaded yet.

    Returns:
        A function of a first row and the row after the last, which gives these as RGB or RGBA.
    """
    content, _, _ = image._get_next()
    image._decoder = None
    pixels = np.frombuffer(content, np.uint8).reshape(image.height, image.width, -1)
    channels = 4 if image.mode == "RGBA" else 3

    def strip(top: int, bottom: int) -> Image.Image:
        return Image.fromarray(np.ascontiguousarray(pixels[top:bottom, :, :channels]))

    return strip
