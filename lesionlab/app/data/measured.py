"""What the pixels say: sizes, brightness, skin tone, and pictures that look alike."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from lesionlab.app import controls, theme
from lesionlab.app.data import lookalikes_shown, measuring, skin
from lesionlab.app.data.examples import choose_group, classes_of, on_click, show_examples
from lesionlab.app.desk import Desk

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

    from lesionlab.data.dataset import Dataset
    from lesionlab.data.measures import Measured

MOST_DOTS = 400
BAND = 10
# A difference in L* that one sees without looking for it.
WORTH_SAYING = 3.0


def show(desk: Desk, found: Dataset) -> None:
    """The section of the page."""
    with controls.sentences(foot=True):
        measures = measuring.measured(desk, found)
    if measures is None:
        return
    unread = int((measures.widths == 0).sum())
    if unread:
        st.warning(
            f"{unread:,} of {len(found):,} pictures have no measures: their files cannot be read, "
            "or they came without.",
            icon=":material/warning:",
        )
    if unread == len(found):
        return
    st.subheader("How large", anchor=False)
    show_sizes(found, measures)
    st.subheader("How bright", anchor=False)
    show_brightness(found, measures)
    st.subheader("What skin", anchor=False)
    skin.show(found, measures)
    st.subheader("Pictures that look alike", anchor=False)
    lookalikes_shown.show(found, measures)


def show_sizes(found: Dataset, measures: Measured) -> None:
    """One sentence where all pictures have one size, else a dot a size."""
    sizes, rounded = size_counts(measures)
    first = sizes.iloc[0]
    if len(sizes) == 1:
        st.markdown(
            f"Every picture has **{first['height']}×{first['width']} pixels** (height×width), so "
            "the size tells the network nothing about the class."
        )
        return
    words = [
        f"{row['height']}×{row['width']} {row['pictures']:,}" for _, row in sizes.head(5).iterrows()
    ]
    controls.figure(
        size_figure(measures),
        alt=f"Dots of {len(sizes):,} picture sizes; the most frequent: {'; '.join(words)} pictures",
        caption=f"{len(sizes):,} sizes{rounded}. Larger dots are more pictures; the most "
        f"frequent is {first['height']}×{first['width']} with {first['pictures']:,}. All become "
        "one size before a network sees them: see *Prepare*.",
    )


def show_brightness(found: Dataset, measures: Measured) -> None:
    """How bright the pictures of each class are, with examples."""
    key = f"brightness-band-{found.name}"
    unit = st.segmented_control(
        "Numbers",
        ["Pictures", "Shares of each class"],
        default="Pictures",
        required=True,
        key="brightness-unit",
        persist_state="session",
        label_visibility="collapsed",
    )
    middle = brightness_middles(found, measures)
    words = [f"{theme.short_name(str(code))} {value:.0f}" for code, value in middle.items()]
    most, least = str(middle.idxmax()), str(middle.idxmin())
    differ = (
        f" Half of the {theme.short_name(most)} are brighter than {middle.max():.0f}, half of the "
        f"{theme.short_name(least)} than {middle.min():.0f}."
        if len(middle) > 1 and middle.max() - middle.min() >= WORTH_SAYING
        else ""
    )
    click = " Click a bar to see some." if unit == "Pictures" else ""
    controls.figure(
        brightness_figure(found, measures, unit != "Pictures"),
        alt=f"Brightness of the pictures by class. Median lightness: {'; '.join(words)}",
        caption="Each picture's mean lightness L* of CIE Lab." + click + differ,
        **on_click(f"brightness-chart-{unit}", key, band_name),
    )
    bands = {band_name(low): in_band(measures, low) for low in range(0, 100, BAND)}
    sizes = {name: len(rows) for name, rows in bands.items() if len(rows)}
    middle_band = band_name(float(np.nanmedian(measures.brightness)))
    band = choose_group("Show pictures of the lightness", sizes, middle_band, key)
    show_examples(found, bands[band], measures.brightness, "L* {:.0f}")


def band_name(lightness: float) -> str:
    """What the band of a lightness is called."""
    low = min(int(lightness) // BAND * BAND, 100 - BAND)
    return f"{low} to {low + BAND}"


@lru_cache(maxsize=16)
def size_counts(measures: Measured) -> tuple[pd.DataFrame, str]:
    """How many pictures have each size, the most frequent first, and words on rounding."""
    import pandas as pd

    known = measures.widths > 0
    sizes = pd.DataFrame({"width": measures.widths[known], "height": measures.heights[known]})
    rounded = ""
    if len(sizes.drop_duplicates()) > MOST_DOTS:
        rounded = ", rounded to 50 pixels"
        sizes = (sizes / 50).round().astype(int) * 50
    counts = sizes.value_counts().rename("pictures").reset_index()
    return counts.head(MOST_DOTS), rounded


@lru_cache(maxsize=16)
def size_figure(measures: Measured) -> Figure:
    """The dots of the sizes."""
    from lesionlab.app import measure_charts

    return measure_charts.size_dots(size_counts(measures)[0])


@lru_cache(maxsize=16)
def brightness_counts(found: Dataset, measures: Measured) -> pd.DataFrame:
    """Pictures by step of brightness and class."""
    from lesionlab.data.tones import brightness_steps

    return brightness_steps(measures.brightness, classes_of(found))


@lru_cache(maxsize=16)
def brightness_middles(found: Dataset, measures: Measured) -> pd.Series:
    """The median lightness of each class."""
    import pandas as pd

    values = pd.Series(measures.brightness).groupby(classes_of(found)).median()
    return values.dropna().sort_values()


@lru_cache(maxsize=16)
def brightness_figure(found: Dataset, measures: Measured, shares: bool) -> Figure:
    """The bars or lines of brightness."""
    from lesionlab.app import measure_charts
    from lesionlab.data.tones import STEP

    counts = brightness_counts(found, measures)
    if shares:
        return measure_charts.brightness_lines(counts / counts.sum() * 100, STEP)
    return measure_charts.brightness_bars(counts, STEP)


@lru_cache(maxsize=64)
def in_band(measures: Measured, low: int) -> np.ndarray:
    """The rows of pictures whose lightness is in the band from `low` on, int `(m,)`."""
    high = low + BAND if low + BAND < 100 else np.inf
    return np.flatnonzero((measures.brightness >= low) & (measures.brightness < high))
