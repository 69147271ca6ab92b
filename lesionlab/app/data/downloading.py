"""The form that brings in photographs of the ISIC Archive: what, how many, and under which licence.

Nothing is asked over the network before a button is pressed; what the archive has answered is kept
for the choices that it was asked about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from lesionlab.app import controls, theme
from lesionlab.app.desk import Desk
from lesionlab.data.isic_archive.diagnoses import CODES, EIGHT
from lesionlab.data.isic_archive.licences import LICENCES
from lesionlab.errors import LesionlabError

if TYPE_CHECKING:
    from lesionlab.data.isic_archive.search import Stock

MOST = 5_000
# People wait for the answer: a second attempt, not the six of a job.
ATTEMPTS = 2
ANSWER, PROBLEM = "isic-answer", "isic-problem"


def form(desk: Desk) -> bool:
    """Choose, ask what there is, and download it as a job; gives True once that was asked for."""
    st.markdown(
        "**Photographs from the ISIC Archive**, a public collection of skin lesions. No account is "
        "needed."
    )
    per_class = _choose_classes()
    licences = st.multiselect(
        "Licences",
        list(LICENCES),
        default=list(LICENCES),
        key="isic-licences",
        persist_state="session",
        help="Each picture keeps its licence and the name of who gave it.",
    )
    st.caption(" ".join(f"{name}: {words}." for name, words in LICENCES.items()))
    dermoscopic = st.toggle(
        "Only pictures taken through a dermatoscope",
        value=True,
        key="isic-dermoscopic",
        persist_state="session",
        help="A dermatoscope is a lit magnifying glass. Without it, the archive also gives "
        "photographs from further away, which look quite different.",
    )
    seed = st.number_input(
        "Seed: another one, other pictures",
        0,
        10_000,
        0,
        key="isic-seed",
        persist_state="session",
        help="The archive has more than you take. The seed decides which ones come.",
    )
    # The numbers do not matter to the archive: it is asked only how much there is.
    question = (tuple(per_class), tuple(sorted(licences)), dermoscopic)
    if st.button(
        "Ask what there is",
        key="isic-ask",
        icon=":material/travel_explore:",
        disabled=not per_class or not licences,
        help="Sends a few short questions to the ISIC Archive.",
    ):
        _ask(question)
    problem = st.session_state.get(PROBLEM)
    if problem is not None and problem[0] == question:
        controls.show_error(problem[1])
    answer = st.session_state.get(ANSWER)
    if answer is None or answer[0] != question:
        return False
    return _offer(desk, per_class, answer[1], question, int(seed))


def _choose_classes() -> dict[str, int]:
    """How many pictures of which class: code -> number."""
    classes = st.multiselect(
        "Classes",
        list(CODES),
        default=list(EIGHT),
        key="isic-classes",
        format_func=theme.class_name,
        persist_state="session",
    )
    many = st.number_input(
        "Pictures of each class",
        1,
        MOST,
        100,
        step=10,
        key="isic-many",
        persist_state="session",
    )
    codes = [code for code in CODES if code in classes]
    if not st.toggle("Another number for each class", key="isic-own", persist_state="session"):
        return dict.fromkeys(codes, int(many))
    columns = st.columns(3)
    return {
        code: int(
            columns[place % 3].number_input(
                code.upper(),
                1,
                MOST,
                int(many),
                step=10,
                key=f"isic-many-{code}",
                persist_state="session",
                help=theme.class_name(code),
            )
        )
        for place, code in enumerate(codes)
    }


def _ask(question: tuple[tuple[str, ...], tuple[str, ...], bool]) -> None:
    """Ask the archive, and keep its answer or why there is none."""
    from lesionlab.data.isic_archive.session import archive_url

    st.session_state.pop(PROBLEM, None)
    st.session_state.pop(ANSWER, None)
    try:
        st.session_state[ANSWER] = (question, _stocks(archive_url(), *question))
    except LesionlabError as error:
        st.session_state[PROBLEM] = (question, error)


@st.cache_data(show_spinner="The ISIC Archive is being asked …", ttl=3600, max_entries=32)
def _stocks(
    url: str, codes: tuple[str, ...], licences: tuple[str, ...], dermoscopic: bool
) -> dict[str, Stock]:
    from lesionlab.data.isic_archive.search import stocks
    from lesionlab.data.isic_archive.session import Patience

    return stocks(codes, licences, dermoscopic, Patience(ATTEMPTS))


def _offer(
    desk: Desk,
    per_class: dict[str, int],
    there: dict[str, Stock],
    question: tuple[tuple[str, ...], tuple[str, ...], bool],
    seed: int,
) -> bool:
    """Show what would come, ask for a name, and start the job; True once it is started."""
    from lesionlab.data.quota import in_words

    rows, total, num_bytes = offered(per_class, there)
    st.dataframe(rows, hide_index=True, width="stretch")
    if not total:
        st.info("The archive has none of these. Allow more licences or other classes.")
        return False
    size = f", about {in_words(num_bytes)}" if num_bytes is not None else ""
    if num_bytes is None:
        st.caption("The archive did not say how large they are.")
    name = st.text_input(
        "Name of the new data set",
        key=controls.bind_once("isic-name", suggested := f"isic-{total}", suggested),
    )
    label = f"Download {total:,} pictures{size}"
    if not st.button(label, type="primary", key="isic-download", disabled=not name):
        return False
    with controls.sentences():
        _submit(desk, name, per_class, question, seed, num_bytes or 0)
    return True


def offered(
    per_class: dict[str, int], there: dict[str, Stock]
) -> tuple[list[dict[str, Any]], int, int | None]:
    """What a download would bring.

    Returns:
        A row a class for a table, how many pictures in all, and about how many bytes (None when
        the archive does not tell).
    """
    rows, total = [], 0
    sizes: list[int | None] = []
    for code, number in per_class.items():
        taken = min(number, there[code].num_images)
        total += taken
        sizes.append(there[code].bytes_of(taken))
        rows.append(
            {
                "Class": theme.short_name(code),
                "In the archive": there[code].num_images,
                "To fetch": taken,
                "About MB": None if sizes[-1] is None else round(sizes[-1] / 1e6, 1),
            }
        )
    known = [size for size in sizes if size is not None]
    return rows, total, sum(known) if len(known) == len(sizes) else None


def _submit(
    desk: Desk,
    name: str,
    per_class: dict[str, int],
    question: tuple[tuple[str, ...], tuple[str, ...], bool],
    seed: int,
    num_bytes: int,
) -> None:
    """Start the job.

    Raises:
        DataError: The name is taken or cannot be used. DiskError: The desk has no room.
    """
    from lesionlab.data import quota, store
    from lesionlab.errors import DataError
    from lesionlab.jobs import store as jobs

    store.check_name(name, desk.id)
    if store.is_stored(name):
        raise DataError(
            "Expected a name that is free.",
            f"There is a data set called {name} already.",
            "Choose another name.",
        )
    quota.check(desk.id, num_bytes)
    _, licences, dermoscopic = question
    spec = {
        "name": name,
        "per_class": per_class,
        "licences": list(licences),
        "dermoscopic": dermoscopic,
        "seed": seed,
    }
    jobs.submit("download-data", spec, desk.id, name)
