"""What a split by picture would give away, shown with the pictures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from lesionlab.app import controls, leak_charts, pictures, theme
from lesionlab.app.data import dealt
from lesionlab.app.data.examples import tile
from lesionlab.errors import DataError

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset
    from lesionlab.data.leaks import LeakReport
    from lesionlab.data.split import Split, SplitPlan

ASKED = {"test": "test", "validation": "validation"}


def show(found: Dataset, labelled: Dataset, plan: SplitPlan, split: Split) -> None:
    """How many lesions would be on both sides, with some of their pictures side by side.

    Args:
        found: The whole set, with its pictures.
        labelled: What is dealt out of it (see caches.labelled).
        split: The one that is chosen.
    """
    st.subheader("What a split by picture gives away", anchor=False)
    by_image = plan.model_copy(update={"group_by": "image", "given": False})
    try:
        report = dealt.leaks_soon(labelled, by_image)
    except DataError:
        st.caption("A class has too few pictures to be dealt out picture by picture.")
        return
    if report is None:
        _wait(labelled, by_image)
        return
    asked = ASKED[report.asked]
    things = f"{report.thing}s" if report.num_both != 1 else report.thing
    st.markdown(_words(report, asked))
    if not report.num_shared:
        return
    columns = st.columns(2 if report.num_patients is None else 3)
    columns[0].metric(f"{things.capitalize()} on both sides", f"{report.num_both:,}")
    columns[1].metric(
        f"Of the {asked} pictures, with a sister in training", f"{100 * report.share:.0f} %"
    )
    if report.num_patients is not None:
        columns[2].metric("Patients on both sides", f"{report.num_patients:,}")
    _chart(labelled, report, split, asked)
    _show_pairs(found, labelled, report, asked)


def _wait(labelled: Dataset, by_image: SplitPlan) -> None:
    """Say that it is worked out, and show it as soon as it is there."""

    @st.fragment(run_every=0.5)
    def wait() -> None:
        if dealt.leaks_ready(labelled, by_image):
            st.rerun()
        st.caption(f"{len(labelled):,} pictures are being dealt out one by one …")

    wait()


def _words(report: LeakReport, asked: str) -> str:
    words = (
        f"Many data sets have several pictures of one lesion. If one of them is learned and "
        f"another is in the {asked} part, the network only has to recognise what it has seen. This "
        "is what would happen with the same shares and the same seed, but **each picture dealt "
        "out for itself**."
    )
    if report.thing == "repeated picture":
        words += (
            " This set does not say which lesion a picture shows, so only files that are there "
            "twice can be counted. There may be more."
        )
    if not report.num_shared:
        only = "a picture of its own" if report.thing == "lesion" else "different"
        each = "Each lesion has" if report.thing == "lesion" else "All files are"
        words += f" **Nothing here: {each} {only}.**"
    return words


def _chart(labelled: Dataset, report: LeakReport, split: Split, asked: str) -> None:
    sisters, number = dealt.sisters_of(labelled, split, report.asked)
    splits = {
        "By picture": (report.num_sisters, report.num_asked),
        "As chosen above": (sisters, number),
    }
    controls.figure(
        leak_charts.sisters_by_split(splits, asked),
        alt="; ".join(
            f"{name}: {seen:,} of {total:,} {asked} pictures have a sister in training"
            for name, (seen, total) in splits.items()
        ),
        caption=f"A sister is another picture of the same {report.thing}"
        + (", or the same file under another name." if report.thing == "lesion" else "."),
    )


def _show_pairs(found: Dataset, labelled: Dataset, report: LeakReport, asked: str) -> None:
    if not len(report.pairs):
        st.markdown(f"With this seed no {report.thing} would be on both sides.")
        return
    st.markdown(
        f"**{len(report.pairs)} of the {report.num_both:,}:** learned on the left, asked for on "
        "the right."
        if len(report.pairs) < report.num_both
        else "Learned on the left, asked for on the right:"
    )
    rows = labelled.table["row"].to_numpy()[report.pairs]
    columns = st.columns(3, gap="medium")
    for place, (first, second) in enumerate(rows.tolist()):
        pair = [
            replace(tile(found, row, words), colour=theme.PART_COLOURS[part])
            for row, words, part in (
                (first, "in training", "train"),
                (second, f"in the {asked}", report.asked),
            )
        ]
        with columns[place % 3]:
            st.html(pictures.grid_html(pair, smallest=150))
