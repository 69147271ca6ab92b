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
# The marks of an animation and of transparency. Without libwebp itself an animation may be less
# large: Pillow's decoder needs up to nine bytes a pixel of it before it meets damage, and the file
# twice, which must stay below 300 MB.
ANIMATION, TRANSPARENCY = 0x02, 0x10
MAX_ANIMATED_PIXELS = 25_000_000
# Place, sides, duration and flags stand before a frame's own chunks.
FRAME_HEADER = 16


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
    too_large = width * height > MAX_ANIMATED_PIXELS
    if too_large and is_animation(data) and libwebp.library() is None:
        raise PictureError(
            f"Expected an animated WebP of at most {MAX_ANIMATED_PIXELS / 1e6:.0f} megapixels.",
            f"Received {height}×{width}, that is {width * height / 1e6:.0f} megapixels.",
            "Save its first picture alone, as PNG or JPEG.",
        )
    for number, _ in enumerate(chunks(data)):
        if number == MAX_CHUNKS:
            raise overloaded(f"Received a WebP in more than {MAX_CHUNKS:,} pieces.")
    return width * height


def chunks(
    data: bytes, begin: int = 12, end: int | None = None
) -> Iterator[tuple[bytes, int, int]]:
    """The kind of each chunk, where its content begins, and where it ends."""
    end = len(data) if end is None else end
    while begin + 8 <= end:
        kind, (length,) = data[begin : begin + 4], struct.unpack_from("<I", data, begin + 4)
        yield kind, begin + 8, min(begin + 8 + length, end)
        begin += 8 + (length + 1 & ~1)


def is_animation(data: bytes) -> bool:
    """Whether the header says that the file holds several frames."""
    return data[12:16] == b"VP8X" and bool(data[20] & ANIMATION)


def _only_picture(data: bytes, width: int, height: int) -> libwebp.Picture:
    end, beside = _pixels(data, 12, len(data), extended=data[12:16] == b"VP8X")
    return libwebp.Picture(data, end, 0, 0, width, height, width * height * beside + len(data))


def _first_frame(data: bytes, width: int, height: int) -> libwebp.Picture:
    """The first frame of an animation as a WebP of its own (RFC 9649, section 2.7.1.1)."""
    for kind, start, end in chunks(data):
        begin = start + FRAME_HEADER
        if kind != b"ANMF" or end < begin:
            continue
        left, top, wide, high = (
            int.from_bytes(data[start + k : start + k + 3], "little") for k in (0, 3, 6, 9)
        )
        left, top, wide, high = 2 * left, 2 * top, wide + 1, high + 1
        if left + wide > width or top + high > height:
            raise damaged("Its first frame is larger than the picture.")
        stop, beside = _pixels(data, begin, end, extended=True)
        marks = TRANSPARENCY if data[begin : begin + 4] == b"ALPH" else 0
        names = b"RIFF", 22 + end - begin, b"WEBP", b"VP8X", 10
        header = struct.pack("<4sI4s4sIB3x6s", *names, marks, data[start + 6 : start + 12])
        content = b"".join((header, memoryview(data)[begin:end]))
        held = len(data) + len(content) + wide * high * beside
        return libwebp.Picture(content, len(header) + stop - begin, left, top, wide, high, held)
    raise damaged("It shows no picture.")


def _pixels(data: bytes, begin: int, end: int, *, extended: bool) -> tuple[int, int]:
    """Where the chunk of the pixels ends, and the bytes a pixel that libwebp needs for itself.

    Args:
        extended: There may be a transparency beside lossy colours, which needs a lossless pixel
            and a byte.
    """
    for kind, _, stop in chunks(data, begin, end):
        if kind == b"VP8L":
            return stop, 4
        if kind == b"VP8 ":
            return stop, 5 if extended else 0
    raise damaged()


def strips(image: Any, data: bytes) -> Callable[[int, int], Image.Image]:
    """The first frame of an animation or the only one, some rows at a time.

    Pillow's own `load` holds the decoder's two canvases, the frame as bytes and the image at once:
    640 MB for 40 megapixels. Here its decoder is not asked where libwebp can be, and else goes as
    soon as it has given the frame.

    Args:
        image: What `PIL.Image.open` made of a WebP, not loaded yet.
        data: The file it was opened from.

    Returns:
        A function of a first row and the row after the last, which gives these as RGB or RGBA.

    Raises:
        PictureError: The file is damaged.
    """
    channels = 4 if image.mode == "RGBA" else 3
    library = libwebp.library()
    if library is None:
        content, _, _ = image._get_next()
        image._decoder = None
        pixels = np.frombuffer(content, np.uint8).reshape(image.height, image.width, -1)
    else:
        # It has a copy of the file.
        image._decoder = None
        find = _first_frame if is_animation(data) else _only_picture
        found = find(data, image.width, image.height)
        pixels = libwebp.decode(library, found, (image.height, image.width, channels))

    def strip(top: int, bottom: int) -> Image.Image:
        return Image.fromarray(np.ascontiguousarray(pixels[top:bottom, :, :channels]))

    return strip
