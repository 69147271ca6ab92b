"""The section "Where it looks": a heat map, a check of it, and a second opinion."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lesionlab.app import answers, caches, controls, pictures, theme
from lesionlab.app.desk import Desk
from lesionlab.app.inside import (
    answering,
    choosing,
    covering,
    heat_drawing,
    maps_shown,
    questions,
    sizes,
)
from lesionlab.app.inside.look import Look
from lesionlab.images.heat import rank_correlation, share_inside

DRAWS = 5


def show(desk: Desk, look: Look) -> None:
    """Draw the section."""
    answer, drawn = answering.allowed(look)
    left, right = st.columns(2)
    with left:
        code = answering.choose_class(look, answer)
    with right:
        layer, is_last = _choose_layer(look)
    with controls.sentences(foot=True):
        heat = answering.heat_maps(look, code, layer, drawn)["heat"]
    mask = answering.lesion_mask(desk, look)
    name = theme.class_name(code)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("The heat map", anchor=False)
        _the_map(look, heat, mask, name)
    with right:
        st.subheader("A second opinion", anchor=False)
        st.markdown(
            "Cover a square of the picture and ask again: where the probability falls, the "
            "network needed what was there."
        )
        if st.toggle("Cover it square by square", key="inside-cover", persist_state="session"):
            covering.show(look, drawn, code, heat, mask)
        else:
            st.caption(f"The network is asked {covering.GRID**2} times: some seconds, once.")
    _the_check(look, code, layer, drawn, heat)
    controls.how_it_works(
        r"\begin{gathered}\alpha_c = \frac{1}{n}\sum_{y,x} "
        r"\frac{\partial z}{\partial A_c(y,x)} \\[1ex] "
        r"\text{heat}(y,x) = \max\!\Big(0, \sum_c \alpha_c A_c(y,x)\Big)\end{gathered}",
        *code_of(is_last),
        "lesionlab.explain.tails:drawn_kernels",
        "lesionlab.explain.occlusion:covered",
        share_inside,
        words="Grad-CAM (Selvaraju and others, 2017): how much the score *z* of a class changes "
        "with a map *A* of the layer is that map's weight, and the weighted maps are added up. The "
        "check is from Adebayo and others (2018), the covering from Zeiler and Fergus (2014). "
        "Below stands the code of the map seen from this layer, of the random numbers, of the "
        "covering, and of the share inside the lesion.",
    )
    questions.show("heat")


def code_of(is_last: bool) -> tuple[str, ...]:
    """The code that makes a heat map; seen from the last layer it needs no way back."""
    names = ("last_grad_cam",) if is_last else ("grad_cam", "_heat")
    return tuple(f"lesionlab.explain.grad_cam:{name}" for name in names)


def _choose_layer(look: Look) -> tuple[str, bool]:
    """A choice among the layers that have maps, the last one first; and whether it is the last."""
    with controls.sentences(foot=True):
        spatial = sizes.spatial_layers(caches.layers_of(look.reference))
    rows = spatial[spatial["kind"] != "InputLayer"].iloc[::-1].to_dict("records")
    titles = {str(row["name"]): choosing.title(row) for row in rows}
    first = next(iter(titles))
    layer = str(
        st.selectbox(
            "Seen from layer",
            list(titles),
            key=controls.bind_once("heat-layer", first, look.reference),
            format_func=lambda name: titles[name],
            persist_state="session",
            help="The last layer knows most about the class and least about the place.",
        )
    )
    return layer, layer == first


def _the_map(look: Look, heat: np.ndarray, mask: np.ndarray | None, name: str) -> None:
    if not heat.any():
        controls.picture(look.prepared, alt="The picture, without any heat")
        st.markdown(f"Seen from this layer, **nothing** in this picture speaks for {name}.")
        return
    controls.picture(
        heat_drawing.under_heat(look.prepared, heat, mask),
        alt=f"The picture under its heat map for {name}, hottest at the "
        f"{answers.hottest_place(heat)}",
        caption=f"Bright places spoke for {name}. The map has {heat.shape[0]}×{heat.shape[1]} "
        "fields.",
        scale=pictures.scale_html(answers.HEAT, "said nothing", "", "spoke for it"),
    )
    if mask is not None:
        st.markdown(heat_drawing.share_sentence(share_inside(heat, mask), float(mask.mean())))
    elif look.image_id is not None:
        st.caption("Nobody has drawn the outline of this lesion, so no share can be told.")
    st.caption("A network may look at the right place for a wrong reason.")


def _the_check(look: Look, code: str, layer: str, drawn: bool, heat: np.ndarray) -> None:
    """The same map from networks that have forgotten what their last layers learned."""
    st.subheader("Would a network that has learned nothing show the same?", anchor=False)
    st.markdown(
        "A check: let the last three layers with weights forget theirs, put random numbers there, "
        "and look again. If the map stays the same, it shows the picture and not what was learned."
    )
    if not heat.any():
        st.markdown("There is no heat to compare. Choose another class or layer.")
        return
    if np.ptp(heat) == 0:
        fields = "It has a single field." if heat.size == 1 else ""
        st.markdown(
            f"The map is alike everywhere, so it cannot be compared. {fields} Choose another layer."
        )
        return
    with controls.sentences(foot=True):
        maps = answering.heat_maps(look, code, layer, drawn, draws=DRAWS)["redrawn"]
    correlations = [rank_correlation(heat, one) for one in maps]
    tiles = [
        pictures.Tile(
            heat_drawing.under_heat(look.prepared, heat),
            alt="The map of the network as it was learned",
            caption="As learned",
            chosen=True,
        )
    ]
    for draw, (one, value) in enumerate(zip(maps, correlations, strict=True), start=1):
        if value is None:
            words = "alike everywhere" if one.any() else "no heat"
        else:
            words = f"agrees to {maps_shown.number(value)}"
        tiles.append(
            pictures.Tile(
                heat_drawing.under_heat(look.prepared, one),
                alt=f"Random draw {draw}: {words}",
                caption=f"Draw {draw}: {words}",
            )
        )
    st.html(pictures.grid_html(tiles, smallest=150, square=True))
    st.markdown(heat_drawing.check_sentence(correlations))
