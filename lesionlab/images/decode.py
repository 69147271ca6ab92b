"""The one gate for pictures from strangers: bytes in, uint8 RGB out, or a sentence.

Uploads, archives, data sets and the service have no other way in. Length, format and size are
looked at before a pixel is decoded, since 20 kB can unpack to 850 MB.
"""

from __future__ import annotations

import io
import struct
import threading
import warnings
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

from lesionlab.errors import PictureError

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP")
MAX_BYTES = 30 * 2**20
MAX_PIXELS = 40_000_000
# A JPEG above this comes at half its height and width, which libjpeg does while it decodes.
HALVED_ABOVE_PIXELS = 12_000_000
# Pictures above this wait for one of two places, so that a crowd of large ones cannot fill the
# memory; small ones, of which data sets have thousands, are decoded on every core.
LARGE_PIXELS = 4_000_000
LARGE_AT_ONCE = threading.BoundedSemaphore(2)
SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N", "I")
ORIENTATION_TAG = 0x0112
# Pillow warns of what is refused here with a sentence; a second line would only confuse.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def decode_image(data: bytes) -> np.ndarray:
    """Decode a picture as people see it: upright, on white, in sRGB.

    Args:
        data: The bytes of a JPEG, PNG, WebP, TIFF (its first page) or BMP file.

    Returns:
        uint8 RGB `(h, w, 3)`. A JPEG above 12 megapixels comes at half its height and width.

    Raises:
        PictureError: Not such a picture, damaged, more than 30 MB, or more than 40 megapixels.
    """
    if len(data) > MAX_BYTES:
        raise PictureError(
            f"Expected a picture of at most {MAX_BYTES // 2**20} MB.",
            f"Received {len(data) / 2**20:.0f} MB.",
            "Save it smaller, for instance as JPEG.",
        )
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            num_pixels = image.width * image.height
            if num_pixels > MAX_PIXELS:
                raise _too_many(image.width, image.height)
            with LARGE_AT_ONCE if num_pixels > LARGE_PIXELS else nullcontext():
                if image.format in ("JPEG", "MPO") and num_pixels > HALVED_ABOVE_PIXELS:
                    image.draft(image.mode, (image.width // 2, image.height // 2))
                image.load()
                pixels = np.array(_in_srgb(_on_white(_upright(image))))
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many() from error
    # Pillow's readers raise whatever they stumble over: OSError, ValueError, SyntaxError,
    # NotImplementedError, struct.error and more. For bytes from strangers all mean the same.
    except Exception as error:
        what = "It is empty." if not data else "It is damaged, cut off or of another kind."
        raise PictureError(
            "Expected a picture as JPEG, PNG, WebP, TIFF or BMP.",
            what,
            "Open it in a picture program and save it again as JPEG or PNG.",
        ) from error
    return pixels


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


def _too_many(width: int = 0, height: int = 0) -> PictureError:
    size = (
        f"{height}×{width}, that is {width * height / 1e6:.0f} megapixels" if width else "far more"
    )
    return PictureError(
        f"Expected a picture of at most {MAX_PIXELS / 1e6:.0f} megapixels.",
        f"Received {size}.",
        "Make it smaller and try again.",
    )


def _upright(image: Image.Image) -> Image.Image:
    """Turned as the camera was held. A note that cannot be read does not spoil the picture."""
    try:
        turned = image.getexif().get(ORIENTATION_TAG, 1)
    except (SyntaxError, ValueError, OSError, KeyError, TypeError, struct.error, Warning):
        return image
    return ImageOps.exif_transpose(image) if turned in range(2, 9) else image


def _on_white(image: Image.Image) -> Image.Image:
    """8 bits a channel, without transparency, in the picture's own colour space."""
    if image.mode in SIXTEEN_BIT:
        return _eight_bit(image)
    if image.mode == "F":
        raise PictureError(
            "Expected a picture with 8 or 16 bits a channel.",
            "Received one of floating-point numbers.",
            "Save it as PNG or JPEG.",
        )
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return _keeping_profile(Image.alpha_composite(white, clear).convert("RGB"), image)
    if image.mode in ("RGB", "L", "CMYK"):
        return image
    return _keeping_profile(image.convert("RGB"), image)


def _eight_bit(image: Image.Image) -> Image.Image:
    """16 bits scaled to 8; Pillow's own conversion would cut 1000 to 255."""
    values = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > 65535:
        raise PictureError(
            "Expected a picture with 8 or 16 bits a channel.",
            "Received one with 32 bits.",
            "Save it as PNG or JPEG.",
        )
    return Image.fromarray(np.round(values / 257).astype(np.uint8))


def _keeping_profile(image: Image.Image, original: Image.Image) -> Image.Image:
    if original.mode not in ("L", "LA") and "icc_profile" in original.info:
        image.info["icc_profile"] = original.info["icc_profile"]
    return image


def _in_srgb(image: Image.Image) -> Image.Image:
    """The colours that the picture's own profile means; one that cannot be used is ignored."""
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(source):
                srgb = ImageCms.createProfile("sRGB")
                turned = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
                return turned if turned is not None else image.convert("RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            return image.convert("RGB")
    return image.convert("RGB")
