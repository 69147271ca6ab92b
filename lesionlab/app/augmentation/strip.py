"""One change alone, from the smallest to the largest value that its control allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from lesionlab.app import controls, pictures
from lesionlab.app.augmentation import asked, trial
from lesionlab.app.augmentation.asked import Shown
from lesionlab.app.augmentation.changes import CHANGES, FLIPS, SAFE, amount, badge
from lesionlab.app.desk import Desk
from lesionlab.experiment import Augmentation

# What the service calls it -> the setting, and what pages call it where there are two of one.
STRIPS = {
    "rotation": ("rotation", ""),
    "shift_x": ("shift", "Shift across"),
    "shift_y": ("shift", "Shift up and down"),
    **{name: (name, "") for name in CHANGES if name not in ("rotation", "shift")},
    **{name: (name, words) for name, (words, _) in FLIPS.items()},
}
FEWEST, MOST, FIRST = 5, 15, 9


@dataclass(frozen=True)
class Step:
    """One place of a strip.

    Attributes:
        value: In the setting's own unit.
        words: The value as people read it.
        within: Whether the settings of the page allow so much.
    """

    value: float
    words: str
    within: bool


def steps(strip: str, count: int, augmentation: Augmentation) -> list[Step]:
    """The values of a strip, from the smallest to the largest that its control allows.

    Args:
        strip: A key of `STRIPS`.
        count: How many; a flip has two.
    """
    setting = STRIPS[strip][0]
    mine = getattr(augmentation, setting)
    if setting in FLIPS:
        return [Step(0, "as it is", True), Step(1, "flipped", bool(mine))]
    change = CHANGES[setting]
    largest = change.largest / change.factor
    values = np.linspace(0 if setting == "cutout" else -largest, largest, count)
    return [
        Step(float(value), _words(setting, value), abs(value) <= mine + 1e-6) for value in values
    ]


def _words(setting: str, value: float) -> str:
    words = amount(setting, value)
    return words.lstrip("+") if setting == "cutout" else words


def show(desk: Desk, shown: Shown) -> None:
    """Choose a change, see it at every strength."""
    augmentation = trial.trial(desk)
    left, right = st.columns([3, 2], gap="large")
    with left:
        strip = st.selectbox(
            "Change",
            list(STRIPS),
            key="strip-change",
            format_func=lambda name: STRIPS[name][1] or CHANGES[STRIPS[name][0]].label,
            persist_state="session",
        )
    setting, name = STRIPS[strip]
    with right:
        most = asked.most_samples(shown.preprocessing.size, MOST)
        most -= (most + 1) % 2  # odd, so that the middle is the picture as it is
        count = min(int(st.session_state.get("strip-steps", FIRST)), most)
        st.slider(
            "Steps",
            FEWEST,
            most,
            step=2,
            key=controls.bind("strip-steps", count),
            disabled=setting in FLIPS,
            persist_state="session",
        )
    found = steps(strip, count, augmentation)
    values = tuple(step.value for step in found)
    with controls.sentences(foot=True):
        images = asked.at_values(shown, [(strip, values)], augmentation.fill)[0]
    label = name or CHANGES[setting].label
    tiles = [
        pictures.Tile(image, f"{label}: {step.words}", step.words, chosen=step.within)
        for image, step in zip(images, found, strict=True)
    ]
    st.html(pictures.grid_html(tiles, smallest=96, square=shown.square))
    st.caption("A frame marks what the settings under *Samples* allow.")
    _meaning(setting, augmentation)
    controls.how_it_works(
        r"v_i = v_{\text{smallest}} + i\,\frac{v_{\text{largest}} - v_{\text{smallest}}}{n - 1}"
        r"\qquad i = 0, 1, \dots, n - 1",
        "lesionlab.models.fixed_change:fixed_change",
        words="The layer is the one that training uses. Only its numbers are not drawn at random "
        "here, but set: this change as chosen, and every other one to nothing.",
    )


def _meaning(setting: str, augmentation: Augmentation) -> None:
    if setting in FLIPS:
        st.markdown(f"{badge(SAFE)} {FLIPS[setting][1]}")
        return
    change = CHANGES[setting]
    shown = getattr(augmentation, setting) * change.factor
    st.markdown(f"{badge(SAFE)} {change.limit} · {change.words}")
    if change.far:
        st.markdown(f"{badge(change.level(change.largest))} at the ends · {change.far}")
    if setting == "cutout":
        st.caption("In training the hole is at a random place. Here it is in the middle.")
    if not shown:
        st.caption("This change is off now.")
