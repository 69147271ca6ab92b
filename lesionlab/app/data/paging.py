"""Going through many rows a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import streamlit as st

from lesionlab.app import controls
from lesionlab.app.data.finding import pages_of


@dataclass(frozen=True)
class Paging:
    """Where one is.

    Attributes:
        name: Of the controls' keys.
        first: The first row of the page; `behind` is the first one behind it.
        page: Its number, from 1; `last` is the highest.
        go: Turns to the page with a number when the page is drawn next.
    """

    name: str
    first: int
    behind: int
    page: int
    last: int
    go: Callable[[int], None]

    def steps(self, where: str = "") -> None:
        """Buttons to the first, previous, next and last page, in a horizontal container."""
        targets = {"First": 1, "Back": self.page - 1, "Next": self.page + 1, "Last": self.last}
        for label, target in targets.items():
            st.button(
                label,
                key=f"{self.name}{where}-{label.lower()}",
                on_click=self.go,
                args=(target,),
                disabled=target == self.page or not 1 <= target <= self.last,
            )


def choose_page(
    name: str, num: int, marker: Hashable, sizes: tuple[int, ...], what: str = "pictures"
) -> Paging:
    """Show the controls of paging; the place is kept while the reader visits other pages.

    Args:
        name: Of the controls' keys: NAME-size, NAME-page, NAME-first, and so on.
        num: How many rows there are.
        marker: With another one, it begins at the first page again.
        sizes: How many rows a page may have; the first is taken at the beginning.
        what: What a row is.
    """
    start_key = f"{name}-start"
    if st.session_state.get(start_key, (None,))[0] != marker:
        st.session_state[start_key] = (marker, 0)

    def go(page: int) -> None:
        st.session_state[start_key] = (marker, (page - 1) * size)

    def typed() -> None:
        go(min(int(st.session_state[f"{name}-page"]), last))

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"{name}-bar"):
        size = int(
            st.selectbox(
                f"{what.capitalize()} a page",
                sizes,
                key=f"{name}-size",
                width=150,
                persist_state="session",
            )
        )
        last = pages_of(num, size)
        # Kept as a row, so that another size of page shows the same pictures again.
        page = min(st.session_state[start_key][1] // size + 1, last)
        st.number_input(
            f"Page, 1 to {last:,}",
            min_value=1,
            step=1,
            key=controls.bind(f"{name}-page", page),
            on_change=typed,
            width=150,
        )
        found = Paging(name, (page - 1) * size, min(page * size, num), page, last, go)
        found.steps()
    return found


def show_row(name: str, place: int) -> None:
    """Turn to the page with this row when the page is drawn next."""
    marker, _ = st.session_state.get(f"{name}-start", (None, 0))
    st.session_state[f"{name}-start"] = (marker, place)
