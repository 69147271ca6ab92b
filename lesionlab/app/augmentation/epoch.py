"""One picture again and again: does the network ever see the same picture twice?"""

from __future__ import annotations

import streamlit as st

from lesionlab.app import controls, pictures
from lesionlab.app.augmentation import asked, trial
from lesionlab.app.augmentation.asked import Shown
from lesionlab.app.augmentation.changes import in_words
from lesionlab.app.augmentation.repeated import Repeated
from lesionlab.app.augmentation.samples import seed_in_use
from lesionlab.app.desk import Desk

FEWEST, MOST, FIRST = 8, 64, 32


def show(desk: Desk, shown: Shown) -> None:
    """All repeats, how many are equal, and how far apart the others are."""
    augmentation = trial.trial(desk)
    st.markdown(
        "As if an epoch held this one picture many times. Each time the dice are thrown anew. "
        f"What may change: **{in_words(augmentation)}**."
    )
    most = asked.most_samples(shown.preprocessing.size, MOST)
    count = min(int(st.session_state.get("epoch-count", FIRST)), most)
    st.slider(
        "How often",
        FEWEST,
        most,
        key=controls.bind("epoch-count", count),
        persist_state="session",
    )
    with controls.sentences(foot=True):
        found = asked.repeated(shown, augmentation, count, seed_in_use())
    first, second, third = st.columns(3)
    first.metric("Different pictures", f"{found.num_different} of {count}")
    second.metric("Equal pairs", f"{found.equal_pairs:,} of {found.pairs:,}")
    third.metric("Equal to the original", f"{found.num_as_original} of {count}")
    st.markdown(verdict(found))
    _pairs(found, shown)
    tiles = [
        pictures.Tile(tile, f"Repeat {number}") for number, tile in enumerate(found.tiles, start=1)
    ]
    st.html(pictures.grid_html(tiles, smallest=72, square=shown.square))
    controls.how_it_works(
        r"\text{pairs} = \frac{n\,(n-1)}{2} \qquad "
        r"d(a, b) = \sqrt{\tfrac{1}{N}\textstyle\sum_i (a_i - b_i)^2}",
        "lesionlab.app.augmentation.repeated:compare",
        words="Each picture is compared with each other one, pixel by pixel. Training draws its "
        "numbers from the seed of the experiment and the number of the epoch, a row for each "
        "picture, so each epoch is another one, and yet the whole training can be repeated.",
    )


def verdict(found: Repeated) -> str:
    """What the counts say, in a sentence."""
    if found.closest is None:
        return (
            "All are the same picture. A network that sees the same pixels in every epoch can "
            "learn them by heart."
        )
    if found.equal_pairs == 0:
        return (
            "**No two are the same.** The network cannot learn this picture by heart: it never "
            "meets the same pixels again."
        )
    return (
        f"Only **{found.num_different}** different pictures come up, again and again. Flips alone "
        "give four at most. A small turn or shift makes them countless."
    )


def _pairs(found: Repeated, shown: Shown) -> None:
    if found.closest is None:
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        from lesionlab.app.augmentation.charts import distance_bars

        controls.figure(
            distance_bars(found.distances),
            alt=f"How far apart the {found.pairs:,} pairs are, in grey levels: from "
            f"{found.distances.min():.1f} to {found.distances.max():.1f}, half of them up to "
            f"{_median(found):.1f}.",
            caption="A grey level is one step of the 256 between black and full colour.",
        )
    with right:
        st.markdown("**The two that are nearest**")
        tiles = [
            pictures.Tile(found.tiles[k], f"Repeat {k + 1}", f"repeat {k + 1}")
            for k in found.closest
        ]
        st.html(pictures.grid_html(tiles, smallest=120, square=shown.square))
        st.caption(f"{found.closest_distance:.1f} grey levels apart on average.")


def _median(found: Repeated) -> float:
    return float(sorted(found.distances)[len(found.distances) // 2])
