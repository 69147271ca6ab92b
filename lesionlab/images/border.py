"""Cropping the black rim that a dermatoscope's tube leaves around its round field of view.

After Gessert et al., "Skin lesion classification using ensembles of multi-resolution EfficientNets
with meta data" (MethodsX 7, 2020): a very low threshold finds the field, a shape is fitted to it,
the picture is cut to the box around the shape, and a comparison of inside and outside decides
whether to cut at all. They fit an ellipse by its moments. Here a circle is fitted to the outline
(Kåsa, "A circle fitting procedure and its error analysis", IEEE Trans. Instrum. Meas. 25, 1976),
since pictures often show only a part of the field, whose moments say little.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from PIL import Image
from scipy import ndimage

Box = tuple[int, int, int, int]
Circle = tuple[float, float, float]

# The circle is looked for on a copy whose longer side has so many pixels.
MEASURED_SIDE = 256
# Black is what stays below this share of the field's own brightness, and below this grey level:
# dark skin in poor light is still brighter than the inside of a tube. Where a tube glows a little,
# the second pair finds the edge of the field.
BLACK = ((0.25, 45.0), (0.35, 65.0))
# So many points of the outline, as a share of all, lie this near to the circle (of its radius).
ROUND_SHARE, ROUND_WITHIN = 0.8, 0.03
# Nor does one dark corner make a circle: its points lie in at least two quarters, so many in each.
QUARTERS, QUARTER_SHARE = 2, 0.1
# So much of what lies outside the circle is black, for tubes may glow; and so much inside is not,
# for lesions may be black.
OUTSIDE_SHARE, INSIDE_SHARE = 0.85, 0.6
# The edge of the field is blurred over so much of its radius.
RIM = 0.02
# A hair across the field is darker than the level, and up to twice so many pixels wide.
HAIR = 2
# Smaller circles are drops, bubbles or spots of light.
SMALLEST_RADIUS = 0.25


def crop_border(
    image: np.ndarray, keep: Literal["field", "inside"] = "field", least_margin: float = 0.02
) -> np.ndarray:
    """Cut the black border off a picture whose border is round inside.

    Args:
        image: uint8 RGB `(h, w, 3)`.
        keep: `field` keeps all of the round field, and with it the dark corners of the box around
            it; `inside` keeps the largest box inside the field that has the picture's own shape.
        least_margin: A margin narrower than this share of the side is left alone.

    Returns:
        uint8 RGB, a view of the picture; all of it where there is nothing to cut off.
    """
    height, width = image.shape[:2]
    circle = find_circle(image)
    if circle is None:
        return image
    if keep == "inside":
        x, y, radius = circle
        box = inside((x, y, (1 - RIM) * radius), height, width, least_margin)
    else:
        box = around(circle, height, width, least_margin)
    top, left, bottom, right = box
    return image if box == (0, 0, height, width) else image[top:bottom, left:right]


def around(circle: Circle, height: int, width: int, least_margin: float = 0.02) -> Box:
    """The box around a circle, within a picture: `(top, left, bottom, right)`, last two exclusive.

    Args:
        circle: As from `find_circle`.
        height: Of the picture, in pixels, as is `width`.
        least_margin: See `crop_border`.
    """
    x, y, radius = circle

    def cut(low: float, high: float, length: int) -> tuple[int, int]:
        first, last = max(0, round(low)), min(length, round(high))
        least = least_margin * length
        return first if first > least else 0, last if length - last > least else length

    top, bottom = cut(y - radius, y + radius, height)
    left, right = cut(x - radius, x + radius, width)
    return top, left, bottom, right


def inside(circle: Circle, height: int, width: int, least_margin: float = 0.02) -> Box:
    """The largest box of the picture's own shape inside both circle and picture.

    Args:
        circle: As from `find_circle`.
        height: Of the picture, in pixels, as is `width`.
        least_margin: See `crop_border`.
    """
    x, y, radius = circle
    low, high = 0.0, 1.0
    place = width / 2, height / 2
    for _ in range(24):
        scale = (low + high) / 2
        half_width, half_height = scale * width / 2, scale * height / 2
        # The box's middle, as near to the circle's as the picture allows.
        middle_x = min(max(x, half_width), width - half_width)
        middle_y = min(max(y, half_height), height - half_height)
        corner = np.hypot(abs(middle_x - x) + half_width, abs(middle_y - y) + half_height)
        if corner <= radius:
            low, place = scale, (middle_x, middle_y)
        else:
            high = scale
    if low > 1 - 2 * least_margin or low == 0:
        return 0, 0, height, width
    left, top = (round(place[0] - low * width / 2), round(place[1] - low * height / 2))
    return top, left, top + max(1, round(low * height)), left + max(1, round(low * width))


def find_circle(image: np.ndarray) -> Circle | None:
    """Centre x, centre y and radius of the round field in pixels; None where there is none.

    Coordinates count from the picture's left and top edge, so that a field from edge to edge of
    a square of 100 pixels has its centre at 50 and the radius 50.

    Args:
        image: uint8 RGB `(h, w, 3)`.
    """
    height, width = image.shape[:2]
    scale = max(1.0, max(height, width) / MEASURED_SIDE)
    size = (max(1, round(width / scale)), max(1, round(height / scale)))
    if min(size) < 16:
        return None
    small = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BOX, reducing_gap=4.0))
    # The largest of three channels: deep red skin has nearly no green or blue.
    bright = np.maximum(np.maximum(small[..., 0], small[..., 1]), small[..., 2]).astype(np.float32)
    middle = bright[size[1] // 4 : -size[1] // 4, size[0] // 4 : -size[0] // 4]
    field = float(np.percentile(middle, 75))
    scale_x, scale_y = width / size[0], height / size[1]
    for share, most in BLACK:
        circle = _circle_at(bright, min(most, share * field))
        if circle is not None:
            x, y, radius = circle
            return x * scale_x, y * scale_y, radius * (scale_x + scale_y) / 2
    return None


def _circle_at(bright: np.ndarray, level: float) -> Circle | None:
    """The circle that parts what is brighter than `level` from the dark, if one does."""
    lit = bright > level
    if lit.all() or level < 2:
        return None
    points = _outline(bright, _largest(lit), level)
    circle = _fit(points)
    return circle if circle is not None and _believable(circle, points, lit) else None


def _largest(lit: np.ndarray) -> np.ndarray:
    """Only the largest connected part of a mask `(h, w)`; parts that a hair divides are one."""
    parts, number = ndimage.label(ndimage.maximum_filter(lit, 2 * HAIR + 1))
    if number <= 1:
        return lit
    counts = np.bincount(parts[lit], minlength=2)
    return lit & (parts == counts.argmax())


def _outline(bright: np.ndarray, lit: np.ndarray, level: float) -> np.ndarray:
    """Where the field begins and ends in each row and column, `(n, 2)` as x, y.

    Between two pixels, where the brightness passes the level; not where it meets the edge of the
    picture, which is no edge of the field.
    """
    found = []
    for across in (False, True):
        values, mask = (bright.T, lit.T) if across else (bright, lit)
        for backwards in (False, True):
            line, inside = (values[:, ::-1], mask[:, ::-1]) if backwards else (values, mask)
            length = line.shape[1]
            first = inside.argmax(axis=1)
            rows = np.flatnonzero(inside.any(axis=1) & (first > 0))
            dark, light = line[rows, first[rows] - 1], line[rows, first[rows]]
            part = (level - dark) / np.maximum(light - dark, 1e-3)
            # Pixel k reaches from k to k + 1, so that its middle is at k + 0.5.
            place = first[rows] - 0.5 + np.clip(part, 0, 1)
            place = length - place if backwards else place
            there = rows + 0.5
            found.append(np.stack([there, place] if across else [place, there], axis=1))
    return np.concatenate(found)


def _fit(points: np.ndarray) -> Circle | None:
    """A circle through points `(n, 2)`, again and again without those farthest from it."""
    kept = points
    for _ in range(8):
        if len(kept) < 20:
            return None
        # (x - a)² + (y - b)² = r² is linear in a, b and r² - a² - b².
        sides = np.column_stack([2 * kept, np.ones(len(kept))])
        answer, _, rank, _ = np.linalg.lstsq(sides, (kept**2).sum(axis=1), rcond=None)
        x, y, rest = answer
        squared = rest + x * x + y * y
        if rank < 3 or squared <= 0:
            return None
        radius = float(np.sqrt(squared))
        away = np.abs(np.hypot(points[:, 0] - x, points[:, 1] - y) - radius)
        limit = max(0.01 * radius, 2.5 * float(np.median(away)))
        again = points[away <= limit]
        if len(again) == len(kept):
            break
        kept = again
    return float(x), float(y), radius


def _believable(circle: Circle, points: np.ndarray, lit: np.ndarray) -> bool:
    """Whether a tube's edge explains the dark: a round outline, black outside, skin inside."""
    x, y, radius = circle
    height, width = lit.shape
    if radius < SMALLEST_RADIUS * min(height, width) or not (0 < x < width and 0 < y < height):
        return False
    aside, below = points[:, 0] - x, points[:, 1] - y
    near = np.abs(np.hypot(aside, below) - radius) < ROUND_WITHIN * radius
    quarters = np.bincount((2 * (aside[near] > 0) + (below[near] > 0)), minlength=4) / len(points)
    if (quarters > QUARTER_SHARE).sum() < QUARTERS:
        return False
    columns, rows = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    away = np.hypot(columns - x, rows - y) / radius
    outside, inside = away > 1 + ROUND_WITHIN, away < 1 - ROUND_WITHIN
    if not outside.any() or not inside.any():
        return False
    return bool(
        near.mean() > ROUND_SHARE
        and 1 - lit[outside].mean() > OUTSIDE_SHARE
        and lit[inside].mean() > INSIDE_SHARE
    )
