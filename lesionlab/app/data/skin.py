"""An estimate of the tone of the skin, and why it is no more than that."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from lesionlab.app import controls
from lesionlab.app.data.examples import choose_group, classes_of, on_click, show_examples
from lesionlab.app.model_words import literal
from lesionlab.data.tones import ALL_TONES, CAST, TONES, UNSEEN

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

    from lesionlab.data.dataset import Dataset
    from lesionlab.data.measures import Measured

LEAST_OF_SOURCE = 20


def show(found: Dataset, measures: Measured) -> None:
    """The angles, the categories by class, examples, and the limits."""
    counts = tone_counts(measures)
    key = f"skin-tone-{found.name}"
    view = st.segmented_control(
        "Drawn as",
        ["All pictures", "By class"],
        default="All pictures",
        required=True,
        key="skin-view",
        persist_state="session",
        label_visibility="collapsed",
    )
    words = [f"{tone} {number:,}" for tone, number in counts.items() if number]
    shown = counts[counts > 0]
    if view == "By class":
        controls.figure(
            class_figure(found, measures),
            alt="Stacked bars of the skin tone in each class. All classes: " + "; ".join(words),
            caption="Numbers are per cent of the class. A network tested on few dark skins says "
            "little about them.",
        )
    elif len(shown) == 1 and UNSEEN in shown:
        st.markdown("In none of the pictures enough plain skin is seen to estimate its tone.")
    else:
        controls.figure(
            angle_figure(measures),
            alt="Bars of the Individual Typology Angle. Pictures: " + "; ".join(words),
            caption=_caption(found, counts),
            **on_click("skin-chart", key, tone_at),
        )
    _limits(found, measures, counts)
    groups = {str(tone): int(number) for tone, number in shown.items()}
    tone = choose_group("Show pictures of the skin tone", groups, str(shown.idxmax()), key)
    rows = np.flatnonzero(tone_codes(measures) == ALL_TONES.index(tone))
    show_examples(found, rows, measures.ita, "{:.0f}°" if tone != UNSEEN else "")


def tone_at(angle: float) -> str:
    """The category of an angle in degrees."""
    from lesionlab.data.tones import tones_of

    return ALL_TONES[tones_of(np.array([angle]))[0]]


def _caption(found: Dataset, counts: pd.Series) -> str:
    where = (
        "outside the lesion's mask, where there is one, else along the edges"
        if "mask" in found.table and bool(found.table["mask"].notna().any())
        else "along the edges of each picture, since the set has no masks of its lesions"
    )
    seen = int(counts.sum() - counts[UNSEEN])
    few = int(counts["brown"] + counts["dark"])
    return (
        f"Measured {where}. Of {seen:,} pictures, {few:,} ({few / max(1, seen):.1%}) are estimated "
        "as brown or dark. Click a bar to see some of its colour."
    )


def _limits(found: Dataset, measures: Measured, counts: pd.Series) -> None:
    seen = max(1, int(counts.sum() - counts[UNSEEN]))
    cast = int(counts[CAST])
    lines = [
        "**An estimate of the picture, not of a person.** The angle follows the light, the camera "
        "and its colour correction, the gel, a tan or reddened skin as much as the skin itself. It "
        "says nothing of descent, and it is not the Fitzpatrick type."
    ]
    if cast:
        lines.append(
            f"{cast:,} pictures ({cast / seen:.0%}) are bluer than skin can be. For these the "
            "angle shows the camera or the light; they get no category."
        )
    ends = source_ends(found, measures)
    if ends:
        (low, low_angle), (high, high_angle) = ends
        lines.append(
            f"Here one sees it: half of the pictures from *{literal(high)}* lie above "
            f"{high_angle:.0f}°, half of those from *{literal(low)}* above {low_angle:.0f}°."
        )
    st.info("  \n".join(lines), icon=":material/info:")
    ranges = _ranges()
    controls.how_it_works(
        r"\text{ITA} = \arctan\!\left(\frac{L^* - 50}{b^*}\right)\cdot\frac{180°}{\pi}",
        "lesionlab.images.measures:skin_pixels",
        "lesionlab.images.measures:typology_angle",
        words="The Individual Typology Angle of Chardon and others (1991), the median over the "
        f"pixels taken for plain skin. The six categories, in degrees: {ranges}. Left out are the "
        "lesion where its mask is known, the black around the lens, reflections and hairs.",
    )


def _ranges() -> str:
    lows = list(TONES.values())
    parts = [f"very light above {lows[0]:.0f} (to 90)"]
    for (name, low), above in zip(list(TONES.items())[1:-1], lows, strict=False):
        parts.append(f"{name} above {low:.0f} to {above:.0f}")
    return "; ".join([*parts, f"dark to {lows[-2]:.0f}"])


@lru_cache(maxsize=8)
def tone_codes(measures: Measured) -> np.ndarray:
    """The category of each picture, as a position in `ALL_TONES`."""
    from lesionlab.data.tones import tones_of

    return tones_of(measures.ita)


@lru_cache(maxsize=8)
def tone_counts(measures: Measured) -> pd.Series:
    """How many pictures each category has."""
    import pandas as pd

    counts = np.bincount(tone_codes(measures), minlength=len(ALL_TONES))
    return pd.Series(counts, index=list(ALL_TONES))


@lru_cache(maxsize=8)
def angle_figure(measures: Measured) -> Figure:
    """The bars of the angles."""
    from lesionlab.app import measure_charts
    from lesionlab.data.tones import tone_steps

    return measure_charts.tone_bars(tone_steps(measures.ita))


@lru_cache(maxsize=8)
def class_figure(found: Dataset, measures: Measured) -> Figure:
    """The categories in each class."""
    from lesionlab.app import measure_charts
    from lesionlab.data.tones import by_class

    return measure_charts.tone_by_class(
        by_class(tone_codes(measures), classes_of(found), ALL_TONES)
    )


@lru_cache(maxsize=8)
def source_ends(
    found: Dataset, measures: Measured
) -> tuple[tuple[str, float], tuple[str, float]] | None:
    """The sources with the lowest and the highest median angle; None where there are not two."""
    import pandas as pd

    if found.table["source"].nunique() < 2:
        return None
    groups = pd.Series(measures.ita).groupby(found.table["source"].astype(object).to_numpy())
    middle = groups.median()[groups.count() >= LEAST_OF_SOURCE]
    if len(middle) < 2:
        return None
    low, high = str(middle.idxmin()), str(middle.idxmax())
    return (low, float(middle.min())), (high, float(middle.max()))
