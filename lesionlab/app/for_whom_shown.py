"""The part of the Evaluation page that asks for whom a model is how good."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lesionlab.app import controls, for_whom


@st.fragment
def show(report: dict[str, Any]) -> None:
    """Scores of women and men, the young and the old, each site and each place of taking.

    Args:
        report: evaluation.json with `subgroups`.
    """
    rows = report["subgroups"]
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
    if for_whom.scored(rows, by, score):
        words = for_whom.in_words(rows, by, score)
        mel = (report.get("thresholds") or {}).get("mel") or {}
        overall = mel.get("sensitivity") if score == "melanoma_sensitivity" else report[score]
        controls.figure(
            for_whom.figure(rows, by, score, overall),
            alt=f"{for_whom.SCORES[score]} by {for_whom.BY[by].lower()}, a point a group. {words}",
            caption=f"{words} Where the lines of two groups overlap, chance alone may have made "
            "the difference. A group with few classes cannot be compared fairly with others. "
            f"{left_out}",
            key="for-whom",
        )
    else:
        st.markdown(left_out)
