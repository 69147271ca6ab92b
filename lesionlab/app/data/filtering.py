"""The controls by which one finds pictures of a data set; only those of which the set knows."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import streamlit as st

from lesionlab.app import caches, controls, theme
from lesionlab.app.data import finding
from lesionlab.app.data.finding import NOT_KNOWN, UNUSED, Coded, Filters
from lesionlab.app.desk import Desk

if TYPE_CHECKING:
    import numpy as np

    from lesionlab.data.dataset import Dataset

CLASSES = "gallery-class"
# Keys of all other filters begin like this; what follows tells two sets' choices apart.
KEY = "find:"
PARTS, TEXT, AGE = f"{KEY}part", f"{KEY}text", f"{KEY}age"
CHOICES = {
    "sex": "Sex",
    "site": "Place on the body",
    "source": "Source",
    "confirmed_by": "Confirmed by",
    "given_part": "Part, as its publisher dealt it",
    "licence": "Licence",
    "skin_tone": "Skin tone, I to VI",
}
PART_NAMES = {**theme.PART_NAMES, UNUSED: "In none of them"}


def choose_rows(desk: Desk, found: Dataset) -> tuple[np.ndarray, Filters]:
    """Show the filters and how many pictures they find.

    Returns:
        Row numbers of the pictures found, int `(k,)`, and what was looked for.
    """
    filters = _choose(found)
    with controls.sentences(foot=True):
        labelled, split = (None, None)
        if filters.parts:
            # Dealt only when somebody asks for it: a large set takes its time.
            draft = desk.draft
            data = draft.data
            labelled = caches.labelled(found, data.class_set, data.per_class, draft.split.seed)
            split = caches.split_of(labelled, draft.split)
        rows = finding.matching(found, filters, labelled, split)
    with st.container(horizontal=True, vertical_alignment="center"):
        narrow = filters != Filters()
        words = f"**{len(rows):,}** of {len(found):,} pictures" if narrow else (
            f"**{len(found):,}** pictures"
        )  # fmt: skip
        st.markdown(words, width="content")
        if narrow:
            st.button(
                "Clear the filters",
                key="find-clear",
                icon=":material/close:",
                type="tertiary",
                on_click=find_text,
                args=("",),
            )
    return rows, filters


def _choose(found: Dataset) -> Filters:
    counts = finding.class_counts(found)
    classes = st.pills(
        "Classes",
        list(counts),
        selection_mode="multi",
        key=CLASSES,
        wrap=True,
        format_func=theme.short_name,
        help="None chosen means all. " + "; ".join(theme.class_name(code) for code in counts),
        persist_state="session",
    )
    chosen = {"diagnosis": tuple(classes)}
    ages = None
    with st.expander("More filters", icon=":material/tune:", key="find-more"):
        st.text_input(
            "Words in the ids of picture, lesion or patient",
            key=TEXT,
            max_chars=400,
            placeholder="such as 0024306",
            help="Several words, with spaces between, find what has any of them.",
            icon=":material/search:",
            persist_state="session",
        )
        columns = st.columns(2, gap="medium")
        known = {
            column: coded
            for column in CHOICES
            if column in found.table and (coded := finding.coded(found, column)) is not None
        }
        useful = {c: k for c, k in known.items() if len(k.values) + bool(k.num_missing) > 1}
        place = 0
        for column, coded in useful.items():
            if coded.values:
                with columns[place % 2]:
                    chosen[column] = _choose_values(column, coded)
                place += 1
        if (span := finding.known_ages(found)) is not None:
            with columns[place % 2]:
                ages = _choose_ages(span)
            place += 1
        with columns[place % 2]:
            parts = st.multiselect(
                "Part of the split",
                list(PART_NAMES),
                key=PARTS,
                format_func=lambda part: PART_NAMES[part],
                placeholder="All",
                help="As the section Split deals them out.",
                persist_state="session",
            )
    picked = tuple((column, tuple(values)) for column, values in chosen.items() if values)
    text = " ".join(str(st.session_state.get(TEXT) or "").split())
    return Filters(picked, ages, tuple(parts), text)


def _choose_values(column: str, coded: Coded) -> tuple[str, ...]:
    counts = dict(zip(coded.values, coded.counts.tolist(), strict=True))
    if coded.num_missing:
        counts[NOT_KNOWN] = coded.num_missing
    # Other values, another key: a choice of one set must not haunt the next one.
    key = f"{KEY}{column}:{zlib.crc32(repr(list(counts)).encode()):08x}"
    return tuple(
        st.multiselect(
            CHOICES[column],
            list(counts),
            key=key,
            format_func=lambda value: f"{value or 'not known'} ({counts[value]:,})",
            placeholder="All",
            persist_state="session",
        )
    )


def _choose_ages(span: tuple[int, int]) -> tuple[float, float] | None:
    key = f"{AGE}:{span[0]}:{span[1]}"
    low, high = st.slider(
        "Age in years",
        *span,
        value=span,
        key=key,
        help="As long as both ends stand outside, pictures of unknown age are found too.",
        persist_state="session",
    )
    return None if (low, high) == span else (low, high)


def find_text(text: str) -> None:
    """Look for this text and for nothing else; for callbacks."""
    for key in [str(key) for key in st.session_state]:
        if key.startswith(AGE):
            low, high = key.split(":")[2:]
            st.session_state[key] = (int(low), int(high))
        elif key == CLASSES or key.startswith(KEY):
            st.session_state[key] = []
    st.session_state[TEXT] = text
