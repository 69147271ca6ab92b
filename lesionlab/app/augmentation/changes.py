"""What may change in a picture: names, ranges, and what it means for the diagnosis. Facts only.

How far a change is safe is a rule of thumb of ours, from what dermoscopists look at (see
`lesionlab.diagnoses`); nobody has measured it for this data.
"""

from __future__ import annotations

from dataclasses import dataclass

from lesionlab.experiment import Augmentation

SHAPE, COLOUR, HIDE = "Shape", "Colour", "Hide a part"
GROUPS = {
    SHAPE: "Skin has no up and down, so most of these keep the diagnosis.",
    COLOUR: "Careful: in dermoscopy the colour is itself a sign.",
    HIDE: "The network must not trust in one spot alone.",
}
ALWAYS = "always"
# How safe a setting is: what the badge says, and the colour of it.
OFF, SAFE, CARE, RISK = "off", "keeps the label", "with care", "may change the label"
BADGES = {OFF: "gray", SAFE: "green", CARE: "orange", RISK: "red"}


@dataclass(frozen=True)
class Change:
    """A slider.

    Attributes:
        name: Of the setting in `Augmentation`.
        label: What pages call it.
        group: Where it stands.
        largest: End of the slider in the unit shown; likewise `step`.
        unit: What stands behind the number.
        factor: From what is stored to what is shown.
        safe_to: Up to here, as shown, the label is kept; from there to `care_to` with care.
        words: What it means for the label, in plain words.
        far: What goes wrong beyond `safe_to`; may be empty.
    """

    name: str
    label: str
    group: str
    largest: int
    step: int
    unit: str
    factor: float
    safe_to: float
    care_to: float
    words: str
    far: str = ""

    def level(self, shown: float) -> str:
        """How safe it is to go this far, in the unit shown; OFF at nothing."""
        if shown == 0:
            return OFF
        return SAFE if shown <= self.safe_to else CARE if shown <= self.care_to else RISK

    @property
    def limit(self) -> str:
        """How far the label is kept, in words."""
        return ALWAYS if self.safe_to >= self.largest else f"up to {self.safe_to:g}{self.unit}"


CHANGES: dict[str, Change] = {
    c.name: c
    for c in (
        Change(
            "rotation", "Turn", SHAPE, 180, 5, "°", 1, 180, 180,
            "A turned mole is the same mole.",
        ),
        Change(
            "shift", "Shift", SHAPE, 50, 1, " %", 100, 20, 35,
            "Where the lesion lies in the picture says nothing about it.",
            "So far, its border may leave the picture, and the border is a sign.",
        ),
        Change(
            "zoom", "Zoom", SHAPE, 50, 1, " %", 100, 20, 35,
            "Lenses magnify differently, so a little is what happens anyway.",
            "So far, fine dots become globules or vanish, and the size is lost.",
        ),
        Change(
            "shear", "Slant", SHAPE, 45, 1, "°", 1, 10, 20,
            "As if the picture were pushed sideways.",
            "So far, a round mole looks lopsided. Asymmetry is a sign of melanoma.",
        ),
        Change(
            "brightness", "Brightness", COLOUR, 50, 1, " %", 100, 20, 30,
            "Another lamp or another exposure.",
            "So far, pale and dark structures drown.",
        ),
        Change(
            "contrast", "Contrast", COLOUR, 50, 1, " %", 100, 20, 30,
            "Another camera.",
            "So far, a faint network disappears, or noise looks like one.",
        ),
        Change(
            "saturation", "Colour strength", COLOUR, 100, 1, " %", 100, 20, 50,
            "Cameras differ a little in how strong their colours are.",
            "So far, red vessels and the blue-white veil turn grey.",
        ),
        Change(
            "hue", "Colour tone", COLOUR, 50, 1, " %", 100, 2, 5,
            "Turns all colours around the colour circle. A camera is off by very little.",
            "So far, brown turns green or red, red turns blue. Skin does not look so, and blue or "
            "red can be what the diagnosis rests on.",
        ),
        Change(
            "cutout", "Cut out a square", HIDE, 50, 1, " %", 100, 20, 35,
            "Every second picture gets a hole at a random place. Small holes teach the network to "
            "look at all of the lesion.",
            "So far, the hole may hide the very spot that makes the diagnosis.",
        ),
    )
}  # fmt: skip
FLIPS = {
    "horizontal_flip": ("Flip left and right", "No sign in dermoscopy depends on left or right."),
    "vertical_flip": ("Flip upside down", "The camera may have been held the other way."),
}
# How empty corners are filled -> name, how safe, words.
FILLS: dict[str, tuple[str, str, str]] = {
    "nearest": ("Stretch the border", SAFE, "Streaks, like nothing on skin, but harmless."),
    "reflect": ("Mirror", SAFE, "Looks most like skin. A lesion at the edge appears twice."),
    "wrap": ("Repeat", CARE, "Pieces of the lesion come back on the other side."),
    "constant": ("Black", SAFE, "Black corners, as a dermatoscope's round field leaves them."),
}


def amount(name: str, value: float) -> str:
    """A value of a setting as people read it, with its sign: +10 %, −45°."""
    change = CHANGES[name]
    shown = value * change.factor
    number = f"{shown:+.0f}" if abs(shown - round(shown)) < 0.05 else f"{shown:+.1f}"
    sign = "" if round(shown, 1) == 0 else number[0].replace("-", "\N{MINUS SIGN}")
    return f"{sign}{number[1:]}{change.unit}"


def in_words(augmentation: Augmentation) -> str:
    """What may change, in one line; "nothing" when nothing does."""
    parts = []
    for name, change in CHANGES.items():
        value = getattr(augmentation, name)
        if value:
            sign = "" if name == "cutout" else "±"
            parts.append(f"{change.label.lower()} {sign}{amount(name, value)[1:]}")
    parts += [words.lower() for name, (words, _) in FLIPS.items() if getattr(augmentation, name)]
    return ", ".join(parts) or "nothing"


def levels(augmentation: Augmentation) -> dict[str, str]:
    """How safe each setting is that is on: its name -> SAFE, CARE or RISK."""
    found = {
        name: change.level(getattr(augmentation, name) * change.factor)
        for name, change in CHANGES.items()
        if getattr(augmentation, name)
    }
    return found | {name: SAFE for name in FLIPS if getattr(augmentation, name)}


def badge(level: str) -> str:
    """A level as Markdown."""
    return f":{BADGES[level]}-badge[{level}]"
