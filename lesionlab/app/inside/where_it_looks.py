"""The section "Where it looks": which places of the picture spoke for a class."""

from __future__ import annotations

from lesionlab.app import answers, asked, controls, pictures
from lesionlab.app.desk import Desk
from lesionlab.app.inside.look import Look


def show(desk: Desk, look: Look) -> None:
    """Draw the section."""
    with controls.sentences(foot=True):
        answer = asked.predict(look.reference, look.content, look.drawn)
    heat = answer["heat_map"]
    if heat is None:
        controls.need(False, answer["abstain"], "pages/1_data_explorer.py", desk)
    controls.picture(
        answers.overlay(look.prepared, heat),
        alt=f"The picture under its heat map, hottest at the {answers.hottest_place(heat)}",
        caption="Bright places spoke for the likeliest class.",
        scale=pictures.scale_html(answers.HEAT, "said nothing", "", "spoke for it"),
    )
