"""The start page: what to do here, in which order, and what is chosen now."""

import html

import streamlit as st

from lesionlab.app import caches, chosen, controls
from lesionlab.app.glossary import TERMS
from lesionlab.app.jobs_shown import show_data_jobs
from lesionlab.app.lessons import LESSONS
from lesionlab.app.progress import lessons_done
from lesionlab.app.shell import close_page, open_page

desk = open_page(__file__)

st.html(
    '<div class="ll-hero"><h1>See how a network learns to tell skin lesions apart</h1>'
    "<p>In eight short lessons you look at pictures, build a neural network, train it, and find "
    "out how far it can be trusted. Everything runs on this computer, and you need no mathematics "
    "to begin.</p></div>"
)
show_data_jobs(desk)

done = lessons_done(desk)
following = next((lesson for lesson in LESSONS if lesson.number not in done), None)
st.subheader("The eight lessons", anchor=False)
for row in (LESSONS[:4], LESSONS[4:]):
    for column, lesson in zip(st.columns(4), row, strict=True):
        status = "done" if lesson.number in done else "next" if lesson == following else ""
        with column, st.container(border=True, height="stretch", key=f"card-{lesson.number}"):
            mark = f'<span class="ll-{status}">{status}</span>' if status else ""
            st.html(f'<div class="ll-card-number"><b>{lesson.number}</b>{mark}</div>')
            controls.link(lesson.path, desk, label=f"**{lesson.title}**")
            st.html(f'<p class="ll-card-text">{html.escape(lesson.sentence)}</p>')

st.subheader("On your desk now", anchor=False)
left, middle, right = st.columns(3)
with left, st.container(border=True, height="stretch", key="card-data"):
    found = controls.choose_dataset(desk)
    drawn = "drawn, not skin" if found.drawn else "photographs"
    st.caption(f"{len(found):,} pictures in {len(caches.class_rows(found))} classes, {drawn}.")
    controls.link("pages/1_data_explorer.py", desk, label="Look at the pictures")
with middle, st.container(border=True, height="stretch", key="card-draft"):
    draft = desk.draft
    st.markdown(f"**Experiment: {draft.title or draft.name}**")
    st.caption(
        f"{draft.model.network} at {draft.preprocessing.size[0]}×{draft.preprocessing.size[1]} "
        f"pixels, {draft.training.epochs} epochs."
    )
    controls.link("pages/4_model_builder.py", desk, label="Change it")
    controls.link("pages/5_training.py", desk, label="Train it")
with right, st.container(border=True, height="stretch", key="card-run"):
    chosen.choose_result(desk)
    controls.link("pages/7_evaluation.py", desk, label="See how good it is")
    controls.link("pages/8_predict.py", desk, label="Ask it about a picture")

st.text_input(
    "Name of your desk",
    key=controls.bind("nickname", desk.nickname),
    max_chars=40,
    placeholder="for example: Mila and Tom",
    on_change=lambda: desk.save(nickname=st.session_state["nickname"].strip()),
    help="Only you see it. This page's address is the key to your desk: keep it to come back.",
    width=360,
)

st.subheader("Words", anchor=False)
with st.expander(f"{len(TERMS)} terms, each explained once", icon=":material/menu_book:"):
    rows = "".join(
        f"<div><dt>{html.escape(word)}</dt><dd>{html.escape(text)}</dd></div>"
        for word, text in sorted(TERMS.items(), key=lambda pair: pair[0].lower())
    )
    st.html(f'<dl class="ll-terms">{rows}</dl>')

close_page(__file__, desk)
