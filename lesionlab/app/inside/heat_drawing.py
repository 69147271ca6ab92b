"""Heat maps over their pictures, with the lesion's outline, and what they say in words."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from lesionlab.app import answers, theme
from lesionlab.app.inside import maps_shown
from lesionlab.images.heat import fitted

# Up to here two maps have little in common, and from here on they are nearly the same. Adebayo et
# al. give no limits; these are ours, and the page shows the numbers themselves.
LITTLE, MUCH = 0.3, 0.6


def unit(heat: np.ndarray) -> np.ndarray:
    """A map stretched so that its hottest place is 1, float32; all zero where there is no heat."""
    top = float(heat.max())
    return (np.maximum(heat, 0) / top if top > 0 else np.zeros_like(heat)).astype(np.float32)


def outlined(image: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """The picture with a white line, dark outside, around a mask.

    Args:
        image: uint8 `(h, w, 3)`.
        mask: bool `(h, w)`, or None for no line.
    """
    if mask is None:
        return image
    drawn = image.copy()
    drawn[ndimage.binary_dilation(mask, iterations=2) & ~mask] = 20
    drawn[ndimage.binary_dilation(mask) & ~mask] = 255
    return drawn


def signed_overlay(image: np.ndarray, change: np.ndarray, strength: float = 0.8) -> np.ndarray:
    """A picture in grey under a signed map: blue where it is above zero, brown below.

    Args:
        image: uint8 `(h, w, 3)`.
        change: float `(rows, columns)`.
        strength: Share of colour where the map is farthest from zero.
    """
    fine = fitted(change, image.shape[:2])
    limit = float(np.abs(change).max()) or 1.0
    share = (strength * (np.abs(fine) / limit).clip(0, 1))[..., None]
    above, below = (
        np.array([int(stop[k : k + 2], 16) for k in (1, 3, 5)], float)
        for stop in (theme.DIVERGING[-1], theme.DIVERGING[0])
    )
    colour = np.where(fine[..., None] > 0, above, below)
    grey = image.mean(axis=2, keepdims=True)
    return np.rint(grey * (1 - share) + colour * share).astype(np.uint8)


def under_heat(image: np.ndarray, heat: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """A picture under its heat map, with the outline of a mask."""
    return outlined(answers.overlay(image, unit(heat)), mask)


def share_sentence(share: float | None, area: float) -> str:
    """How much of the heat lies inside the lesion, beside what an even map would have there.

    Args:
        share: From `images.heat.share_inside`; None without heat.
        area: Share of the picture that the lesion covers, 0 to 1.
    """
    if share is None:
        return "There is no heat, so no share of it lies inside the lesion."
    words = (
        f"**{share:.0%}** of the heat lies inside the lesion (white line), which covers "
        f"**{area:.0%}** of the picture."
    )
    if area <= 0:
        return words
    times = share / area
    if times > 1.1:
        return f"{words} That is {times:.1f} times as much as if the heat were spread evenly."
    if times < 0.9:
        return (
            f"{words} That is **less** than if the heat were spread evenly: the network looks at "
            "the skin around it."
        )
    return f"{words} That is about what an even map would have."


def check_sentence(correlations: list[float | None]) -> str:
    """Whether a map depends on what was learned.

    Args:
        correlations: Of the map with those of redrawn networks; None for one that is alike
            everywhere.
    """
    mean = float(np.mean([0.0 if value is None else value for value in correlations]))
    empty = sum(value is None for value in correlations)
    words = (
        f"On average the maps agree to **{maps_shown.number(mean)}** (1 is the same, 0 has "
        "nothing in common)."
    )
    if empty:
        words += f" {empty} of {len(correlations)} show no heat, or the same everywhere, which "
        words += "counts as 0."
    if mean < LITTLE:
        return f"{words} So the map **depends on what the network has learned**."
    if mean < MUCH:
        return (
            f"{words} So the map shows **partly** what was learned, and partly what any network "
            "would show for this picture."
        )
    return f"{words} So the map looks much the same **without** what was learned: do not trust it."
