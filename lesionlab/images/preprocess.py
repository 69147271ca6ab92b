"""From a decoded picture to the pixels that a network sees.

One function for training, evaluation and prediction; its settings travel inside the bundle.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from typing import Annotated, Literal

import numpy as np
from PIL import Image
from pydantic import BaseModel, Field

from lesionlab.images.border import crop_border
from lesionlab.images.caption import remove_caption
from lesionlab.images.colour_constancy import POWERS, ColourConstancy, correct_colours
from lesionlab.images.hair import remove_hair

Side = Annotated[int, Field(ge=16, le=1024)]
# What changes single pixels is done on no more of them than the network has use for: on this many
# times its own longer side, and on this many pixels at least, so that thin hairs are still seen.
ROOM, LEAST_SIDE = 1.5, 800


class Preprocessing(BaseModel, frozen=True, extra="forbid"):
    """How a picture becomes network input. The steps are taken in the order of `steps`.

    Attributes:
        size: Height and width in pixels.
        fit: `stretch` ignores the aspect; `pad` keeps it and fills with black; `crop` keeps it
            and cuts the longer side.
        remove_caption: Cut off flat strips above and below, with or without writing.
        crop_border: `field` cuts to the box around a dermatoscope's round field of view, `inside`
            to a box inside it, without dark corners.
        remove_hair: Replace dark hairs by the skin beside them.
        colour_constancy: Divide by the colour of the light, estimated in one of three ways.
        longest: Pictures with a longer side are first reduced to this many pixels. For a network
            that has learned from small pictures: a large one would show it sharper edges than it
            knows wherever `size` is about as large as those. None leaves them as they are.
        jpeg_quality: What was reduced by `longest` is compressed as a JPEG of this quality. For a
            network that has learned from compressed small pictures: their soft noise and blocks
            of 8×8 pixels are part of what it knows. None compresses nothing.
    """

    size: tuple[Side, Side] = (224, 224)
    fit: Literal["stretch", "pad", "crop"] = "stretch"
    remove_caption: bool = False
    crop_border: Literal["none", "field", "inside"] = "none"
    remove_hair: bool = False
    colour_constancy: ColourConstancy = "none"
    longest: Side | None = None
    jpeg_quality: Annotated[int, Field(ge=10, le=95)] | None = None


def preprocess(image: np.ndarray, settings: Preprocessing) -> np.ndarray:
    """Bring a picture to what the network sees.

    Args:
        image: uint8 RGB `(h, w, 3)`.

    Returns:
        uint8 RGB `(height, width, 3)` with the size of `settings`.
    """
    for _, step in steps(settings):
        image = step(image)
    return resize(image, settings)


def steps(settings: Preprocessing) -> list[tuple[str, Callable[[np.ndarray], np.ndarray]]]:
    """What is done before the picture gets its final size: name and function, in order.

    What is no skin goes first, so that it counts neither for hairs nor for the light; hairs go
    before the colours, since they are dark and not what the lamp lit.
    """
    found: list[tuple[str, Callable[[np.ndarray], np.ndarray]]] = []
    if settings.remove_caption:
        found.append(("remove_caption", remove_caption))
    if settings.crop_border != "none":
        found.append(("crop_border", partial(crop_border, keep=settings.crop_border)))
    if settings.remove_hair or settings.colour_constancy != "none":
        longest = max(LEAST_SIDE, round(ROOM * max(settings.size)))
        found.append(("reduce", partial(reduce_to, longest=longest)))
    if settings.remove_hair:
        found.append(("remove_hair", remove_hair))
    if settings.colour_constancy != "none":
        power = POWERS[settings.colour_constancy]
        found.append(("colour_constancy", partial(correct_colours, power=power)))
    return found


def reduce_to(
    image: np.ndarray, longest: int, method: Image.Resampling = Image.Resampling.BILINEAR
) -> np.ndarray:
    """The picture, made smaller where its longer side has more than `longest` pixels."""
    height, width = image.shape[:2]
    ratio = longest / max(height, width)
    if ratio >= 1:
        return image
    size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
    picture = Image.fromarray(image)
    return np.asarray(picture.resize(size, method, reducing_gap=3.0))


def compress(image: np.ndarray, quality: int) -> np.ndarray:
    """The picture as it comes back from a JPEG of this quality, colours at half the resolution."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    with Image.open(file, formats=("JPEG",)) as picture:
        return np.asarray(picture)


def resize(image: np.ndarray, settings: Preprocessing) -> np.ndarray:
    """Bring a picture to the size of the network, in one of three ways.

    Pillow's bilinear filter widens with the reduction, so that it averages over all pixels and
    makes no patterns of its own. A picture that is first reduced to the size of small copies is so
    by the bicubic one, with which most programs make them.

    Args:
        image: uint8 RGB `(h, w, 3)`.
    """
    if settings.longest is not None and max(image.shape[:2]) > settings.longest:
        image = reduce_to(image, settings.longest, Image.Resampling.BICUBIC)
        if settings.jpeg_quality is not None:
            image = compress(image, settings.jpeg_quality)
    height, width = settings.size
    if image.shape[:2] == (height, width):
        return np.ascontiguousarray(image)
    picture = Image.fromarray(image)
    if settings.fit == "stretch":
        return np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))
    ratios = (width / picture.width, height / picture.height)
    ratio = min(ratios) if settings.fit == "pad" else max(ratios)
    inner = (max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio)))
    picture = picture.resize(inner, Image.Resampling.BILINEAR)
    left, top = (inner[0] - width) // 2, (inner[1] - height) // 2
    # crop() beyond the picture fills with black, so that one call serves for both.
    return np.asarray(picture.crop((left, top, left + width, top + height)))
