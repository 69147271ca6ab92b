"""The one gate for pictures from strangers: bytes in, uint8 RGB out, or a sentence.

Uploads, archives, data sets and the service have no other way in. Length, format and size are
looked at before a pixel is decoded, since 20 kB can unpack to 850 MB. Each format has a file of its
own that says what else is looked at.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from PIL import Image

from lesionlab.errors import PictureError
from lesionlab.images import bmp, dicom, heic, jpeg, png, tiff, webp
from lesionlab.images.limits import MAX_BYTES, MAX_PIXELS, damaged
from lesionlab.images.with_pillow import with_pillow

__all__ = ["MAX_BYTES", "MAX_PIXELS", "SUFFIXES", "decode_image", "read_image"]

# How names of files end that this gate may be able to read, in lower case.
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".bmp"}
    | {".heic", ".heif", ".dcm", ".dicom"}
)
# First bytes, Pillow's name of the format, and what is looked at before Pillow sees the file.
FORMATS: tuple[tuple[bytes, str, Callable[[bytes], int]], ...] = (
    (b"\xff\xd8\xff", "JPEG", jpeg.check),
    (b"\x89PNG\r\n\x1a\n", "PNG", png.check),
    (b"RIFF", "WEBP", webp.check),
    (b"II*\0", "TIFF", tiff.check),
    (b"MM\0*", "TIFF", tiff.check),
    (b"BM", "BMP", bmp.check),
)
# Pictures above this wait for one of two places, so that a crowd of large ones cannot fill the
# memory; small ones, of which data sets have thousands, are decoded on every core.
LARGE_PIXELS = 4_000_000
LARGE_AT_ONCE = threading.BoundedSemaphore(2)
# HEIC and DICOM tell their size only while they are read.
LARGE_BYTES = 500_000
# Pillow warns of what is refused here with a sentence, and of odd notes, which are dropped.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", module=r"PIL\.")


def decode_image(data: bytes) -> np.ndarray:
    """Decode a picture as people see it: upright, on white, in sRGB.

    Args:
        data: The bytes of a JPEG, PNG, WebP, TIFF (its first page) or BMP file; with the extras
            `heic` and `dicom` installed also of a HEIC or a single-frame DICOM file.

    Returns:
        uint8 RGB `(h, w, 3)`, with nothing of the file but its pixels. A JPEG above 12 megapixels
        comes at half its height and width, and so does any picture in inks (CMYK).

    Raises:
        PictureError: Not such a picture, damaged, more than 30 MB or 40 megapixels (30 for a
            progressive JPEG in inks), built to take far too long, or one that shows who the
            patient is (DICOM).
    """
    if len(data) > MAX_BYTES:
        raise PictureError(
            f"Expected a picture of at most {MAX_BYTES // 2**20} MB.",
            f"Received {len(data) / 2**20:.0f} MB.",
            "Save it smaller, for instance as JPEG.",
        )
    try:
        return _decode(data)
    except PictureError:
        raise
    # Readers of pictures raise whatever they stumble over: OSError, ValueError, SyntaxError,
    # NotImplementedError, struct.error and more. For bytes from strangers all mean the same.
    except Exception as error:
        raise damaged() from error


def _decode(data: bytes) -> np.ndarray:
    # DICOM first: its files may begin like a TIFF as well, and whom they show is then not asked.
    for is_such, decode in ((dicom.is_dicom, dicom.decode), (heic.is_heic, heic.decode)):
        if is_such(data):
            with LARGE_AT_ONCE if len(data) > LARGE_BYTES else nullcontext():
                return decode(data)
    for start, name, check in FORMATS:
        if data.startswith(start):
            num_pixels = check(data)
            with LARGE_AT_ONCE if num_pixels > LARGE_PIXELS else nullcontext():
                return with_pillow(data, name)
    raise damaged() if data else damaged("It is empty.")


def read_image(path: Path) -> np.ndarray:
    """Decode a picture file, as `decode_image`; the sentence names the file.

    Raises:
        PictureError: The file is missing or `decode_image` refuses it.
    """
    try:
        # One byte more than is allowed is enough to be refused.
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PictureError(
            "Expected a picture file.", f"{path} cannot be read.", "Check the path."
        ) from error
    try:
        return decode_image(data)
    except PictureError as error:
        received = f"{path.name}: {error.received}"
        raise PictureError(error.expected, received, error.what_to_do) from error
