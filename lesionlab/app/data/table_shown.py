"""Where a data set comes from, and its table."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import streamlit as st

from lesionlab.app.desk import Desk

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset


def show(desk: Desk, found: Dataset) -> None:
    """The section of the page."""
    source_words(found)


def source_words(found: Dataset) -> None:
    """Size, licence and citation of a data set, and what its import left out."""
    lesions = found.table["lesion_id"].nunique()
    patients = found.table["patient_id"].nunique()
    facts = {
        "Pictures": f"{len(found):,}",
        "Lesions": f"{lesions:,}" if lesions else "not known",
        "Patients": f"{patients:,}" if patients else "not known",
        "Licence": found.licence or "not known: ask who made the pictures",
        "Please cite": found.citation or "not known",
    }
    rows = "".join(f"<dt>{k}</dt><dd>{html.escape(v)}</dd>" for k, v in facts.items())
    st.html(f'<dl class="ll-facts">{rows}</dl>')
    if found.left_out:
        with st.expander(f"What the import left out ({len(found.left_out)})"):
            st.markdown("\n".join(f"- {sentence}" for sentence in found.left_out[:200]))
