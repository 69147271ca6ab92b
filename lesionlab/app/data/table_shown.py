"""Where a data set comes from, how to cite it, and its table."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import streamlit as st

from lesionlab.app.data import citing, paging, tabling
from lesionlab.app.desk import Desk

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset

SIZES = (25, 50, 100)
MOST_SENTENCES = 200


def show(desk: Desk, found: Dataset) -> None:
    """The section of the page."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Where it comes from", anchor=False)
        source_words(found)
    with right:
        st.subheader("To copy", anchor=False)
        show_citation(found)
    show_left_out(found)
    st.subheader("The table", anchor=False)
    show_table(found)


def source_words(found: Dataset) -> None:
    """Size and licences of a data set."""
    lesions, patients = (tabling.num_different(found, name) for name in ("lesion_id", "patient_id"))
    counts = citing.licences(found)
    facts = {
        "Pictures": f"{len(found):,}",
        "Lesions": f"{lesions:,}" if lesions else "not known",
        "Patients": f"{patients:,}" if patients else "not known",
        "Licence": found.licence or "not known: ask who made the pictures",
        "Picture by picture": "; ".join(f"{name}: {count:,}" for name, count in counts.items()),
    }
    rows = "".join(
        f"<dt>{label}</dt><dd>{html.escape(text)}</dd>" for label, text in facts.items() if text
    )
    st.html(f'<dl class="ll-facts">{rows}</dl>')


def show_citation(found: Dataset) -> None:
    """Citation and licence, each with a button that copies it."""
    if not found.citation:
        st.markdown(
            "Nobody has said whom to cite. Write down where you got the pictures, and ask there."
        )
    else:
        form = st.segmented_control(
            "Form",
            ["Text", "BibTeX"],
            default="Text",
            required=True,
            key="citation-form",
            label_visibility="collapsed",
            persist_state="session",
        )
        words = citing.bibtex(found) if form == "BibTeX" else found.citation
        st.code(words, language=None, wrap_lines=True)
    if found.licence:
        st.code(f"{found.title or found.name}: {found.licence}", language=None, wrap_lines=True)
    st.caption("The button in the corner of a box copies what stands in it.")


def show_left_out(found: Dataset) -> None:
    """What the import left out and why."""
    if not found.left_out:
        st.caption("The import left nothing out.")
        return
    with st.expander(f"What the import left out ({len(found.left_out):,})"):
        # As plain text: the sentences hold names of files, which may hold anything.
        lines = "".join(f"<li>{html.escape(s)}</li>" for s in found.left_out[:MOST_SENTENCES])
        st.html(f'<ul class="ll-signs">{lines}</ul>')
        if len(found.left_out) > MOST_SENTENCES:
            st.caption(f"And {len(found.left_out) - MOST_SENTENCES:,} more.")


def show_table(found: Dataset) -> None:
    """A page of the table, found by text and sorted on the server, and all of it as a file."""
    columns = [str(name) for name in found.table.columns]
    first, second, third = st.columns([4, 3, 2], vertical_alignment="bottom")
    with first:
        text = st.text_input(
            "Words in the ids of picture, lesion or patient",
            key="table-text",
            max_chars=400,
            icon=":material/search:",
            persist_state="session",
        )
    with second:
        if st.session_state.get("table-sort") not in (None, "", *columns):
            st.session_state["table-sort"] = ""
        column = st.selectbox(
            "Sort by",
            ["", *columns],
            key="table-sort",
            format_func=lambda name: name or "as it was imported",
            persist_state="session",
        )
    with third:
        falling = st.toggle("Last first", key="table-falling", persist_state="session")
    rows = tabling.rows_of(found, text or "", column or "", falling)
    if not len(rows):
        st.info("No row has these words in an id.", icon=":material/search_off:")
        return
    marker = (found.name, text, column, falling)
    at = paging.choose_page("table", len(rows), marker, SIZES, what="rows")
    part = found.table.iloc[rows[at.first : at.behind]]
    st.dataframe(
        part.astype(dict.fromkeys(part.select_dtypes("category"), "object")),
        hide_index=True,
        placeholder="–",
        width="stretch",
        column_config={
            name: st.column_config.Column(help=tabling.MEANINGS.get(name, tabling.OTHER))
            for name in columns
        },
        alt=f"Rows {at.first + 1:,} to {at.behind:,} of the table, {len(columns)} columns.",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Rows {at.first + 1:,} to {at.behind:,} of {len(rows):,}.", width="content")
        st.download_button(
            "The whole table (CSV)",
            lambda: tabling.as_csv(found),
            file_name=f"{found.name}.csv",
            mime="text/csv",
            key="table-csv",
            icon=":material/download:",
            on_click="ignore",
        )
    with st.expander("What the columns mean"):
        rows_of_words = "".join(
            f"<dt>{html.escape(name)}</dt>"
            f"<dd>{html.escape(tabling.MEANINGS.get(name, tabling.OTHER))}</dd>"
            for name in columns
        )
        st.html(f'<dl class="ll-facts">{rows_of_words}</dl>')
