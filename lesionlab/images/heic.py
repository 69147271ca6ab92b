"""HEIC and HEIF pictures, as iPhones write them; read by the optional package pillow-heif."""

from __future__ import annotations

import numpy as np
from PIL import Image

from lesionlab.errors import PictureError
from lesionlab.images.colours import to_srgb
from lesionlab.images.limits import check_size

# The main brand of a still picture coded by HEVC (ISO/IEC 23008-12, annex B).
BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1"})

# Phones need 1 to 5 MB. libde265 takes 0.1 s for a megabyte beside 0.04 s for a megapixel, so that
# 40 megapixels of this size are decoded within 3 s.
MAX_BYTES = 12 * 2**20


def is_heic(data: bytes) -> bool:
    """Whether the bytes begin like a HEIC file."""
    return data[4:8] == b"ftyp" and data[8:12] in BRANDS


def decode(data: bytes) -> np.ndarray:
    """Decode the main picture of a HEIC file; libheif turns it upright itself.

    Returns:
        uint8 RGB `(h, w, 3)` in sRGB.

    Raises:
        PictureError: The package is not installed, or the picture is too large.
    """
    if len(data) > MAX_BYTES:
        raise PictureError(
            f"Expected a HEIC picture of at most {MAX_BYTES // 2**20} MB.",
            f"Received {len(data) / 2**20:.0f} MB.",
            "Save it smaller, or as JPEG.",
        )
    try:
        import pillow_heif
    except ImportError as error:
        raise PictureError(
            "Reading HEIC pictures needs an optional part.",
            "It is not installed.",
            "Install it with: pip install pillow-heif. Or save the picture as JPEG.",
        ) from error
    picture = pillow_heif.open_heif(data)
    check_size(*picture.size)
    profile = picture.info.get("icc_profile")
    width, height = picture.size
    values = np.asarray(picture)
    mode = picture.mode
    if mode not in ("RGB", "RGBA", "L"):
        image = picture.to_pillow()
        return to_srgb(lambda top, bottom: image.crop((0, top, width, bottom)), width, height)

    def strip(top: int, bottom: int) -> Image.Image:
        return Image.fromarray(np.ascontiguousarray(values[top:bottom, :width]))

    return to_srgb(strip, width, height, profile=profile)
