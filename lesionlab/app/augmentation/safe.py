"""What keeps the diagnosis in a picture of skin, and what does not."""

from __future__ import annotations

import html

import streamlit as st

from lesionlab.app import controls, pictures, theme
from lesionlab.app.augmentation import asked, trial
from lesionlab.app.augmentation.asked import Shown
from lesionlab.app.augmentation.changes import (
    ALWAYS,
    CARE,
    CHANGES,
    FLIPS,
    RISK,
    SAFE,
    badge,
    levels,
)
from lesionlab.app.desk import Desk
from lesionlab.diagnoses import DIAGNOSES

# What is done -> how the service calls it, and its value.
KEEPS = {
    "turned 90°": ("rotation", 90.0),
    "flipped left and right": ("horizontal_flip", 1.0),
    "flipped upside down": ("vertical_flip", 1.0),
    "shifted 10 %": ("shift_x", 0.1),
    "zoomed 10 %": ("zoom", 0.1),
    "10 % brighter": ("brightness", 0.1),
}
SPOILS = {
    "colours turned 20 %": ("hue", 0.2),
    "colours turned 50 %": ("hue", 0.5),
    "no colour left": ("saturation", -1.0),
    "slanted 45°": ("shear", 45.0),
    "half the width cut out": ("cutout", 0.5),
    "half as bright": ("brightness", -0.5),
}
# Signs that are colours, by a word in them. White and dark stay what they are in any tone.
COLOURS = ("red", "blue", "yellow", "purple", "colour")


def show(desk: Desk, shown: Shown) -> None:
    """The same picture changed harmlessly and harmfully, its signs, and the reader's settings."""
    st.markdown(
        "A changed picture keeps the label of the picture that it came from. That is only right "
        "while a dermatologist would still give it **the same diagnosis**."
    )
    augmentation = trial.trial(desk)
    wanted = [(change, (value,)) for change, value in (KEEPS | SPOILS).values()]
    with controls.sentences(foot=True):
        images = [found[0] for found in asked.at_values(shown, wanted, augmentation.fill)]
    st.subheader("Still the same lesion", anchor=False)
    _row(list(KEEPS), images[: len(KEEPS)], shown)
    st.subheader("May no longer be what the label says", anchor=False)
    _row(list(SPOILS), images[len(KEEPS) :], shown)
    _signs(shown.code)
    _settings(desk)
    _table()
    controls.how_it_works(
        r"\begin{pmatrix} Y' \\ I' \\ Q' \end{pmatrix} = \begin{pmatrix} 1 & 0 & 0 \\ "
        r"0 & s\cos\varphi & -s\sin\varphi \\ 0 & s\sin\varphi & s\cos\varphi \end{pmatrix} "
        r"\begin{pmatrix} Y \\ I \\ Q \end{pmatrix}",
        "lesionlab.models.augment:_colours",
        words="Red, green and blue are turned into one number for brightness, *Y*, and two for "
        "colour, *I* and *Q*. The angle *φ* turns the colours around the colour circle, the factor "
        "*s* makes them stronger or paler, and brightness stays. How far is safe is a fixed number "
        "for each change: a rule of thumb, not a measurement.",
    )


def _row(names: list[str], images: list[bytes], shown: Shown) -> None:
    tiles = [
        pictures.Tile(image, f"The picture {name}", name)
        for name, image in zip(names, images, strict=True)
    ]
    st.html(pictures.grid_html(tiles, smallest=150, square=shown.square))


def colour_signs(code: str) -> list[tuple[str, bool]]:
    """What a dermoscopist looks for in a class, and whether it is a matter of colour."""
    signs = DIAGNOSES[code].signs if code in DIAGNOSES else ()
    return [(sign, any(word in sign for word in COLOURS)) for sign in signs]


def _signs(code: str) -> None:
    signs = colour_signs(code)
    if not signs:
        return
    st.markdown(f"**{theme.class_name(code)}**: what a dermoscopist looks for")
    items = "".join(
        f"<li>{html.escape(sign)}{' — <strong>needs its colour</strong>' * colour}</li>"
        for sign, colour in signs
    )
    st.html(f'<ul class="ll-signs">{items}</ul>')


def _settings(desk: Desk) -> None:
    found = levels(trial.trial(desk))
    st.subheader("Your settings", anchor=False)
    if not found:
        st.markdown("Nothing may change, so every label is kept.")
    names = {name: change.label for name, change in CHANGES.items()}
    names |= {name: words for name, (words, _) in FLIPS.items()}
    for level in (RISK, CARE, SAFE):
        mine = [names[name].lower() for name in found if found[name] == level]
        if mine:
            st.markdown(f"{badge(level)} {', '.join(mine)}")


def _table() -> None:
    with st.expander("How far is safe? All changes in a table", icon=":material/table_rows:"):
        rows = "".join(
            f"| {change.label} | {change.limit} | {change.words} {change.far} |\n"
            for change in CHANGES.values()
        )
        rows += "".join(f"| {label} | {ALWAYS} | {words} |\n" for label, words in FLIPS.values())
        st.markdown(f"| Change | Keeps the label | Why |\n|---|---|---|\n{rows}")
        st.caption(
            "Rules of thumb of ours, from what dermoscopists look at. To know, train once with a "
            "change and once without, and compare the two on the test part."
        )
