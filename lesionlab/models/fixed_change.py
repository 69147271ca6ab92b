"""One change at a value that is chosen, not drawn, by the layer that training uses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pydantic import ValidationError

from lesionlab.errors import ExperimentError
from lesionlab.experiment import Augmentation
from lesionlab.models.augment import COLUMNS

# The change -> the setting that allows it, and the column that says how much of it is done.
FIXED: dict[str, tuple[str, str]] = {
    "rotation": ("rotation", "rotation"),
    "shift_x": ("shift", "shift_x"),
    "shift_y": ("shift", "shift_y"),
    "zoom": ("zoom", "zoom"),
    "shear": ("shear", "shear"),
    "horizontal_flip": ("horizontal_flip", "flip_x"),
    "vertical_flip": ("vertical_flip", "flip_y"),
    "brightness": ("brightness", "brightness"),
    "contrast": ("contrast", "contrast"),
    "saturation": ("saturation", "saturation"),
    "hue": ("hue", "hue"),
    "cutout": ("cutout", "hole_side"),
}


def fixed_change(
    change: str, values: Sequence[float], size: tuple[int, int], fill: str = "nearest"
) -> tuple[Augmentation, np.ndarray]:
    """What the layer `Augment` is made from and given, to do one change and nothing else.

    Args:
        change: A key of `FIXED`.
        values: How much, a number a picture, in the setting's own unit: degrees, a share of the
            picture (positive: down, to the right, enlarged), a relative change, a share of the
            colour circle; 1 or 0 for a flip. The hole of `cutout` is in the middle.
        size: Height and width in pixels.
        fill: As in `Augmentation`.

    Returns:
        Settings that allow every value, and parameters float32 `(len(values), 14)`.

    Raises:
        ExperimentError: There is no such change, or a value is out of its setting's range.
    """
    if change not in FIXED:
        raise ExperimentError(
            f"Expected a change out of {', '.join(FIXED)}.", f"Received {change!r}."
        )
    setting, column = FIXED[change]
    amounts = np.asarray(values, np.float32)
    parameters = np.zeros((len(amounts), len(COLUMNS)), np.float32)
    parameters[:, COLUMNS.index("zoom")] = 1
    parameters[:, COLUMNS.index(column)] += amounts * _unit(change, size)
    if change == "cutout":
        parameters[:, COLUMNS.index("hole_y")] = size[0] / 2
        parameters[:, COLUMNS.index("hole_x")] = size[1] / 2
    return _allowing(setting, amounts, fill), parameters


def _unit(change: str, size: tuple[int, int]) -> float:
    """What turns a share of the picture into pixels."""
    height, width = size
    return {"shift_x": width, "shift_y": height, "cutout": min(size)}.get(change, 1)


def _allowing(setting: str, amounts: np.ndarray, fill: str) -> Augmentation:
    received = f"Received {', '.join(f'{value:g}' for value in amounts[:8])}."
    flips = setting.endswith("_flip")
    if not np.isfinite(amounts).all():
        raise ExperimentError(f"Expected finite numbers for {setting}.", received)
    if flips and not np.isin(amounts, (0, 1)).all():
        raise ExperimentError(f"Expected 0 or 1 for {setting}.", received)
    if setting == "cutout" and (amounts < 0).any():
        raise ExperimentError("Expected a cutout of at least 0.", received)
    most = float(np.abs(amounts).max(initial=0))
    try:
        return Augmentation.model_validate({setting: bool(most) if flips else most, "fill": fill})
    except ValidationError as error:
        first = error.errors()[0]
        raise ExperimentError(
            f"The value of {first['loc'][0]} cannot be used: {first['msg']}.",
            f"Received {first['input']!r}.",
            "Stay within the range of this setting.",
        ) from error
