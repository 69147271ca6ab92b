"""What can be measured on a heat map: where its heat lies, and whether two maps agree."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy.stats import rankdata

from lesionlab.images.border import crop_border
from lesionlab.images.caption import remove_caption
from lesionlab.images.preprocess import Preprocessing, resize


def prepared_mask(
    mask: np.ndarray, image: np.ndarray, settings: Preprocessing
) -> np.ndarray | None:
    """A lesion's mask, cut and resized exactly as its picture is.

    Args:
        mask: bool or uint8 `(h, w)`, above 127 (or True) inside the lesion.
        image: The picture before preprocessing, uint8 `(h, w, 3)`: where strips and borders are
            cut off is decided by the picture.
        settings: How the picture is prepared.

    Returns:
        bool `(height, width)`, or None where the mask has not the picture's size.
    """
    if mask.shape != image.shape[:2]:
        return None
    white = mask if mask.dtype == bool else mask > 127
    plane = np.where(white, 255, 0).astype(np.uint8)
    if settings.remove_caption:
        cut = remove_caption(image)
        plane, image = _same_view(plane, image, cut), cut
    if settings.crop_border != "none":
        cut = crop_border(image, keep=settings.crop_border)
        plane, image = _same_view(plane, image, cut), cut
    return np.asarray(resize(plane, settings)) > 127


def _same_view(plane: np.ndarray, image: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """The part of a plane that `cut`, a view of `image`, is of the image."""
    offset = cut.__array_interface__["data"][0] - image.__array_interface__["data"][0]
    top, rest = divmod(offset, image.strides[0])
    left = rest // image.strides[1]
    return plane[top : top + cut.shape[0], left : left + cut.shape[1]]


def fitted(heat: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A coarse map at the size of the picture, interpolated linearly, float32 `(height, width)`."""
    plane = Image.fromarray(np.ascontiguousarray(heat, np.float32))
    return np.asarray(plane.resize((size[1], size[0]), Image.Resampling.BILINEAR))


def share_inside(heat: np.ndarray, mask: np.ndarray) -> float | None:
    """The share of a map's heat that lies inside a mask.

    Args:
        heat: float `(rows, columns)` on any grid; what is below zero counts as none.
        mask: bool `(h, w)`.

    Returns:
        0 to 1; None where there is no heat at all.
    """
    fine = np.maximum(fitted(heat, mask.shape[:2]), 0).astype(np.float64)
    total = fine.sum()
    return float(fine[mask].sum() / total) if total > 0 else None


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float | None:
    """Spearman's correlation of two maps, as Adebayo et al. 2018 compare them.

    Args:
        first: float `(h, w)`; likewise `second`, on a grid of its own, which is brought to the
            coarser one of the two.

    Returns:
        -1 to 1; None where one of them is the same everywhere.
    """
    rows, columns = (min(a, b) for a, b in zip(first.shape, second.shape, strict=True))
    one, other = (
        heat if heat.shape == (rows, columns) else fitted(heat, (rows, columns))
        for heat in (first, second)
    )
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])
