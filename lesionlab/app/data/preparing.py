"""What is done to each picture before the network sees it: before and after."""

from __future__ import annotations

import html
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from lesionlab.app import controls, drafting, pictures, theme
from lesionlab.app.controls import unless_stale
from lesionlab.app.data import prepared
from lesionlab.app.desk import Desk

if TYPE_CHECKING:
    from lesionlab.data.dataset import Dataset
    from lesionlab.images.preprocess import Preprocessing

BORDERS = {
    "none": "Leave it",
    "field": "Cut to the round field",
    "inside": "Cut to a box inside the field",
}
LIGHTS = {
    "none": "Leave it",
    "shades-of-grey": "Shades of grey",
    "grey-world": "Grey world",
    "white-patch": "White patch",
}
FITS = {
    "stretch": "Stretch it",
    "pad": "Keep the shape, fill up with black",
    "crop": "Keep the shape, cut what is too long",
}
# Longer sides in pixels to which a larger picture is first reduced; 0 leaves it as it is.
SHARPNESS = (0, 150, 200, 300, 450, 600)
# Qualities of a JPEG; 0 compresses nothing.
QUALITIES = (0, 90, 75, 50, 25)
# What each step is for, and when it harms.
WORDS = {
    "remove_caption": (
        "Captions",
        "A strip with a name or a scale tells nothing of the skin, but a network may learn that "
        "only one clinic writes it.",
        "Writing on the skin itself stays, and a smooth bar at the edge is cut even if you want "
        "it.",
    ),
    "crop_border": (
        "Black border",
        "Some dermatoscopes leave black around a round field. A network may learn the device "
        "instead of the lesion.",
        "The cut may take the rim of a large lesion, above all the box inside the field. Where no "
        "round edge is seen, nothing is cut.",
    ),
    "remove_hair": (
        "Hairs",
        "Dark hairs hide the lesion and make patterns of their own.",
        "Streaks at the rim of a melanoma, furrows, and the ridges of palms and soles look like "
        "hairs, and what the step takes for a hair is painted over. Fair hairs stay.",
    ),
    "colour_constancy": (
        "Light",
        "Lamps and cameras tint pictures. Dividing by the colour of the light makes pictures from "
        "different devices alike.",
        "It cannot tell a red lamp from red skin, so it may take away redness, and colour can be "
        "what tells one diagnosis from another.",
    ),
    "longest": (
        "Sharpness",
        "For a network that has learned from small pictures: a large one would show it sharper "
        "edges than it knows.",
        "What is smaller than a pixel of the reduced picture is gone.",
    ),
    "jpeg_quality": (
        "Compression",
        "For a network that has learned from compressed pictures: it knows their soft noise, and "
        "a clear picture may look strange to it.",
        "Fine lines and small dots fade, and squares of 8×8 pixels may show.",
    ),
}
OTHERS = 8
# Pictures are large in some sets. What is not ready after so many seconds waits for a click.
SECONDS = 0.5


def show(desk: Desk, found: Dataset) -> None:
    """The section of the page."""
    st.subheader("Make them ready", anchor=False)
    st.markdown(
        "Each picture is made ready in the same way for training, for the marks and for every "
        "answer. What you choose here belongs to your experiment and travels with its model. The "
        "pictures below show the steps in the order in which they are taken."
    )
    choose_steps(desk)
    settings = desk.draft.preprocessing
    image_id = controls.choose_picture(desk, found)
    begin = time.perf_counter()
    with controls.sentences(foot=True):
        story = prepared.story(found, image_id, settings)
    show_story(story, settings)
    say_size(desk, settings)
    show_others(found, image_id, settings, begin)
    controls.how_it_works(
        r"\text{light}_c = \Big(\frac{1}{n}\sum_{i=1}^{n} v_{i,c}^{\,p}\Big)^{1/p} \qquad"
        r"v'_{i,c} = v_{i,c}\,\frac{\lVert\text{light}\rVert}{\sqrt{3}\ \text{light}_c}",
        "lesionlab.images.preprocess:steps",
        "lesionlab.images.caption:strip_height",
        "lesionlab.images.border:find_circle",
        "lesionlab.images.hair:hair_mask",
        "lesionlab.images.hair:bridge",
        "lesionlab.images.colour_constancy:gains",
        words="The formula is that of the light: *c* is red, green or blue, *v* the values of all "
        "*n* pixels, and *p* is 1 for grey world, 6 for shades of grey (Finlayson and Trezzi, "
        "2004) and without end for white patch. The border is found as the circle that parts "
        "bright from dark (after Gessert et al., 2020). Hairs are thin, long and darker in red "
        "light than the skin beside them; each is filled from both its sides (after DullRazor, "
        "Lee et al., 1997).",
    )


def choose_steps(desk: Desk) -> None:
    """The switches; what is chosen goes into the draft."""
    settings = desk.draft.preprocessing

    def save(name: str) -> None:
        with controls.sentences():
            value = st.session_state[f"prepare-{name}"]
            if name in ("longest", "jpeg_quality"):
                value = value or None
            desk.renew()
            desk.save(draft=drafting.changed(desk.draft, preprocessing={name: value}))

    def options(name: str, label: str) -> dict[str, Any]:
        key = f"prepare-{name}"
        title, good, harm = WORDS.get(name, ("", "", ""))
        return {
            "label": label,
            # A menu takes None for "nothing chosen yet".
            "key": controls.bind(
                key, value if (value := getattr(settings, name)) is not None else 0
            ),
            "on_change": unless_stale(key, lambda: save(name)),
            "help": f"{good} {harm}" if title else None,
        }

    first, second, third = st.columns(3, gap="medium")
    with first:
        st.toggle(**options("remove_caption", "Cut off captions"))
        st.toggle(**options("remove_hair", "Take out dark hairs"))
    with second:
        st.selectbox(
            options=list(BORDERS),
            format_func=lambda name: BORDERS[name],
            **options("crop_border", "Black border"),
        )
    with third:
        st.selectbox(
            options=list(LIGHTS),
            format_func=lambda name: LIGHTS[name],
            **options("colour_constancy", "Colour of the light"),
        )
    first, second, third = st.columns(3, gap="medium")
    with first:
        st.selectbox(
            options=list(FITS),
            format_func=lambda name: FITS[name],
            **options("fit", "A picture of another shape than the network's"),
        )
    with second:
        st.selectbox(
            options=sorted({*SHARPNESS, settings.longest or 0}),
            format_func=lambda side: f"Reduce to {side} pixels first" if side else "Leave them",
            **options("longest", "Large pictures"),
        )
    with third:
        st.selectbox(
            options=sorted({*QUALITIES, settings.jpeg_quality or 0}, key=lambda q: -(q or 100)),
            format_func=lambda quality: f"As a JPEG of quality {quality}" if quality else "None",
            disabled=settings.longest is None,
            **options("jpeg_quality", "Compression of what was reduced"),
        )


def show_story(story: prepared.Story, settings: Preprocessing) -> None:
    """The picture before, after each step, and at last as the network sees it."""
    height, width = settings.size
    figures = [
        pictures.figure_html(
            story.before, "The picture before", f"Before: {story.height}×{story.width} pixels"
        )
    ]
    lines = []
    for step in story.steps:
        title, good, harm = WORDS[step.name]
        did = "cut off" if step.cuts else f"changed, by {step.levels:.0f} of 255 on average"
        share = f"{step.share:.1%} of the pixels {did}" if step.share else "nothing to do here"
        figures.append(
            pictures.figure_html(
                step.after,
                f"The picture after the step {title}: {share}",
                f"{title}: {share}, {step.milliseconds:.1f} ms",
            )
        )
        lines.append(f"- **{title}.** {good} *When it harms:* {harm}")
    figures.append(
        pictures.figure_html(
            story.seen,
            f"The picture as the network sees it, {height}×{width} pixels",
            f"As the network sees it: {height}×{width} pixels",
        )
    )
    tiles = "".join(figures)
    st.html(f'<div class="ll-grid" style="--tile:230px;align-items:start">{tiles}</div>')
    st.caption(
        f"{story.milliseconds:.0f} ms for this picture on this server, once it is decoded."
        + ("" if story.steps else " No step is on, so only its size changes.")
    )
    if lines:
        st.markdown("\n".join(lines))


def say_size(desk: Desk, settings: Preprocessing) -> None:
    """Where the size comes from."""
    height, width = settings.size
    left, right = st.columns([3, 2], vertical_alignment="center")
    with left:
        st.markdown(f"The size, {height}×{width}, belongs to the network and is set there.")
    with right:
        controls.link("pages/4_model_builder.py", desk, label="Change the size in the builder")


def show_others(found: Dataset, image_id: str, settings: Preprocessing, begin: float) -> None:
    """Further pictures before and after, drawn by a seed that a button changes.

    Args:
        begin: When this rerun began to make pictures ready, by `time.perf_counter`.
    """
    st.subheader("The same with others", anchor=False)
    seed = st.session_state.setdefault("prepare-seed", 0)
    ids = found.table["image_id"]
    rows = np.random.default_rng(seed).choice(len(ids), min(OTHERS + 1, len(ids)), replace=False)
    names = [name for name in (str(ids.iat[int(row)]) for row in rows) if name != image_id]
    names = names[:OTHERS]
    tiles: list[str] = []
    with controls.sentences():
        for name in names:
            if time.perf_counter() - begin > SECONDS:
                break
            tiles.append(_pair(found, name, prepared.story(found, name, settings, prepared.SMALL)))
    st.html(f'<div class="ll-grid" style="--tile:240px">{"".join(tiles)}</div>')
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Roll again", icon=":material/casino:", key="prepare-roll"):
            st.session_state["prepare-seed"] = seed + 1
            st.rerun()
        if len(tiles) < len(names):
            st.button("Show the rest", icon=":material/more_horiz:", key="prepare-rest")
            st.caption(f"{len(tiles)} of {len(names)} are ready. Large pictures take longer.")
        else:
            st.caption("On the left before, on the right as the network sees it.")


def _pair(found: Dataset, image_id: str, story: prepared.Story) -> str:
    from lesionlab.app import caches

    code = str(found.table["diagnosis"].iat[caches.row_of(found, image_id) or 0])
    words = ", ".join(
        f"{WORDS[step.name][0].lower()} {step.share:.1%}" for step in story.steps if step.share
    )
    sides = "".join(
        f'<img src="{pictures.data_address(image, 240)}" style="width:49%;object-fit:contain" '
        f'alt="{html.escape(f"{theme.class_name(code)}, picture {image_id}, {when}")}">'
        for image, when in ((story.before, "before"), (story.seen, "after"))
    )
    return (
        '<figure class="ll-figure"><div style="display:flex;gap:2%;align-items:center">'
        f"{sides}</div><figcaption>{html.escape(theme.short_name(code))} · "
        f"{html.escape(words or 'no step changed it')}</figcaption></figure>"
    )
