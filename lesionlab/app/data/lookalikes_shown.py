"""Pairs of pictures that look alike, those that would give a test away first."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import streamlit as st

from lesionlab.app import controls, pictures
from lesionlab.app.data import searching
from lesionlab.app.data.examples import tile

if TYPE_CHECKING:
    import pandas as pd

    from lesionlab.data.dataset import Dataset
    from lesionlab.data.lookalikes import Lookalikes
    from lesionlab.data.measures import Measured

PAGE = 6
ALL = "All"
DIAGNOSES = "Different classes"
LESIONS = "Different lesions"
UNKNOWN = "Lesion not known"
SAME = "Same lesion"


def show(found: Dataset, measures: Measured) -> None:
    """How many pairs there are, which of them worry, and the pictures side by side."""
    from lesionlab.data.lookalikes import MOST_BITS, NUM_BITS, USUAL_BITS

    alike = searching.lookalikes(measures)
    st.markdown(
        "Two pictures of one lesion must not be dealt into two parts, or the test asks what the "
        "network has seen. The split knows lesions by their ids. It does not know a picture that "
        "is there twice under two ids; this finds many of them."
    )
    if alike is None:
        _wait(measures)
        return
    if alike.complete_to < 0:
        st.info(f"{alike.num_compared:,} pictures are too many to compare each with each.")
        return
    most = st.slider(
        f"How different a pair may be, in bits of {NUM_BITS}",
        0,
        MOST_BITS // 4 * 4,
        value=USUAL_BITS,
        step=4,
        key="alike-bits",
        persist_state="session",
        help="0: the two fingerprints are the same. Beyond 40, most pairs of HAM10000 are just two "
        "dark spots.",
    )
    pairs = ranked(alike, found, most)
    kinds = pair_kinds(pairs)
    st.markdown(_words(pairs, kinds, found, alike, most))
    controls.how_it_works(
        r"d(a, b) = \sum_{k=1}^{256} [\,h_k(a) \neq h_k(b)\,]",
        "lesionlab.images.measures:perceptual_hash",
        "lesionlab.data.lookalikes:find_lookalikes",
        words="Each picture becomes 64×64 grey pixels, and a cosine transform of them. The 16×16 "
        "slowest waves are kept, each as one bit: is it stronger than the median? Two pictures are "
        "alike when few bits differ. Light, size and compression hardly change the bits; a turned, "
        "mirrored or differently cut picture is not found.",
    )
    if not len(pairs):
        return
    there = [ALL, *(kind for kind in (DIAGNOSES, LESIONS, UNKNOWN, SAME) if kinds[kind])]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    key = f"alike-kind-{found.name}"
    if st.session_state.get(key, ALL) not in there:
        st.session_state[key] = ALL
    with left:
        kind = st.pills(
            "Which pairs",
            there,
            default=ALL,
            required=True,
            format_func=lambda name: f"{name} ({kinds[name]:,})",
            key=key,
            persist_state="session",
        )
    chosen = pairs if kind in (None, ALL) else pairs[pairs["kind"] == kind]
    pages = -(-len(chosen) // PAGE)
    with right:
        page = int(
            st.number_input(
                f"Page, 1 to {pages:,}",
                1,
                pages,
                key=f"alike-page-{found.name}-{kind}-{most}",
                persist_state="session",
            )
        )
    _show_pairs(found, chosen.iloc[(page - 1) * PAGE : page * PAGE])


def _wait(measures: Measured) -> None:
    """Say that the search goes on, and show its pairs as soon as they are found."""

    @st.fragment(run_every=1.0)
    def wait() -> None:
        if searching.ready(measures):
            st.rerun()
        st.info(
            f"{int(measures.known.sum()):,} pictures are being compared, each with each. The pairs "
            "appear here by themselves; meanwhile you can go on.",
            icon=":material/hourglass_top:",
        )

    wait()


def _words(
    pairs: pd.DataFrame, kinds: dict[str, int], found: Dataset, alike: Lookalikes, most: int
) -> str:
    words = f"**{len(pairs):,} pairs** among {alike.num_compared:,} pictures look alike."
    if not len(pairs):
        words = f"No two of {alike.num_compared:,} pictures look alike."
    if kinds[DIAGNOSES]:
        words += (
            f" **{kinds[DIAGNOSES]:,}** of them have different classes: if it is one lesion, at "
            "least one label is wrong."
        )
    if kinds[LESIONS]:
        words += (
            f" **{kinds[LESIONS]:,}** have different lesion ids: look whether it is one lesion, "
            "since the split would not keep them together."
        )
    if kinds[UNKNOWN]:
        words += f" Of **{kinds[UNKNOWN]:,}** nobody knows whether it is one lesion."
    if kinds[SAME]:
        words += f" {kinds[SAME]:,} are of one lesion; the split keeps those together."
    if most > alike.complete_to:
        words += (
            f" In so large a set all pairs of up to {alike.complete_to} bits are found, and "
            "some of the others are not."
        )
    return words


def _show_pairs(found: Dataset, pairs: pd.DataFrame) -> None:
    for number in range(len(pairs)):
        if number % 2 == 0:
            # A row of its own for each two, or a narrow screen would show every second one first.
            columns = st.columns(2, gap="medium")
        pair = pairs.iloc[number]
        with columns[number % 2], st.container(border=True):
            st.markdown(f"**{pair['kind']}** · {pair['bits']} bits apart")
            rows = (int(pair["first"]), int(pair["second"]))
            st.html(pictures.grid_html([tile(found, row) for row in rows], smallest=400))
            if pair["lesions"] != "unknown":
                ids = [str(found.table["lesion_id"].iat[row]) for row in rows]
                words = f"Lesions {ids[0]} and {ids[1]}" if ids[0] != ids[1] else f"Lesion {ids[0]}"
                st.caption(words)


# Keyed by what was found and by the opened data set itself, like app.caches.
@lru_cache(maxsize=64)
def ranked(alike: Lookalikes, found: Dataset, most: int) -> pd.DataFrame:
    """The pairs of at most so many bits, those that worry most first, with their `kind`."""
    import numpy as np

    from lesionlab.data.lookalikes import rank_pairs

    pairs = rank_pairs(alike, found.table, most)
    lesions = pairs["lesions"].map({"different": LESIONS, "unknown": UNKNOWN, "same": SAME})
    return pairs.assign(kind=np.where(pairs["diagnoses"] == "different", DIAGNOSES, lesions))


def pair_kinds(pairs: pd.DataFrame) -> dict[str, int]:
    """How many pairs are of each kind."""
    counts = pairs["kind"].value_counts()
    kinds = (DIAGNOSES, LESIONS, UNKNOWN, SAME)
    return {ALL: len(pairs), **{kind: int(counts.get(kind, 0)) for kind in kinds}}
