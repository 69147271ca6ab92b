"""How long the augmentation takes, measured on the compiled layers."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from lesionlab.experiment import Augmentation
from lesionlab.models.augment import draw_parameters, is_identity, make_augmenter

REPEATS = 7
# What is computed together: one affine transformation, one pass over the colours, one hole.
STEPS: dict[str, tuple[str, ...]] = {
    "shape": ("rotation", "shift", "zoom", "shear", "horizontal_flip", "vertical_flip", "fill"),
    "colour": ("brightness", "contrast", "saturation", "hue"),
    "hole": ("cutout",),
}


def steps_of(augmentation: Augmentation) -> dict[str, Augmentation]:
    """The settings, taken apart into the steps that are computed together; idle ones left out."""
    parts = {
        name: Augmentation(**{key: getattr(augmentation, key) for key in keys})
        for name, keys in STEPS.items()
    }
    return {name: part for name, part in parts.items() if not is_identity(part)}


def measure_cost(
    augmentation: Augmentation,
    size: tuple[int, int],
    batch: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Milliseconds a picture, of all changes together, and of each step where there are several.

    The steps are measured in turn, again and again, so that other work on the machine falls on
    all of them alike. The first round, which compiles, does not count.

    Args:
        augmentation: What may change.
        size: Height and width in pixels.
        batch: Pictures changed at a time.

    Returns:
        `all`, and the names of several `steps_of` -> `REPEATS` measured times, smallest first.
    """
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (batch, *size, 3), np.uint8)
    runs: dict[str, Callable[[], object]] = {}
    steps = steps_of(augmentation)
    for name, part in {"all": augmentation, **(steps if len(steps) > 1 else {})}.items():
        runs[name] = _run(part, images, draw_parameters(part, batch, size, rng))
        runs[name]()
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(REPEATS):
        for name, run in runs.items():
            begin = clock()
            run()
            times[name].append(1000 * (clock() - begin) / batch)
    return {name: sorted(found) for name, found in times.items()}


def _run(
    augmentation: Augmentation, images: np.ndarray, parameters: np.ndarray
) -> Callable[[], object]:
    augmenter = make_augmenter(augmentation, (images.shape[1], images.shape[2]))
    return lambda: augmenter.predict_on_batch([images, parameters])
