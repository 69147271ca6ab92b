"""The section "The answer": from the last maps to probabilities."""

from __future__ import annotations

from lesionlab.app import answers, asked, controls
from lesionlab.app.desk import Desk
from lesionlab.app.inside.look import Look


def show(desk: Desk, look: Look) -> None:
    """Draw the section."""
    with controls.sentences(foot=True):
        answer = asked.predict(look.reference, look.content, look.drawn)
    if not answer["probabilities"]:
        controls.need(False, answer["abstain"], "pages/1_data_explorer.py", desk)
    controls.figure(
        answers.probability_figure(answer["probabilities"]),
        alt=f"The probabilities: {answers.in_words(answer['probabilities'])}",
        key="inside-probabilities",
    )
