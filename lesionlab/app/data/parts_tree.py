"""The parts as folders: a tree in text to copy, and the list of all pictures to download."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import streamlit as st

from lesionlab.app.data import dealt

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset
    from lesionlab.data.split import Split, SplitPlan
    from lesionlab.experiment import DataChoice


def show(
    found: Dataset, labelled: Dataset, choice: DataChoice, plan: SplitPlan, split: Split
) -> None:
    """The tree of folders and the download of split.csv."""
    from lesionlab.data.tree_text import tree_text

    st.subheader("As folders", anchor=False)
    st.markdown(
        "Many programs want a folder for each part and in it a folder for each class. This is how "
        "many pictures each would hold; `split.csv` says for every picture where it goes."
    )
    st.code(tree_text(found.name, dealt.parts_of(labelled, split)), language=None)

    def write() -> bytes:
        # Ids as text are needed only here, so they are taken from the whole table once more.
        from lesionlab.data.dataset import for_classes
        from lesionlab.data.split import split_csv

        whole = for_classes(found, choice.class_set, choice.per_class, plan.seed)
        return split_csv(whole, split).encode()

    # Another split is another file: Streamlit tells large downloads apart by their names.
    mark = hashlib.sha256(f"{choice!r}{plan!r}".encode()).hexdigest()[:6]
    st.download_button(
        "Download split.csv",
        write,
        file_name=f"split-{found.name}-{mark}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
        key="split-download",
    )
