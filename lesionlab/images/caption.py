"""Cutting off strips that are no skin: a caption with writing, a bar, a frame.

A strip is known by what skin never is: rows of one flat colour from edge to edge, with perhaps some
writing, that end in a straight line across the whole picture. (A rule of our own, made for the
captions of scanned slides and of pictures saved from presentations.)
"""

from __future__ import annotations

import numpy as np

# Strips take no more of a picture's height than this, those on top and below each.
LARGEST_SHARE = 0.2
# Pixels are of the strip when they are within so many grey levels of its colour. The outermost row
# holds no writing; rows with writing still show so much of the strip.
WITHIN, OUTERMOST_SHARE, WRITTEN_SHARE = 10, 0.97, 0.2
# The strip ends in a straight line: before it rows without writing, after it the picture, which has
# hardly anything of the strip's colour and is so many grey levels away from it.
CLEAR_SHARE, SKIN_SHARE, STEP = 0.9, 0.1, 25
# A JPEG blurs the line over so many rows.
BLUR = 2


def remove_caption(image: np.ndarray, largest_share: float = LARGEST_SHARE) -> np.ndarray:
    """Cut off flat strips above and below.

    Args:
        image: uint8 RGB `(h, w, 3)`.
        largest_share: A strip is at most this share of the height; what is larger stays.

    Returns:
        uint8 RGB, a view of the picture; all of it where there is no strip.
    """
    height = image.shape[0]
    top = strip_height(image, largest_share)
    bottom = strip_height(image[::-1], largest_share)
    return image[top : height - bottom]


def strip_height(image: np.ndarray, largest_share: float = LARGEST_SHARE) -> int:
    """How many rows of a flat strip a picture begins with; 0 where there is none.

    Args:
        image: uint8 RGB `(h, w, 3)`.
        largest_share: See `remove_caption`.
    """
    height, width = image.shape[:2]
    most = int(largest_share * height)
    if height < 16 or width < 16 or most < 1:
        return 0
    # Every 300th of the width is enough to know a row, and keeps large pictures fast.
    rows = image[: most + BLUR + 1, :: max(1, width // 300)]
    colour = np.median(rows[0], axis=0).astype(np.int16)
    if (_away(rows[:1], colour) <= WITHIN).mean() < OUTERMOST_SHARE:
        return 0
    away = _away(rows, colour)
    share = (away <= WITHIN).mean(axis=1)
    skin = np.flatnonzero(share <= WRITTEN_SHARE)
    if not len(skin):
        return 0  # All of it is flat: a picture of one colour, or a strip that is too large.
    end = int(skin[0])
    before, after = slice(max(0, end - BLUR - 1), end), slice(end, end + BLUR + 1)
    straight = share[before].max() >= CLEAR_SHARE and share[after].min() <= SKIN_SHARE
    far = float(np.median(away[after], axis=1).max()) >= STEP
    return end if straight and far else 0


def _away(rows: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """How far pixels `(h, w, 3)` are from a colour, in the channel that differs most."""
    away = np.abs(rows - colour)
    return np.maximum(np.maximum(away[..., 0], away[..., 1]), away[..., 2])
