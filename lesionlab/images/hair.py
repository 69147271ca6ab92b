"""Taking dark hairs out of a picture.

After Lee, Ng, Gallagher, Coldman and McLean, "DullRazor: a software approach to hair removal from
images" (Computers in Biology and Medicine 27, 1997): grey closings in several directions tell where
something thin and dark lies, a check for long and straight tells hairs from other dark spots, and
each hair pixel is interpolated between the skin on both sides of the hair. What differs: lengths
are shares of the picture, so that it works alike at every size; only red light is looked at, which
blood lets through, so that vessels are no hairs; and the check for long lines is itself a
morphological opening with lines in many directions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image
from scipy import ndimage

# Hairs are looked for on a copy with this longer side; all lengths in pixels refer to it.
WORKING_SIDE = 400
# Below this a hair is thinner than half a pixel.
SMALLEST_SIDE = 64
WIDEST, THICKEST, SHORTEST = 9, 9, 25
DIRECTIONS = 16
# Side of the square in which `usual` is taken, and how far above it a hair stands.
SURROUNDINGS, OUTSTANDING = 61, 2.5
# How many grey levels a hair is darker than the skin beside it.
DARKER_BY = 16
Operation = Callable[[np.ndarray, np.ndarray], np.ndarray]


def remove_hair(image: np.ndarray, darker_by: float = DARKER_BY) -> np.ndarray:
    """Replace dark hairs by the skin on both sides of them.

    Args:
        image: uint8 RGB `(h, w, 3)`.
        darker_by: See `hair_mask`.

    Returns:
        uint8 RGB `(h, w, 3)`; pixels outside the hairs are as they were.
    """
    mask = hair_mask(image, darker_by)
    return bridge(image, mask) if mask.any() else image


def hair_mask(image: np.ndarray, darker_by: float = DARKER_BY) -> np.ndarray:
    """Where dark hairs are, with a narrow seam.

    Args:
        image: uint8 RGB `(h, w, 3)`.
        darker_by: Grey levels of 255 by which a hair is darker than the skin beside it.

    Returns:
        bool `(h, w)`; nothing is marked in pictures under `SMALLEST_SIDE` pixels.
    """
    height, width = image.shape[:2]
    if min(height, width) < SMALLEST_SIDE:
        return np.zeros((height, width), bool)
    scale = WORKING_SIDE / max(height, width)
    size = (round(width * scale), round(height * scale))
    red = Image.fromarray(np.ascontiguousarray(image[..., 0]))
    grey = np.asarray(red.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0))
    thin = thin_and_dark(grey)
    # Among much that is thin and dark, as in a pigment network, only what stands out is hair.
    usual = ndimage.uniform_filter(thin, SURROUNDINGS, output=np.float32, mode="nearest")
    candidates = thin >= np.maximum(darker_by, OUTSTANDING * usual)
    sure = long_and_thin(candidates)
    # A hair's faint ends and bends belong to it where they touch what is surely hair.
    mask = _grow(sure | (_grow(sure, 2) & candidates), 1)
    if size == (width, height):
        return mask
    picture = Image.fromarray(mask.astype(np.uint8) * 255)
    return np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR)) > 127


def thin_and_dark(grey: np.ndarray, widest: int = WIDEST) -> np.ndarray:
    """How much darker a pixel is than what lies on both sides of it, in some direction.

    The generalised closing of Lee et al.: a closing with a line fills whatever dark is shorter than
    the line; of the directions, the one that fills most counts.

    Args:
        grey: uint8 `(h, w)`.
        widest: Length of the line in pixels; what is wider stays.

    Returns:
        uint8 `(h, w)`, 0 where nothing was filled.
    """
    filled = grey
    for line in lines(4, widest):
        filled = np.maximum(filled, _twice(grey, line, np.maximum, np.minimum))
    return filled - grey


def long_and_thin(
    mask: np.ndarray, shortest: int = SHORTEST, thickest: int = THICKEST
) -> np.ndarray:
    """What of a mask lies on straight lines that are long, and thin across.

    The check of Lee et al. An opening with a line takes away whatever is shorter than the line: one
    along must leave a pixel, and one across must not.

    Args:
        mask: bool `(h, w)`.
        shortest: Least length in pixels.
        thickest: What has a run of so many pixels across is no hair.
    """
    left = np.zeros_like(mask)
    along, across = lines(DIRECTIONS, shortest), lines(DIRECTIONS, thickest)
    for number in range(DIRECTIONS):
        long = _twice(mask, along[number], np.logical_and, np.logical_or)
        if long.any():
            turned = across[(number + DIRECTIONS // 2) % DIRECTIONS]
            left |= long & ~_twice(mask, turned, np.logical_and, np.logical_or)
    return left


@lru_cache(maxsize=8)
def lines(directions: int, length: int) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Digital lines around a middle pixel: for each direction the offsets (down, right)."""
    found = []
    for number in range(directions):
        angle = np.pi * number / directions
        reach = np.arange(length) - length // 2
        # Steps along the longer axis, so that a line has no gaps at any angle.
        steps = reach * max(abs(np.cos(angle)), abs(np.sin(angle)))
        longer = np.unique(np.rint(steps).astype(int))
        if abs(np.cos(angle)) >= abs(np.sin(angle)):
            pairs = [(int(np.rint(x * np.tan(angle))), int(x)) for x in longer]
        else:
            pairs = [(int(y), int(np.rint(y / np.tan(angle)))) for y in longer]
        found.append(tuple(pairs))
    return tuple(found)


def _twice(
    values: np.ndarray, line: tuple[tuple[int, int], ...], first: Operation, second: Operation
) -> np.ndarray:
    """A closing (first maximum, then minimum) or an opening (the other way) with a line."""
    return _along(_along(values, line, first, 1), line, second, -1)


def _along(
    values: np.ndarray, line: tuple[tuple[int, int], ...], operation: Operation, sign: int
) -> np.ndarray:
    reach = max(max(abs(y), abs(x)) for y, x in line)
    height, width = values.shape
    padded = np.pad(values, reach, mode="edge")
    result = values
    for y, x in line:
        top, left = reach + sign * y, reach + sign * x
        result = operation(result, padded[top : top + height, left : left + width])
    return result


def bridge(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Fill marked pixels from the clear ones on both sides, across the narrowest way.

    Of four directions the one with the shortest way from clear to clear is taken, which for a hair
    is the one across it, and the colours at both ends are mixed by their nearness.

    Args:
        image: uint8 RGB `(h, w, 3)`.
        mask: bool `(h, w)`, what to fill.

    Returns:
        uint8 RGB `(h, w, 3)`; as it was where nothing is marked, or all is.
    """
    rows, columns = np.nonzero(mask)
    if not len(rows) or len(rows) == mask.size:
        return image
    best = np.full(len(rows), np.inf)
    mixed = np.zeros((len(rows), 3), np.float32)
    codes = np.pad(mask.astype(np.uint8), 1, constant_values=2)
    width = codes.shape[1]
    places = (rows + 1) * width + columns + 1
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        stride = down * width + right
        before = _steps_to_clear(codes.ravel(), places, -stride)
        after = _steps_to_clear(codes.ravel(), places, stride)
        # At the edge of the picture one end is missing; then the other's colour has to do.
        one_ended = (before == 0) != (after == 0)
        before, after = np.where(before == 0, -after, before), np.where(after == 0, -before, after)
        way = np.abs(np.where(one_ended, 4 * before, before + after)) * np.hypot(down, right)
        better = np.flatnonzero((way > 0) & (way < best))
        best[better] = way[better]
        y, x, back, ahead = rows[better], columns[better], before[better], after[better]
        first = image[y - back * down, x - back * right].astype(np.float32)
        last = image[y + ahead * down, x + ahead * right].astype(np.float32)
        share = np.where(one_ended[better], 0, back / np.maximum(np.abs(back + ahead), 1))
        mixed[better] = first + share[:, None] * (last - first)
    found = np.isfinite(best)
    result = image.copy()
    result[rows[found], columns[found]] = np.rint(mixed[found])
    return result


def _steps_to_clear(codes: np.ndarray, places: np.ndarray, stride: int) -> np.ndarray:
    """How many steps of `stride` lead from each place to a clear one; 0 where none does.

    Args:
        codes: uint8, flat: 0 is clear, 1 is marked, 2 is outside the picture.
        places: Indices into `codes`.
    """
    steps = np.zeros(len(places), np.int64)
    left, here, step = np.arange(len(places)), places, 0
    while len(left):
        step += 1
        here = here + stride
        found = codes[here]
        steps[left[found == 0]] = step
        marked = found == 1
        left, here = left[marked], here[marked]
    return steps


def _grow(mask: np.ndarray, reach: int) -> np.ndarray:
    """A mask `(h, w)` with a seam of `reach` pixels around it."""
    for axis in (0, 1):
        lines = mask.swapaxes(0, axis)
        wider = lines.copy()
        for step in range(1, reach + 1):
            wider[step:] |= lines[:-step]
            wider[:-step] |= lines[step:]
        mask = wider.swapaxes(0, axis)
    return mask
