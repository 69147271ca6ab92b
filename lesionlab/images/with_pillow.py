"""Decoding by Pillow, after the format's own file has let the bytes pass."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from lesionlab.images import jpeg, webp
from lesionlab.images.colours import to_srgb
from lesionlab.images.limits import check_size
from lesionlab.images.upright import orientation

# A JPEG above this comes at half its height and width, which libjpeg does while it decodes; so does
# a picture in inks, as turning these into light takes 0.14 µs a pixel by the profile.
HALVED_ABOVE_PIXELS = 12_000_000
MAY_BE_HALVED = (b"\xff\xd8\xff", b"II*\0", b"MM\0*")


def with_pillow(data: bytes, name: str, rgb_without_mark: bool = False) -> np.ndarray:
    """Decode a picture upright, on white and in sRGB.

    Args:
        name: Pillow's name of the one format that it may read.
        rgb_without_mark: A JPEG that does not say so itself holds red, green and blue (DICOM).

    Returns:
        uint8 RGB `(h, w, 3)`.
    """
    read = jpeg.without_notes(data) if name == "JPEG" else io.BytesIO(data)
    with Image.open(read, formats=(name,)) as file:
        # What the format's own file read and what Pillow reads must not differ by a trick.
        check_size(file.width, file.height)
        if rgb_without_mark and _says_nothing_of_colours(file):
            # No conversion: what libjpeg would hand on as brightness and colour is RGB.
            file.draft("YCbCr", file.size)
            return np.array(file)
        if name == "JPEG" and file.width * file.height > HALVED_ABOVE_PIXELS:
            file.draft(file.mode, (file.width // 2, file.height // 2))
        if name == "WEBP":
            strips, width, height = webp.strips(file, data), file.width, file.height
        else:
            strips, width, height = _strips(file)
        # Pillow itself turns a TIFF.
        turned = 1 if name == "TIFF" else orientation(file.info)
        return to_srgb(strips, width, height, turned, file.info.get("icc_profile"))


def size_in_file(source: bytes | Path, pixels: np.ndarray) -> tuple[int, int]:
    """Height and width of a picture as its file has it, upright.

    Args:
        source: The file, or its bytes.
        pixels: What the gate has made of it, which may be half as high and wide.
    """
    height, width = pixels.shape[:2]
    if 4 * height * width <= HALVED_ABOVE_PIXELS:
        return height, width
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
        if not stream.read(4).startswith(MAY_BE_HALVED):
            return height, width
        stream.seek(0)
        with Image.open(stream, formats=("JPEG", "TIFF")) as file:
            across, down = file.size
    if max(across, down) < 2 * max(height, width) - 1:
        return height, width  # it came whole
    return (across, down) if (height > width) != (down > across) else (down, across)


def _strips(file: Image.Image) -> tuple[Callable[[int, int], Image.Image], int, int]:
    """The rows of a picture by first and last, and its width and height."""
    file.load()
    image = file
    if file.mode == "CMYK" and file.width * file.height > HALVED_ABOVE_PIXELS:
        image = file.reduce(2)
    width, height = image.size
    return (lambda top, bottom: image.crop((0, top, width, bottom))), width, height


def _says_nothing_of_colours(image: Image.Image) -> bool:
    ids = bytes(layer[0] for layer in getattr(image, "layer", ()))
    return "adobe_transform" not in image.info and ids != b"RGB"
