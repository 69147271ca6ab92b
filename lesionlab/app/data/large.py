"""A picture at full resolution for the browser, and the outline of its lesion; a few are kept."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

from lesionlab.app.pictures import at_most, encode
from lesionlab.images.decode import read_image
from lesionlab.images.with_pillow import size_in_file

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset

# Longest side that is sent to a browser, in pixels; a larger picture is made smaller.
LONGEST = 1600
OUTLINE, HALO = (255, 255, 255, 255), (10, 20, 25, 255)


@dataclass(frozen=True)
class LargePicture:
    """A picture as it is sent.

    Attributes:
        jpeg: The picture, no side longer than `LONGEST`.
        width: Of what is sent, in pixels; likewise `height`.
        full_width: Of the file, in pixels; likewise `full_height`.
    """

    jpeg: bytes
    width: int
    height: int
    full_width: int
    full_height: int


# As JPEGs, not as pixels: a dozen photographs of 24 megapixels would fill a gigabyte.
@lru_cache(maxsize=12)
def large_picture(found: Dataset, row: int) -> LargePicture:
    """The picture of a row.

    Raises:
        PictureError: Its file cannot be read.
    """
    path = found.image_path(row)
    pixels = read_image(path)
    full_height, full_width = size_in_file(path, pixels)
    shown = at_most(pixels, LONGEST)
    height, width = shown.shape[:2]
    return LargePicture(encode(shown, LONGEST, quality=92), width, height, full_width, full_height)


@dataclass(frozen=True)
class Outline:
    """Where the lesion ends.

    Attributes:
        png: A line on transparent ground, of the size of the large picture.
        share: How much of the picture the lesion covers, 0 to 1.
    """

    png: bytes
    share: float


@lru_cache(maxsize=12)
def outline(found: Dataset, row: int) -> Outline | None:
    """The outline of a row's lesion, where a mask is known.

    Raises:
        PictureError: The mask cannot be read.
    """
    if "mask" not in found.table:
        return None
    path = found.table["mask"].iat[row]
    if not isinstance(path, str) or not path:
        return None
    picture = large_picture(found, row)
    mask = read_image(found.folder / path)[..., 0] > 127
    fine = Image.fromarray(mask.astype(np.uint8) * 255).resize(
        (picture.width, picture.height), Image.Resampling.BILINEAR
    )
    shown = fine.point(lambda value: 255 if value > 127 else 0)
    return Outline(_draw(shown), float(mask.mean()))


def _draw(mask: Image.Image) -> bytes:
    """A white line with a dark halo, so that it is seen on any skin."""
    thin = max(1, round(max(mask.size) / 500))
    inner = np.asarray(mask.filter(ImageFilter.MinFilter(2 * thin + 1))) > 0
    middle = np.asarray(mask) > 0
    outer = np.asarray(mask.filter(ImageFilter.MaxFilter(2 * thin + 1))) > 0
    colours = np.zeros((*middle.shape, 4), np.uint8)
    colours[outer & ~middle] = HALO
    colours[middle & ~inner] = OUTLINE
    file = io.BytesIO()
    Image.fromarray(colours, "RGBA").save(file, "PNG", compress_level=3)
    return file.getvalue()
