"""From a decoded picture to the pixels that a network sees.

One function for training, evaluation and prediction; its settings travel inside the bundle.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from PIL import Image
from pydantic import BaseModel, Field

Side = Annotated[int, Field(ge=16, le=1024)]


class Preprocessing(BaseModel, frozen=True, extra="forbid"):
    """How a picture becomes network input.

    Attributes:
        size: Height and width in pixels.
        fit: `stretch` ignores the aspect; `pad` keeps it and fills with black; `crop` keeps it
            and cuts the longer side.
    """

    size: tuple[Side, Side] = (224, 224)
    fit: Literal["stretch", "pad", "crop"] = "stretch"


def preprocess(image: np.ndarray, settings: Preprocessing) -> np.ndarray:
    """Bring a picture to the size of the network.

    Args:
        image: uint8 RGB `(h, w, 3)`.

    Returns:
        uint8 RGB `(height, width, 3)` with the size of `settings`.
    """
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
