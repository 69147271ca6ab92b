"""The section that opens first: the picture as it is, beside what training would make of it."""

from __future__ import annotations

import streamlit as st

from lesionlab.app import controls, pictures
from lesionlab.app.augmentation import asked, trial
from lesionlab.app.augmentation.asked import Shown
from lesionlab.app.desk import Desk
from lesionlab.experiment import Augmentation

SEED = "augmentation-seed"
LARGEST_SEED = 2**31 - 1
FEWEST, MOST, FIRST = 4, 24, 12


def seed_in_use() -> int:
    """The seed of all random samples on this page."""
    return int(st.session_state.setdefault(SEED, 0))


def show(desk: Desk, shown: Shown) -> None:
    """Presets, controls with their meaning for the label, and the samples."""
    trial.choose_preset(desk)
    # On a phone the samples come first, where a set above them was just chosen, and stay in sight
    # while the sliders below are moved; the style sheet knows the keys.
    with st.container(key="augment-bench"):
        left, right = st.columns([3, 2], gap="large")
        with left:
            tiles = st.container(key="augment-tiles")
            below = st.container(key="augment-below")
        with right:
            trial.choose_changes(desk)
        with tiles:
            count, most = _samples(desk, shown)
        with below:
            _dice(desk, shown, count, most)
    trial.use_in_experiment(desk)
    controls.how_it_works(
        r"\text{out}(x, y) = \text{in}\!\left(A^{-1} (x, y)^\top\right) \qquad "
        r"A = \text{turn} \cdot \text{zoom} \cdot \text{slant} \cdot \text{flip} + \text{shift}",
        "lesionlab.models.augment:draw_parameters",
        "lesionlab.models.augment:Augment",
        words="All changes of shape are joined into one transformation, so that the picture is "
        "sampled only once and stays sharp. Colours follow, then the cut-out square.",
    )


def _samples(desk: Desk, shown: Shown) -> tuple[int, int]:
    """Show them; gives how many there are, and how many there may be."""
    augmentation = trial.trial(desk)
    most = asked.most_samples(shown.preprocessing.size, MOST)
    count = min(int(st.session_state.get("augment-count", FIRST)), most)
    with controls.sentences():
        images = asked.samples(shown, augmentation, count, seed_in_use())
    tiles = [pictures.Tile(shown.plain, "The picture as it is", "the picture as it is")]
    tiles += [
        pictures.Tile(image, f"Changed at random, number {number}", f"sample {number}")
        for number, image in enumerate(images, start=1)
    ]
    st.html(pictures.grid_html(tiles, smallest=104, square=shown.square, lead=True))
    return count, most


def _dice(desk: Desk, shown: Shown, count: int, most: int) -> None:
    """Seed and number of the samples."""
    augmentation = trial.trial(desk)
    size = shown.preprocessing.size
    if augmentation == Augmentation(fill=augmentation.fill):
        st.info("Nothing may change, so all samples are alike. Move a slider, or begin with a set.")
    roll, seed, number = st.columns([2, 2, 3], vertical_alignment="bottom")
    with roll:
        if st.button("Roll again", icon=":material/casino:", key="roll", width="stretch"):
            st.session_state[SEED] = (seed_in_use() + 1) % LARGEST_SEED
            st.rerun()
    with seed:
        st.number_input(
            "Seed",
            min_value=0,
            max_value=LARGEST_SEED,
            key=controls.bind("augment-seed", seed_in_use()),
            on_change=lambda: st.session_state.update({SEED: st.session_state["augment-seed"]}),
            help="The number that the dice start from. The same seed gives the same pictures.",
        )
    with number:
        st.slider(
            "Samples",
            FEWEST,
            most,
            key=controls.bind("augment-count", count),
            persist_state="session",
        )
    st.caption(
        f"Made by the very layers that training uses, at {size[0]}×{size[1]} pixels, as your "
        "experiment prepares its pictures. The validation and test parts are never changed."
    )
