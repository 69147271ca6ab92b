"""Changed copies of a picture that are judged beside it, so that their answers can be averaged.

A lesion has no upper side: mirrored or turned it is the same lesion, and a network that answers
each copy a little differently is steadier on average. Known as test-time augmentation
(Krizhevsky et al. 2012, "ImageNet Classification with Deep Convolutional Neural Networks",
section 4.1, average the softmax over flips and crops). Without Keras.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from lesionlab.images.preprocess import Preprocessing, resize

TestTime = Literal["none", "flips", "dihedral"]
WAYS: tuple[TestTime, ...] = ("none", "flips", "dihedral")
NUM_COPIES: dict[TestTime, int] = {"none": 1, "flips": 4, "dihedral": 8}
WORDS: dict[TestTime, str] = {
    "none": "each picture as it is",
    "flips": "the mean over each picture and its mirror images (4 in all)",
    "dihedral": "the mean over each picture, its mirror images and quarter turns (8 in all)",
}


def copies(pixels: np.ndarray, test_time: TestTime) -> Iterator[np.ndarray]:
    """The pictures, then as often as wished their mirror images and turned ones.

    `flips` mirrors to the side, upside down, and both; `dihedral` does this once more with all
    pictures turned by 90 degrees, which makes all eight symmetries of a square. A turned picture
    that is not square is stretched to the size that the network takes.

    Args:
        pixels: `(n, h, w, 3)`; uint8 where pictures have to be stretched.

    Yields:
        `NUM_COPIES` times `(n, h, w, 3)`, the pictures themselves first.
    """
    turned = _quarter_turn(pixels) if test_time == "dihedral" else None
    for images in (pixels, turned):
        if images is None:
            continue
        yield images
        if test_time == "none":
            continue
        yield images[:, :, ::-1]
        yield images[:, ::-1]
        yield images[:, ::-1, ::-1]


def other_way_note(own: TestTime, used: TestTime) -> str:
    """A sentence where a model was asked in another way than its thresholds were set for; or ""."""
    if own == used:
        return ""
    return (
        f"The model was asked for {WORDS[used]}; its temperature and thresholds were set for "
        f"{WORDS[own]}."
    )


def _quarter_turn(pixels: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[1:3]
    turned = np.rot90(pixels, axes=(1, 2))
    if height == width:
        return turned
    plan = Preprocessing.model_construct(size=(height, width), fit="stretch")
    return np.stack([resize(np.ascontiguousarray(image), plan) for image in turned])
