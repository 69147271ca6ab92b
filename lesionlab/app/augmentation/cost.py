"""What the augmentation costs, measured by the service on this machine."""

from __future__ import annotations

import statistics

import streamlit as st

from lesionlab.app import controls
from lesionlab.app.augmentation import asked, trial
from lesionlab.app.augmentation.asked import Shown
from lesionlab.app.augmentation.changes import in_words
from lesionlab.app.desk import Desk
from lesionlab.experiment import Augmentation

STEPS = {"all": "All together", "shape": "Shape", "colour": "Colour", "hole": "Cut-out square"}
LARGEST_BATCH = 64


def show(desk: Desk, shown: Shown) -> None:
    """Milliseconds a picture, of everything and of each step."""
    augmentation = trial.trial(desk)
    st.markdown(f"What may change: **{in_words(augmentation)}**.")
    if augmentation == Augmentation(fill=augmentation.fill):
        st.info("Nothing may change, so training leaves the layers out. They cost nothing.")
        return
    size = shown.preprocessing.size
    wanted = min(desk.draft.training.batch_size, LARGEST_BATCH)
    batch = asked.most_samples(size, wanted)
    turn = st.session_state.setdefault("cost-turn", 0)
    with controls.sentences(foot=True):
        found = asked.cost(augmentation, shown.preprocessing, batch, turn)
    middle = statistics.median(found["all"])
    first, second, third = st.columns(3)
    first.metric("A picture", f"{middle:.2f} ms")
    second.metric("1,000 pictures", f"{middle:.1f} s")
    third.metric("Pictures a second", f"{1000 / middle:,.0f}")
    times = {STEPS[name]: values for name, values in found.items()}
    controls.figure(
        cost_figure(times),
        alt="Milliseconds a picture. "
        + "; ".join(f"{name}: {statistics.median(v):.2f}" for name, v in times.items()),
        caption=f"Measured {len(found['all'])} times just now on this machine, {batch} pictures of "
        f"{size[0]}×{size[1]} at a time: the bar is the middle, the line runs from the quickest to "
        "the slowest. Other work on the machine makes all of it slower.",
    )
    if st.button("Measure again", icon=":material/timer:", key="cost-again"):
        st.session_state["cost-turn"] = turn + 1
        st.rerun()
    st.info(
        "There can be a second price. Where only the head of the network learns and pictures stay "
        "as they are, the rest of the network runs over each picture once and for all. With "
        "changes, it must run anew in every epoch.",
        icon=":material/hourglass_top:",
    )
    controls.how_it_works(
        r"\text{milliseconds a picture} = "
        r"1000\,\frac{t_{\text{after}} - t_{\text{before}}}{\text{pictures in the batch}}",
        "lesionlab.models.augment_cost:measure_cost",
        words="The layers are compiled first, as for training. Then the clock is read before and "
        "after each batch, and the time is divided by the number of its pictures.",
    )


def cost_figure(times: dict[str, list[float]]) -> object:
    """The bars; Plotly is loaded only here."""
    from lesionlab.app.augmentation.charts import cost_bars

    return cost_bars(times)
