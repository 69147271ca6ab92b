"""From a picture to the pixels that a network sees."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from lesionlab.images.preprocess import Preprocessing, preprocess


def halves(height: int, width: int) -> np.ndarray:
    """Left half black, right half white."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, width // 2 :] = 255
    return image


@pytest.mark.parametrize("fit", ["stretch", "pad", "crop"])
@pytest.mark.parametrize("shape", [(40, 60), (60, 40), (16, 200), (24, 32)])
def test_size_is_height_by_width(fit: str, shape: tuple[int, int]) -> None:
    out = preprocess(halves(*shape), Preprocessing(size=(24, 32), fit=fit))
    assert out.shape == (24, 32, 3)
    assert out.dtype == np.uint8


def test_the_right_size_stays_as_it_is() -> None:
    image = halves(16, 16)
    assert (preprocess(image, Preprocessing(size=(16, 16))) == image).all()


def test_stretch_fills_the_whole() -> None:
    out = preprocess(halves(100, 400), Preprocessing(size=(32, 32)))
    assert out[:, :14].max() == 0
    assert out[:, 18:].min() == 255


def test_pad_keeps_the_aspect_on_black() -> None:
    white = np.full((100, 400, 3), 255, np.uint8)
    out = preprocess(white, Preprocessing(size=(32, 32), fit="pad"))
    # 400 wide becomes 32, so 100 high becomes 8: rows 12 to 19.
    assert out[12:20].min() == 255
    assert out[:12].max() == 0
    assert out[20:].max() == 0


def test_crop_keeps_the_middle() -> None:
    image = np.zeros((100, 400, 3), np.uint8)
    image[:, 150:250] = 255
    out = preprocess(image, Preprocessing(size=(32, 32), fit="crop"))
    assert out[:, 2:30].min() == 255


def test_sizes_out_of_range_are_refused() -> None:
    with pytest.raises(ValidationError):
        Preprocessing(size=(8, 224))
    with pytest.raises(ValidationError):
        Preprocessing(size=(224, 4096))
