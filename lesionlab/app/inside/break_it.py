"""The section "Break it": marks, light and blur on the picture, and what the network then says."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lesionlab.app import controls, pictures, theme
from lesionlab.app.desk import Desk
from lesionlab.app.inside import answering, break_charts, frame, questions, sketch
from lesionlab.app.inside.look import Look
from lesionlab.images.spoil import Spoil, Stroke, add_strokes, before_turning, spoil

TRIES, AT_A_TIME = 12, 4
# Key of the widget -> where it starts.
START: dict[str, int | float | bool] = {
    "break-hairs": 15,
    "break-ruler": False,
    "break-ink": 0,
    "break-bubbles": 0,
    "break-blur": 0.0,
    "break-warmth": 0.0,
    "break-rotation": 0,
}
SEED, LINES = "break-seed", "break-lines"
MOST_LINES = 50


def show(desk: Desk, look: Look) -> None:
    """Draw the section."""
    _, drawn = answering.allowed(look)
    st.markdown(
        "Hairs, rulers and a surgeon's pen say nothing about the lesion. Put them onto the "
        "picture by the sliders, or draw on it, and see whether the network knows that."
    )
    # Picture and bars stand above the sliders, so that a phone shows them move together.
    results = st.container()
    lines = st.session_state[controls.bind_once(LINES, (), look.digest)]
    settings = _controls().model_copy(update={"strokes": tuple(line for _, line in lines)})
    seed = int(st.session_state.get(SEED, 0))
    with controls.sentences(foot=True):
        found = answering.spoiled(look, settings, seed, 1, drawn)
    classes = list(look.description["classes"])
    before, after = found["before"], found["after"][0]
    left, right = results.columns([2, 3], gap="large")
    with left:
        _canvas(look, settings, seed)
        st.html(
            frame.small_picture(
                found["pictures"][0],
                f"The picture with {_in_words(settings)}, small",
                f"As the network gets it, with {_in_words(settings)}.",
            )
        )
    with right:
        controls.figure(
            break_charts.before_after(classes, before, after),
            alt=break_charts.change_sentence(classes, before, after),
            caption="Faint: the picture as it was. Full: with what you put onto it.",
            key="break-bars",
        )
        st.markdown(break_charts.change_sentence(classes, before, after))
    _tries(look, settings, seed, drawn, classes)
    controls.how_it_works(
        r"\begin{gathered}\text{new} = \text{skin} + c\,(\text{mark} - \text{skin}) \\[1ex] "
        r"\text{flips} = \sum_{i=1}^{n} \big[\text{class}(x_i) \ne \text{class}(x)\big]"
        r"\end{gathered}",
        spoil,
        add_strokes,
        words="*c* says how much of a pixel a mark covers, from 0 to 1; *x* is the picture as it "
        "was, and class the likeliest one. The marks are drawn onto the picture itself, before it "
        "is made ready for the network. Then it goes the same way as any other picture. Turned "
        "corners show the skin mirrored, since black corners would be a mark of their own.",
    )
    questions.show("break")


def _canvas(look: Look, settings: Spoil, seed: int) -> None:
    """The picture with its marks, to draw on."""
    content, size = answering.marked(look, settings, seed)

    def drawn(new: list[dict[str, Any]]) -> None:
        st.session_state[LINES] = with_lines(st.session_state[LINES], new, settings.rotation, size)

    def undone(number: int) -> None:
        st.session_state[LINES] = tuple(
            line for line in st.session_state[LINES] if line[0] != number
        )

    sketch.sketch(
        content,
        f"The picture with {_in_words(settings)}",
        key="break-sketch",
        known=[number for number, _ in st.session_state[LINES]],
        drawn=drawn,
        undone=undone,
    )


def with_lines(
    lines: tuple[tuple[int, Stroke], ...],
    new: list[dict[str, Any]],
    rotation: float,
    size: tuple[int, int],
) -> tuple[tuple[int, Stroke], ...]:
    """The lines that are there and the new ones that a browser sent; the first ones go.

    Args:
        lines: Each with an id of its own.
        new: With `id`, `tool` and `points` on the turned picture; known and broken ones are
            passed over.
        rotation: How far the picture is turned, in degrees.
        size: Its height and width.
    """
    found = dict(lines)
    for line in new:
        try:
            number = int(line["id"])
            points = before_turning(np.array(line["points"], float), rotation, size)
            stroke = Stroke.model_validate({"tool": line["tool"], "points": points.tolist()})
        except (KeyError, TypeError, ValueError):
            continue
        found.setdefault(number, stroke)
    return tuple(found.items())[-MOST_LINES:]


def _controls() -> Spoil:
    """The switches and sliders."""
    for key, value in START.items():
        st.session_state.setdefault(key, value)
    left, middle, right = st.columns(3, gap="medium")
    with left:
        hairs = st.slider("Hairs", 0, 60, key="break-hairs", persist_state="session")
        bubbles = st.slider("Air bubbles", 0, 30, key="break-bubbles", persist_state="session")
    with middle:
        ink = st.slider("Strokes of a pen", 0, 12, key="break-ink", persist_state="session")
        blur = st.slider(
            "Blur (per cent of the side)",
            0.0,
            5.0,
            step=0.25,
            key="break-blur",
            persist_state="session",
        )
    with right:
        warmth = st.slider(
            "Light, from blue to orange",
            -1.0,
            1.0,
            step=0.1,
            key="break-warmth",
            persist_state="session",
        )
        rotation = st.slider(
            "Turned by (degrees)", -180, 180, step=5, key="break-rotation", persist_state="session"
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        ruler = st.toggle("Ruler", key="break-ruler", persist_state="session")
        st.button("Put them elsewhere", icon=":material/casino:", on_click=_elsewhere)
        st.button("Take all off", icon=":material/undo:", on_click=_take_off)
    return Spoil(
        hairs=hairs,
        ruler=ruler,
        ink=ink,
        bubbles=bubbles,
        rotation=rotation,
        warmth=warmth,
        blur=blur,
    )


def _elsewhere() -> None:
    st.session_state[SEED] = int(st.session_state.get(SEED, 0)) + TRIES


def _take_off() -> None:
    st.session_state[LINES] = ()
    for key, value in START.items():
        st.session_state[key] = type(value)(0)


def _in_words(settings: Spoil) -> str:
    """What is on the picture, in words."""
    counted = (
        (settings.hairs, "hair", "hairs"),
        (settings.ink, "stroke of a pen", "strokes of a pen"),
        (settings.bubbles, "air bubble", "air bubbles"),
        (len(settings.strokes), "line by hand", "lines by hand"),
    )
    parts = [f"{number} {one if number == 1 else many}" for number, one, many in counted if number]
    if settings.ruler:
        parts.append("a ruler")
    if settings.rotation:
        parts.append(f"a turn by {settings.rotation:.0f}°")
    if settings.warmth:
        parts.append("orange light" if settings.warmth > 0 else "blue light")
    if settings.blur:
        parts.append("blur")
    return ", ".join(parts) or "nothing on it"


def _tries(look: Look, settings: Spoil, seed: int, drawn: bool, classes: list[str]) -> None:
    """The same marks at a dozen other places: how often the likeliest class is another one."""
    st.subheader("How often does the answer flip?", anchor=False)
    if not (settings.hairs or settings.ink or settings.bubbles or settings.ruler):
        st.markdown(
            "Hairs, bubbles, pen and ruler fall somewhere else each time. Put one of them on, and "
            f"the network is asked about {TRIES} such pictures."
        )
        return
    with controls.sentences(foot=True):
        found = _judged(look, settings, seed, drawn)
    first = int(found["before"].argmax())
    best = found["after"].argmax(axis=1)
    flips = int((best != first).sum())
    name = theme.class_name(classes[first])
    st.markdown(
        f"In **{flips} of {TRIES}** pictures with the same marks elsewhere, the likeliest class is "
        f"no longer {name}. Its probability lies between "
        f"**{found['after'][:, first].min():.0%}** and **{found['after'][:, first].max():.0%}**; "
        f"without marks it is {found['before'][first]:.0%}."
    )
    st.html(pictures.grid_html(_tiles(found, classes, first), smallest=110, square=True))
    st.caption("A frame marks a picture whose likeliest class is another one.")


def _judged(look: Look, settings: Spoil, seed: int, drawn: bool) -> dict[str, np.ndarray]:
    """All tries, asked for a few at a time: a slider that moves meanwhile need not wait long."""
    parts = []
    bar = st.empty()
    for first in range(0, TRIES, AT_A_TIME):
        bar.progress(first / TRIES, "A dozen pictures are drawn and judged …")
        parts.append(answering.spoiled(look, settings, seed + first, AT_A_TIME, drawn))
    bar.empty()
    joined = {
        name: np.concatenate([part[name] for part in parts]) for name in ("after", "pictures")
    }
    return {"before": parts[0]["before"], **joined}


def _tiles(found: dict[str, np.ndarray], classes: list[str], first: int) -> list[pictures.Tile]:
    tiles = []
    for number, (image, shares) in enumerate(
        zip(found["pictures"], found["after"], strict=True), start=1
    ):
        best = int(shares.argmax())
        # The number first: a long name may be cut off.
        words = f"{shares[best]:.0%} {theme.short_name(classes[best])}"
        tiles.append(
            pictures.Tile(
                image,
                alt=f"Picture {number}: {words}",
                caption=words,
                colour=theme.class_colour(classes[best]),
                chosen=best != first,
            )
        )
    return tiles
