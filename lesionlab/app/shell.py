"""What stands around every page: settings, style, desk, menu, head and foot."""

from __future__ import annotations

import html
import re
from pathlib import Path

import streamlit as st

import lesionlab
from lesionlab.app import asked, chosen, controls, ticker
from lesionlab.app.chosen import OPEN
from lesionlab.app.desk import Desk, is_desk_id, new_desk_id, open_desk, user_desk_id
from lesionlab.app.lessons import LESSONS, PAGES, Lesson, lesson_of
from lesionlab.errors import LesionlabError

HERE = Path(__file__).parent
ICON = HERE / "icon.svg"
STYLE = f"<style>{(HERE / 'style.css').read_text('utf-8')}</style>"
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,119}")


def open_page(path: str) -> Desk:
    """The one set-up call on top of each page.

    Args:
        path: The page's `__file__`.

    Returns:
        The reader's desk.
    """
    lesson = lesson_of(path)
    st.session_state.pop(OPEN, None)
    st.set_page_config(
        page_title=f"{lesson.title} · lesionlab" if lesson.number else "lesionlab",
        page_icon=str(ICON),
        layout="wide",
    )
    st.html(STYLE)
    ticker.ensure_ticker()
    desk, sentence = _desk()
    st.session_state[OPEN] = (path, desk)
    _menu(lesson, desk)
    _head(lesson)
    for words in (sentence, desk.notice):
        if words:
            st.warning(words, icon=":material/info:")
    if lesson.number > 1:
        # The first lesson needs no network; from there on one is soon asked something.
        asked.warm_ahead(chosen.model_of(desk))
    if lesson.number and lesson.path not in desk.visited:
        with controls.sentences():
            desk.save(visited=(*desk.visited, lesson.path))
    return desk


def close_page(path: str, desk: Desk) -> None:
    """The foot of a page: where one came from, what comes next, and what this is not."""
    number = lesson_of(path).number
    with st.container(key="foot-links", horizontal=True, horizontal_alignment="distribute"):
        before = PAGES[number - 1] if number else None
        after = PAGES[number + 1] if number < len(LESSONS) else None
        if before:
            controls.link(before.path, desk, icon=":material/arrow_back:")
        if after:
            words = f"Begin with {after.title}" if number == 0 else f"Next: {after.title}"
            controls.link(
                after.path,
                desk,
                label=words,
                icon=":material/arrow_forward:",
                icon_position="right",
            )
    st.html(
        '<footer class="ll-foot">lesionlab is for learning. It is <strong>not a medical device'
        f"</strong> and gives no diagnosis. <span>Version {lesionlab.__version__}</span></footer>"
    )


def close_open_page() -> None:
    """The foot of the page that is being drawn, where it ends early."""
    if OPEN in st.session_state:
        close_page(*st.session_state[OPEN])


def _desk() -> tuple[Desk, str]:
    """The desk of the user, else of the address, of this session, or a new one; and a sentence."""
    user = _user()
    if user:
        st.query_params.pop("desk", None)
        desk = open_desk(user)
        return desk, _take_run(desk)
    asked = st.query_params.get("desk", "")
    here: str = st.session_state.get("desk-id") or new_desk_id()
    desk_id = asked if is_desk_id(asked) else here
    sentence = ""
    if asked and not is_desk_id(asked):
        try:
            open_desk(asked)
        except LesionlabError as error:
            sentence = f"{error.sentence} You sit at a new desk now."
    st.session_state["desk-id"] = desk_id
    if asked != desk_id:
        st.query_params["desk"] = desk_id
    desk = open_desk(desk_id)
    return desk, _take_run(desk) or sentence


def _user() -> str | None:
    """The desk's id of the user who signed in through Streamlit's [auth], where a host set it."""
    if not st.user.get("is_logged_in"):
        return None
    secret = str(st.secrets["auth"]["cookie_secret"])
    return user_desk_id(str(st.user.get("iss")), str(st.user.get("sub")), secret)


def _take_run(desk: Desk) -> str:
    """Choose the run of the address, once, and take it out: another choice must hold later."""
    run = st.query_params.pop("run", None)
    if run is None:
        return ""
    if not REFERENCE.fullmatch(run):
        return f"A run's link ends in ?run= and its id. Received {run[:80]!r}."
    with controls.sentences():
        desk.save(run=run)
    return ""


def _menu(here: Lesson, desk: Desk) -> None:
    with st.sidebar:
        st.html(
            f'<div class="ll-brand">{_brand()}<div><b>lesionlab</b>'
            "<span>learn how a network sees skin</span></div></div>"
        )
        with st.container(key="menu", gap=None):
            for lesson in PAGES:
                label = f"{lesson.number} · {lesson.title}" if lesson.number else lesson.title
                with st.container(key="menu-here" if lesson == here else f"menu-{lesson.number}"):
                    controls.link(lesson.path, desk, label=label, width="stretch")
        if st.user.get("is_logged_in"):
            st.button("Sign out", on_click=st.logout, icon=":material/logout:")
        elif "is_logged_in" in st.user:
            st.button("Sign in", on_click=st.login, icon=":material/login:")
        names = chosen.names_now(desk).items()
        rows = "".join(f"<dt>{what}</dt><dd>{html.escape(name)}</dd>" for what, name in names)
        st.html(f'<dl class="ll-chosen-now"><p>Chosen now</p>{rows}</dl>')


def _brand() -> str:
    import base64

    content = base64.b64encode(ICON.read_bytes()).decode()
    return f'<img src="data:image/svg+xml;base64,{content}" alt="">'


def _head(lesson: Lesson) -> None:
    if lesson.number == 0:
        return
    st.html(
        f'<header class="ll-head"><div class="ll-badge" aria-hidden="true">{lesson.number}</div>'
        f'<div><p class="ll-eyebrow">Lesson {lesson.number} of {len(LESSONS)}</p>'
        f"<h1>{html.escape(lesson.title)}</h1>"
        f'<p class="ll-lead">{html.escape(lesson.sentence)}</p></div></header>'
    )
