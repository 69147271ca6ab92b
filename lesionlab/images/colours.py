"""Pixels of any mode as people see them: 8 bits, on white, in sRGB."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageCms

from lesionlab.errors import PictureError
from lesionlab.images.limits import MAX_PROFILE_BYTES
from lesionlab.images.upright import laid_as_stored

SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N", "I")
# 16 bits to 8; Pillow's own conversion would cut 1000 to 255.
SCALED = np.round(np.arange(65536) / 257).astype(np.uint8)
# Pixels that are converted at once: steps in between then take megabytes, not hundreds of them.
STRIP_PIXELS = 2_000_000


def to_srgb(
    strip: Callable[[int, int], Image.Image],
    width: int,
    height: int,
    turned: int = 1,
    profile: bytes | None = None,
) -> np.ndarray:
    """Convert a picture strip by strip.

    Args:
        strip: Gives the rows from a first to before a last one, in any mode.
        turned: How the picture has to be turned, as `upright.orientation` says.
        profile: The ICC profile of its colours, if it has one.

    Returns:
        uint8 RGB `(h, w, 3)`, upright.

    Raises:
        PictureError: More than 16 bits a channel.
    """
    shape = (width, height, 3) if turned >= 5 else (height, width, 3)
    pixels = np.empty(shape, np.uint8)
    stored = laid_as_stored(pixels, turned)
    rows = max(1, STRIP_PIXELS // width)
    colours = None
    for top in range(0, height, rows):
        part = _on_white(strip(top, min(top + rows, height)))
        if top == 0 and profile and part.mode != "L":
            colours = _transform(profile, part.mode)
        if colours is not None:
            part = ImageCms.applyTransform(part, colours) or part
        stored[top : top + rows] = np.asarray(part.convert("RGB"))
    return pixels


def _on_white(image: Image.Image) -> Image.Image:
    """8 bits a channel, without transparency, in the picture's own colour space."""
    if image.mode in SIXTEEN_BIT:
        return _eight_bit(image)
    if image.mode == "F":
        raise _too_many_bits("Received one of floating-point numbers.")
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        white = Image.new("RGB", clear.size, "white")
        white.paste(clear, mask=clear)
        return white
    return image if image.mode in ("RGB", "L", "CMYK") else image.convert("RGB")


def _eight_bit(image: Image.Image) -> Image.Image:
    values = np.asarray(image)
    if values.dtype != np.uint16 and (values.min() < 0 or values.max() > 65535):
        raise _too_many_bits("Received one with 32 bits.")
    return Image.fromarray(SCALED[values])


def _too_many_bits(received: str) -> PictureError:
    return PictureError(
        "Expected a picture with 8 or 16 bits a channel.", received, "Save it as PNG or JPEG."
    )


def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """From the colours that a profile means to sRGB; None where it cannot or need not be used.

    Chains of calculations (`mpet`, ICC.1, section 10.16) are not followed: a small profile can hold
    hundreds of thousands of steps, and no camera writes one.
    """
    if len(profile) > MAX_PROFILE_BYTES or b"mpet" in profile:
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return None
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
