"""The augmentations of the papers, with what they say and what had to be chosen for them."""

from __future__ import annotations

from dataclasses import dataclass

from lesionlab.experiment import Augmentation, recipe

# How a set departs from its paper.
CLOSE, OURS = "close, not the same", "our own numbers"
GOOD = "small-cnn"  # the recipe whose augmentation fits skin, where no side is up
CULLELL_DALMAU_SHIFT, CULLELL_DALMAU_SIDE = 30, 224  # pixels
STEPPAN_HOLE = 16  # pixels


@dataclass(frozen=True)
class Preset:
    """A set of changes to begin with.

    Attributes:
        augmentation: The settings.
        given: What the source says.
        ours: What it leaves open and we filled in, or what our layers do otherwise.
        kind: CLOSE or OURS; what stands before `ours`.
    """

    augmentation: Augmentation
    given: str
    ours: str = ""
    kind: str = OURS


def presets(size: tuple[int, int]) -> dict[str, Preset]:
    """What one can begin with: its name -> the set.

    Args:
        size: Height and width of the pictures in pixels.
    """
    shift = CULLELL_DALMAU_SHIFT / CULLELL_DALMAU_SIDE
    flips = {"horizontal_flip": True, "vertical_flip": True}
    return {
        "Nothing": Preset(Augmentation(), "No picture is changed."),
        "A good start": Preset(
            recipe(GOOD).augmentation,
            "Our own choice for skin: all turns and flips, little shift and zoom, no colours.",
        ),
        "Cullell-Dalmau 2021": Preset(
            Augmentation(rotation=90, shift=shift, fill="nearest", **flips),
            "Turns to 90° either way, shifts to 30 of 224 pixels (13 %), both flips, corners "
            "stretched from the border. The article itself names turns, shifts and mirrors without "
            "numbers; these are the settings of its exercise.",
        ),
        "Steppan & Hanke 2021": Preset(
            Augmentation(
                rotation=45,
                zoom=0.05,
                brightness=0.2,
                contrast=0.2,
                cutout=min(0.5, STEPPAN_HOLE / min(size)),
                fill="reflect",
                **flips,
            ),
            "Turns to 45°, both flips, zoom to 1.05, lighting 0.2, and one hole of 16×16 pixels "
            "in every second picture.",
            "The paper turns and zooms only every second picture, and its zoom only enlarges; here "
            "every picture is turned and zoomed, larger or smaller. Its lighting is taken as "
            "brightness and contrast of 20 % each. Its text also names shifts and slants, without "
            "a number: they are left out here. It names no way to fill corners: mirroring is our "
            "choice.",
            CLOSE,
        ),
        "Ray 2020": Preset(
            Augmentation(rotation=180, fill="reflect", **flips),
            "The paper says that pictures were augmented, but not how, and gives no number.",
            "All of it is our choice: turns and flips, which leave every lesion what it is.",
        ),
        "Benedetti 2020": Preset(
            Augmentation(rotation=20, shift=0.1, shear=10, fill="nearest", **flips),
            "Both flips, and small shifts, turns and slants. The paper gives no number.",
            "All numbers are our choice, and so is the fill.",
        ),
    }


def name_of(augmentation: Augmentation, found: dict[str, Preset]) -> str | None:
    """The preset that these settings are; None when they are the reader's own."""
    return next((name for name, one in found.items() if one.augmentation == augmentation), None)
