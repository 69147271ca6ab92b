"""The controls of the split on the data explorer, and what it keeps together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lesionlab.app import caches, controls, theme
from lesionlab.app.controls import unless_stale
from lesionlab.app.data import dealt, leak_report, parts_tree
from lesionlab.app.desk import Desk
from lesionlab.data.split import SplitPlan
from lesionlab.diagnoses import CLASS_SETS

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset
    from lesionlab.data.split import Split

CLASS_SET_NAMES = {
    "isic8": "Eight classes",
    "ham7": "Seven classes (HAM10000)",
    "binary": "Two: benign, or cancer and precursors",
    "isic9": "Eight classes and “none of these”",
}
GROUPINGS = {
    "auto": "Patient, else lesion, else picture",
    "patient": "Patient",
    "lesion": "Lesion",
    "image": "Picture (gives the test away)",
}


def show(desk: Desk, found: Dataset) -> None:
    """The section of the page."""
    st.subheader("Deal them into three parts", anchor=False)
    st.markdown(
        "The network learns from the **training** part. The **validation** part shows meanwhile "
        "whether it still gets better. The **test** part is kept away for an honest mark at the "
        "end."
    )
    plan = choose_split(desk, found)
    with controls.sentences(foot=True):
        data = desk.draft.data
        # The seed of the dealing also draws who stays under a cap, as a training does.
        labelled = caches.labelled(found, data.class_set, data.per_class, plan.seed)
        split = caches.split_of(labelled, plan)
    table = dealt.parts_of(labelled, split)
    controls.figure(
        dealt.parts_figure(labelled, split),
        alt="Stacked bars of the parts of each class: "
        + "; ".join(
            f"{theme.class_name(str(code))} {row.train} training, {row.validation} validation, "
            f"{row.test} test"
            for code, row in table.iterrows()
        ),
        caption=f"{len(labelled):,} pictures: "
        + ", ".join(
            f"{table[part].sum():,} {name.lower()}" for part, name in theme.PART_NAMES.items()
        )
        + ". Numbers in the bars are pictures.",
    )
    say_grouping(labelled, split)
    parts_tree.show(found, labelled, data, plan, split)
    leak_report.show(found, labelled, plan, split)
    controls.how_it_works(
        r"\text{deal group } g \text{ to } \arg\min_{p}\ \sum_{c \in g} n_{g,c}"
        r"\frac{\text{have}_{p,c} + n_{g,c}/2}{\text{wanted}_{p,c}}",
        "lesionlab.data.split:split_dataset",
        "lesionlab.data.dealing:deal",
        words="Whole groups are dealt out like cards, large ones first, each to the part that is "
        "still emptiest in the group's classes. The same seed always deals in the same way.",
    )


def choose_split(desk: Desk, found: Dataset) -> SplitPlan:
    """The controls of the split; what is chosen goes into the draft."""
    parts = dealt.given_parts(found)
    draft = desk.draft
    plan = draft.split

    def save_plan(**changes: object) -> None:
        desk.renew()
        new = SplitPlan.model_validate(desk.draft.split.model_dump() | changes)
        desk.save(draft=desk.draft.model_copy(update={"split": new}))

    def save_cuts() -> None:
        first, second = st.session_state["split-cuts"]
        # Training and validation get at least 5 %; only the test part may be empty.
        first = max(5, min(first, 95))
        second = max(first + 5, second)
        train, validation = first / 100, (second - first) / 100
        save_plan(
            train=train, validation=validation, test=max(0.0, round(1 - train - validation, 10))
        )

    def save_data(**changes: object) -> None:
        desk.renew()
        data = desk.draft.data.model_copy(update=changes)
        desk.save(draft=desk.draft.model_copy(update={"data": data}))

    # Shown too where the set has none and the draft still asks for them: or it could not be undone.
    if parts or plan.given:
        st.toggle(
            "Take the parts as the data set gives them",
            key=controls.bind("split-given", plan.given),
            on_change=unless_stale(
                "split-given", lambda: save_plan(given=bool(st.session_state["split-given"]))
            ),
            help="Its publisher has dealt the pictures out. Take these parts to compare a result "
            "with others. A validation part that is missing is set aside from training.",
        )
    cuts = (round(plan.train * 100), round((plan.train + plan.validation) * 100))
    left, right = st.columns(2, gap="medium")
    with left:
        st.slider(
            "Where to cut, in per cent",
            0,
            100,
            step=5,
            key=controls.bind("split-cuts", cuts),
            on_change=unless_stale("split-cuts", save_cuts),
            help="Up to the first handle: training. Between both: validation. Beyond: test.",
            disabled=plan.given and "validation" in parts,
        )
        if not plan.given:
            st.html(_parts_bar(plan))
    with right:
        st.selectbox(
            "Keep together",
            list(GROUPINGS),
            key=controls.bind("split-group", plan.group_by),
            on_change=unless_stale(
                "split-group", lambda: save_plan(group_by=st.session_state["split-group"])
            ),
            format_func=lambda name: GROUPINGS[name],
        )
    first, second, third = st.columns(3)
    with first:
        st.selectbox(
            "Classes",
            list(CLASS_SETS),
            key=controls.bind("class-set", draft.data.class_set),
            on_change=unless_stale(
                "class-set", lambda: save_data(class_set=st.session_state["class-set"])
            ),
            format_func=lambda name: CLASS_SET_NAMES[name],
        )
    with second:
        st.number_input(
            "At most this many of a class",
            min_value=2,
            value=None,  # or it could not be emptied again
            key=controls.bind("per-class", draft.data.per_class),
            on_change=unless_stale(
                "per-class", lambda: save_data(per_class=st.session_state["per-class"])
            ),
            placeholder="all",
        )
    with third:
        st.number_input(
            "Seed of the dealing",
            0,
            max(10_000, plan.seed),
            key=controls.bind("split-seed", plan.seed),
            on_change=unless_stale(
                "split-seed", lambda: save_plan(seed=int(st.session_state["split-seed"]))
            ),
            help="Another seed deals in another way. The same seed always deals alike.",
        )
    return plan


def _parts_bar(plan: SplitPlan) -> str:
    shares = {"train": plan.train, "validation": plan.validation, "test": plan.test}
    keys = "".join(
        f'<span><i style="background:{theme.PART_COLOURS[part]}"></i>'
        f"{theme.PART_NAMES[part]} {share:.0%}</span>"
        for part, share in shares.items()
    )
    return f'<div class="ll-keys">{keys}</div>'


def say_grouping(found: Dataset, split: Split) -> None:
    """Say how pictures were grouped, and that no group is in two parts, or how many are."""
    lost = dealt.lesions_in_two_parts(found, split)
    if split.in_two:
        st.warning(
            f"{split.sentence} **What is in two parts was learned before it is asked for**, so the "
            "mark will look better than it is.",
            icon=":material/warning:",
        )
    elif lost:
        st.warning(
            f"{split.sentence} **{lost:,} lesions have pictures in two parts**, so the network is "
            "tested on lesions that it has seen. Its mark will look better than it is.",
            icon=":material/warning:",
        )
    else:
        st.success(split.sentence, icon=":material/verified:")
