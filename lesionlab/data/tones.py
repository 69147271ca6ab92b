"""Steps of brightness and categories of skin tone, and how many pictures are in each."""

from __future__ import annotations

import numpy as np
import pandas as pd

# Lower ends in degrees, after Chardon, Cretois and Hourseau (1991) and Del Bino and Bernerd (2013),
# "Variations in skin colour and the biological consequences of ultraviolet radiation exposure",
# British Journal of Dermatology 169. Beyond 90 degrees b* is below 0: no skin is blue, so the light
# or the camera is, and there is no category.
TONES = {
    "very light": 55.0,
    "light": 41.0,
    "intermediate": 28.0,
    "tan": 10.0,
    "brown": -30.0,
    "dark": -180.0,
}
CAST, UNSEEN = "blue cast", "no skin seen"
CAST_ABOVE = 90.0
ALL_TONES = (*TONES, CAST, UNSEEN)
STEP = 5.0


def tones_of(ita: np.ndarray) -> np.ndarray:
    """The category of each angle, as a position in `ALL_TONES`, int64 `(n,)`.

    Args:
        ita: Individual Typology Angles in degrees `(n,)`; not a number where no skin was seen.
    """
    codes = np.full(len(ita), len(TONES) - 1)
    for position, low in reversed(list(enumerate(TONES.values()))):
        codes[ita > low] = position
    codes[ita > CAST_ABOVE] = ALL_TONES.index(CAST)
    codes[np.isnan(ita)] = ALL_TONES.index(UNSEEN)
    return codes


def tone_steps(ita: np.ndarray) -> pd.DataFrame:
    """Angles in steps of about 5 degrees that never cross from one category to the next.

    Returns:
        A row a step from dark to light: `low`, `high` (degrees), `tone`, `pictures`. The outermost
        steps without pictures are left out.
    """
    # Beyond the quarter circle on the dark side there is nothing but noise: one step for it.
    borders = [-180.0, -90.0, *sorted(low for low in TONES.values() if low > -180), CAST_ABOVE, 180]
    names = ["dark", *reversed(TONES), CAST]
    low, high, tone = [], [], []
    for start, end, name in zip(borders, borders[1:], names, strict=False):
        count = 1 if start == -180 else max(1, round((end - start) / STEP))
        edges = np.linspace(start, end, count + 1)
        low += list(edges[:-1])
        high += list(edges[1:])
        tone += [name] * count
    edges = np.array([*low, 180.0])
    seen = ita[~np.isnan(ita)]
    # Upper ends belong to a step, as they do to a category.
    places = np.clip(np.searchsorted(edges, seen, side="left") - 1, 0, len(low) - 1)
    pictures = np.bincount(places, minlength=len(low))
    steps = pd.DataFrame({"low": low, "high": high, "tone": tone, "pictures": pictures})
    there = np.flatnonzero(pictures)
    return steps.iloc[there[0] : there[-1] + 1] if len(there) else steps.iloc[:0]


def by_class(codes: np.ndarray, classes: np.ndarray, names: tuple[str, ...]) -> pd.DataFrame:
    """How many pictures of each class are in each of some categories.

    Args:
        codes: Positions in `names`, `(n,)`.
        classes: Codes of classes, text `(n,)`.

    Returns:
        A row a class from frequent to rare, a column a category that has any pictures.
    """
    rows, labels = pd.factorize(classes, sort=True)
    counts = np.bincount(rows * len(names) + codes, minlength=len(labels) * len(names))
    table = pd.DataFrame(
        counts.reshape(len(labels), len(names)), index=list(labels), columns=list(names)
    )
    table = table.loc[:, table.sum() > 0]
    return table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]


def brightness_steps(brightness: np.ndarray, classes: np.ndarray) -> pd.DataFrame:
    """How many pictures of each class are how bright.

    Args:
        brightness: Mean L* `(n,)`; not a number where the picture could not be read.
        classes: Codes of classes, text `(n,)`.

    Returns:
        A row a step of `STEP` L*, named by its lower end; a column a class from frequent to rare.
    """
    known = ~np.isnan(brightness)
    codes = np.clip(brightness[known] // STEP, 0, 100 // STEP - 1).astype(np.int64)
    lows = tuple(f"{k * STEP:g}" for k in range(round(100 / STEP)))
    table = by_class(codes, classes[known], lows).T
    table.index = table.index.astype(float)
    if not len(table):
        return table
    return table.reindex(np.arange(table.index.min(), table.index.max() + STEP, STEP), fill_value=0)
