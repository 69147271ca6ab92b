"""The part of the Evaluation page that asks for whom a model is how good."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lesionlab.app import controls, for_whom
from lesionlab.app.model_words import literal


@st.fragment
def show(report: dict[str, Any]) -> None:
    """Scores of women and men, the young and the old, each site, and places it did not know.

    Args:
        report: evaluation.json with some rows for `for_whom.rows_of`.
    """
    rows = for_whom.rows_of(report)
    left, right = st.columns(2)
    kinds = for_whom.kinds(rows)
    by = str(
        left.segmented_control(
            "By",
            kinds,
            required=True,
            format_func=lambda name: for_whom.BY[name],
            key=controls.bind_once("for-whom-by", kinds[0], kinds),
            persist_state="session",
        )
    )
    score = str(
        right.pills(
            "Score",
            list(for_whom.SCORES),
            required=True,
            format_func=lambda name: for_whom.SCORES[name],
            key=controls.bind_once("for-whom-score", "balanced_accuracy", "once"),
            persist_state="session",
        )
    )
    left_out = for_whom.unscored(rows, by, score)
    compared = for_whom.overall(report, by, score)
    if for_whom.scored(rows, by, score):
        words = for_whom.in_words(rows, by, score)
        counted = for_whom.how_counted(rows, by, score, compared)
        controls.figure(
            for_whom.figure(rows, by, score, compared),
            alt=f"{for_whom.SCORES[score]} by {for_whom.BY[by].lower()}, a point a group. {words}",
            caption=f"{literal(words)} {counted} {literal(left_out)}",
            key="for-whom",
        )
    else:
        st.markdown(literal(left_out))
