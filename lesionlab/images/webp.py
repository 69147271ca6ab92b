"""WebP: its size before the decoder sees it, and its pixels in fewer copies than by Pillow."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from PIL import Image

from lesionlab.errors import PictureError
from lesionlab.images import libwebp
from lesionlab.images.limits import check_size, damaged, overloaded

# Each further frame of an animation costs time although only the first is shown.
MAX_CHUNKS = 2_000
# The mark of an animation, and how large one may be: Pillow's decoder of them needs up to nine
# bytes a pixel before it meets damage, and the file twice, which must stay below 300 MB.
ANIMATION = 0x02
MAX_ANIMATED_PIXELS = 25_000_000


def check(data: bytes) -> int:
    """Let a WebP pass whose canvas is allowed: the decoder sets it aside at once.

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
    if is_animation(data) and width * height > MAX_ANIMATED_PIXELS:
        raise PictureError(
            f"Expected an animated WebP of at most {MAX_ANIMATED_PIXELS / 1e6:.0f} megapixels.",
            f"Received {height}×{width}, that is {width * height / 1e6:.0f} megapixels.",
            "Save its first picture alone, as PNG or JPEG.",
        )
    for number, _ in enumerate(chunks(data)):
        if number == MAX_CHUNKS:
            raise overloaded(f"Received a WebP in more than {MAX_CHUNKS:,} pieces.")
    return width * height


def chunks(data: bytes) -> Iterator[tuple[bytes, int]]:
    """The kind of each chunk, and where it ends."""
    place = 12
    while place + 8 <= len(data):
        kind, (length,) = data[place : place + 4], struct.unpack_from("<I", data, place + 4)
        yield kind, min(place + 8 + length, len(data))
        place += 8 + (length + 1 & ~1)


def is_animation(data: bytes) -> bool:
    """Whether the header says that the file holds several frames."""
    return data[12:16] == b"VP8X" and bool(data[20] & ANIMATION)


def _picture(data: bytes) -> tuple[int, int]:
    """Where the chunk of the picture ends, and the bytes a pixel that libwebp needs for itself."""
    for kind, end in chunks(data):
        if kind == b"VP8L":
            return end, 4
        if kind == b"VP8 ":
            # Only a file with an extended header can hold a transparency beside lossy colours,
            # which needs a lossless pixel and a byte.
            return end, 5 if data[12:16] == b"VP8X" else 0
    raise damaged()


def strips(image: Any, data: bytes) -> Callable[[int, int], Image.Image]:
    """The first frame of an animation or the only one, some rows at a time.

    Pillow's own `load` holds the decoder's two canvases, the frame as bytes and the image at once:
    640 MB for 40 megapixels. Here the decoder goes as soon as it has given the frame of an
    animation, and for any other file it is not asked.

    Args:
        image: What `PIL.Image.open` made of a WebP, not loaded yet.
        data: The file it was opened from.

    Returns:
        A function of a first row and the row after the last, which gives these as RGB or RGBA.

    Raises:
        PictureError: The file is damaged.
    """
    channels = 4 if image.mode == "RGBA" else 3
    size = image.height, image.width, channels
    decoder = None if is_animation(data) else libwebp.library()
    if decoder is None:
        content, _, _ = image._get_next()
        image._decoder = None
        pixels = np.frombuffer(content, np.uint8).reshape(*size[:2], -1)
    else:
        # It has a copy of the file.
        image._decoder = None
        pixels = libwebp.decode(decoder, data, size, *_picture(data))

    def strip(top: int, bottom: int) -> Image.Image:
        return Image.fromarray(np.ascontiguousarray(pixels[top:bottom, :, :channels]))

    return strip
