"""Controls and words that every page shares. Choices live on the desk, not in the widgets."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import textwrap
from collections.abc import Container, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import streamlit as st

from lesionlab.app import caches, pictures, theme

# All pages call these by the name of this room.
from lesionlab.app.bound import bind as bind
from lesionlab.app.bound import bind_once as bind_once
from lesionlab.app.bound import stop
from lesionlab.app.bound import unless_stale as unless_stale
from lesionlab.app.desk import Desk
from lesionlab.app.lessons import lesson_of
from lesionlab.diagnoses import in_class_set
from lesionlab.errors import LesionlabError

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset


def show_error(error: LesionlabError) -> None:
    """Show what was expected, what was received and what to do."""
    lines = [f"**{error.expected}**", error.received, error.what_to_do]
    st.error("  \n".join(line for line in lines if line), icon=":material/error:")


@contextmanager
def sentences(foot: bool = False) -> Iterator[None]:
    """Show a user's mistake as sentences and end the page there, in place of a traceback.

    Args:
        foot: Also draw the foot of the page. Not in callbacks and fragments, which are elsewhere.
    """
    try:
        yield
    except LesionlabError as error:
        show_error(error)
        if foot:
            end_page()
        stop()


def end_page() -> NoReturn:
    """End the page here because something is missing; the way to other pages stays."""
    from lesionlab.app import shell

    shell.close_open_page()
    stop()


def need(there: bool, sentence: str, path: str, desk: Desk) -> None:
    """End the page with a sentence and a link when something is missing.

    Args:
        there: Whether it is there.
        sentence: What is missing.
        path: The page that makes it.
    """
    if there:
        return
    lesson = lesson_of(path)
    with st.container(border=True):
        st.markdown(f":material/arrow_circle_right: {sentence}")
        link(path, desk, label=f"Go to {lesson.title}")
    end_page()


def link(path: str, desk: Desk, label: str | None = None, **options: Any) -> None:
    """A link to another page that takes the desk along."""
    lesson = lesson_of(path)
    st.page_link(
        lesson.path,
        label=label or lesson.title,
        icon=options.pop("icon", lesson.icon),
        query_params={"desk": desk.id},
        **options,
    )


def figure(chart: Any, alt: str, caption: str = "", key: str | None = None, **options: Any) -> Any:
    """Show a Plotly figure with an alternative text, and a caption that everyone sees."""
    shown = st.plotly_chart(
        chart,
        width="stretch",
        alt=alt,
        key=key,
        config={"displayModeBar": False, "scrollZoom": False},
        **options,
    )
    if caption:
        st.caption(caption)
    return shown


def picture(
    image: np.ndarray | bytes, alt: str, caption: str = "", longest: int = 640, **options: Any
) -> None:
    """Show one picture with an alternative text (see pictures.figure_html)."""
    st.html(pictures.figure_html(image, alt, caption, longest, **options))


def how_it_works(formula: str, *code: Any, words: str = "") -> None:
    """Open up what is behind a page: words, the formula in LaTeX, and the code that really runs.

    Args:
        code: Functions or classes; or "module:name" for those that only the engine may import.
    """
    with st.expander("How it works", icon=":material/function:"):
        if words:
            st.markdown(words)
        if formula:
            st.latex(formula)
        for part in code:
            st.code(source_of(part), language="python")


def source_of(code: Any) -> str:
    """The source of a function or class, or of "module:name" without importing the module."""
    if not isinstance(code, str):
        return textwrap.dedent(inspect.getsource(code))
    module, _, name = code.partition(":")
    return _read_source(module, name)


@lru_cache(maxsize=64)
def _read_source(module: str, name: str) -> str:
    # find_spec imports the packages above, whose __init__ files are empty, and not the module.
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(module)
    text = Path(spec.origin).read_text("utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return textwrap.dedent(ast.get_source_segment(text, node, padded=True) or "")
    raise AttributeError(f"{module} has no {name}")


def fitting_class_set(codes: list[str], wanted: str) -> str:
    """The class set for a data set's codes: the wanted one if every code has a place in it."""
    for name in (wanted, "isic8", "ham7", "isic9", "binary"):
        if codes and all(in_class_set(code, name) for code in codes):
            return name
    return wanted


def take_dataset(desk: Desk, name: str) -> None:
    """Choose a data set: on the desk, and in the draft with a class set that fits it.

    Raises:
        DataError: There is none of this name.
    """
    codes = _codes(name, desk)
    desk.renew()
    wanted = desk.draft.data.class_set
    there = desk.dataset in caches.dataset_titles(desk.id)
    if there and wanted == fitting_class_set(_codes(desk.dataset, desk), "isic8"):
        # Nobody chose it: it came with the former data set, and goes with it.
        wanted = "isic8"
    class_set = fitting_class_set(codes, wanted)
    data = desk.draft.data.model_copy(update={"name": name, "class_set": class_set})
    desk.save(dataset=name, image=None, draft=desk.draft.model_copy(update={"data": data}))


def _codes(name: str, desk: Desk) -> list[str]:
    return list(caches.class_rows(caches.dataset(name, desk.id)))


def choose_dataset(desk: Desk, label: str = "Data set") -> Dataset:
    """A choice among the data sets; shows what is wrong and ends the page when one is broken."""
    found = caches.dataset_titles(desk.id)
    # The full drawn set is chosen from the start, and the small one stands in until it is made.
    shown = desk.dataset if desk.dataset in found else stand_in(desk.dataset, found)
    key = "choose-dataset"

    def chosen() -> None:
        with sentences():
            take_dataset(desk, st.session_state[key])

    # Nothing is shown as chosen where a set was deleted or is no longer shared: another is chosen.
    # Elsewhere there is no way to choose nothing.
    st.selectbox(
        label,
        list(found),
        index=None if shown is None else 0,
        key=bind(key, shown),
        on_change=unless_stale(key, chosen),
        format_func=lambda name: found[name],
        placeholder="Choose one",
    )
    with sentences(foot=True):
        return caches.dataset(desk.dataset, desk.id)


def stand_in(name: str, there: Container[str]) -> str | None:
    """The small set that is shown in place of one that is not made yet; None without one."""
    small = f"{name}-small"
    return small if small in there else None


def current_dataset(desk: Desk) -> Dataset:
    """The data set on the desk; shows what is wrong and ends the page when it cannot be had."""
    with sentences(foot=True):
        return caches.dataset(desk.dataset, desk.id)


def drawn_note(drawn: bool) -> None:
    """Say that pictures are drawn; every page that shows drawn ones calls this."""
    if drawn:
        st.html(
            '<p class="ll-note">These pictures are <strong>drawn by a program</strong>. '
            "They are not photographs of skin.</p>"
        )


def choose_picture(desk: Desk, found: Dataset, label: str = "Picture") -> str:
    """A choice of one picture by class and number; gives its `image_id`, kept on the desk."""
    rows = caches.class_rows(found)
    row = caches.row_of(found, desk.image)
    row = int(next(iter(rows.values()))[0]) if row is None else row
    code = str(found.table["diagnosis"].iat[row])
    image_ids = found.table["image_id"]

    def take_class() -> None:
        desk.save(image=str(image_ids.iat[int(rows[st.session_state["picture-class"]][0])]))

    def take_number() -> None:
        number = int(st.session_state["picture-number"]) - 1
        desk.save(image=str(image_ids.iat[int(rows[code][number])]))

    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        st.selectbox(
            f"{label}: class",
            list(rows),
            key=bind("picture-class", code),
            on_change=unless_stale("picture-class", take_class),
            format_func=theme.class_name,
        )
    with right:
        count = len(rows[code])
        st.number_input(
            f"Number, 1 to {count:,}",
            min_value=1,
            max_value=count,
            key=bind("picture-number", int(np.searchsorted(rows[code], row)) + 1),
            on_change=unless_stale("picture-number", take_number),
        )
    return str(image_ids.iat[row])
