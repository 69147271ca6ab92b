"""Lesson 1: the pictures, their classes, and the three parts.

A network learns from examples, so it can be no better than they are. Here one looks at them first:
how many there are of each class, what a dermoscopist would look for, and how they are dealt into a
part to learn from, a part to steer by, and a part for the final mark.
"""

import streamlit as st

from lesionlab.app import caches, controls, explorer, splitting, theme
from lesionlab.app.jobs_shown import show_data_jobs
from lesionlab.app.shell import close_page, open_page

desk = open_page(__file__)

left, right = st.columns([3, 2], vertical_alignment="bottom")
with left:
    found = controls.choose_dataset(desk)
with right, st.popover("Bring in pictures", icon=":material/add_photo_alternate:"):
    explorer.bring_in(desk)
show_data_jobs(desk)
controls.drawn_note(found.drawn)
explorer.source_words(found)

st.subheader("How many of each", anchor=False)
rows = caches.class_rows(found)
counts = {code: len(numbers) for code, numbers in rows.items()}
most, least = max(counts, key=lambda c: counts[c]), min(counts, key=lambda c: counts[c])
ratio = counts[most] / counts[least]
controls.figure(
    caches.counts_figure(found),
    alt="Bars: " + ", ".join(f"{theme.class_name(c)} {n:,}" for c, n in counts.items()),
    caption=f"{most.upper()} has {ratio:,.{0 if ratio >= 10 else 1}f} times as many pictures as "
    f"{least.upper()}. A network that sees little of a class learns little about it."
    if counts[most] > counts[least]
    else f"Every class has {counts[most]:,} pictures. In a clinic, moles far outnumber the others.",
)

st.subheader("Look at them", anchor=False)
shown = explorer.show_gallery(desk, found)
explorer.show_facts(found, shown)

st.subheader("Deal them into three parts", anchor=False)
st.markdown(
    "The network learns from the **training** part. The **validation** part shows meanwhile "
    "whether it still gets better. The **test** part is kept away for an honest mark at the end."
)
plan = splitting.choose_split(desk)
with controls.sentences(foot=True):
    data = desk.draft.data
    labelled = caches.labelled(desk.dataset, data.class_set, data.per_class, desk.draft.seed)
    split = caches.split_of(labelled, plan)
table = caches.parts_of(labelled, split)
controls.figure(
    caches.parts_figure(labelled, split),
    alt="Stacked bars of the parts of each class: "
    + "; ".join(
        f"{theme.class_name(str(code))} {row.train} training, {row.validation} validation, "
        f"{row.test} test"
        for code, row in table.iterrows()
    ),
    caption=f"{len(labelled):,} pictures: "
    + ", ".join(f"{table[part].sum():,} {name.lower()}" for part, name in theme.PART_NAMES.items())
    + ". Numbers in the bars are pictures.",
)
splitting.say_grouping(labelled, split)

controls.how_it_works(
    r"\text{deal group } g \text{ to } \arg\min_{p}\ \sum_{c \in g} n_{g,c}"
    r"\frac{\text{have}_{p,c} + n_{g,c}/2}{\text{wanted}_{p,c}}",
    "lesionlab.data.split:split_dataset",
    "lesionlab.data.split:_deal",
    words="Whole groups are dealt out like cards, large ones first, each to the part that is "
    "still emptiest in the group's classes. The same seed always deals in the same way.",
)
close_page(__file__, desk)
