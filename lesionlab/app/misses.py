"""How often a model misses a melanoma, as frequencies that one can picture: so many of 100.

People judge "11 of 100" better than a sensitivity of 0.89 (Gigerenzer et al. 2007, "Helping
Doctors and Patients Make Sense of Health Statistics").
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lesionlab.app.theme import class_colour
from lesionlab.evaluation.metrics import proportion_interval

# With fewer cases the interval spans half of all that is possible.
LEAST_CASES = 10
COLUMNS = 20
CASES = {"mel": "melanoma", "malignant": "cancer or a precursor"}
WHICH = {"test": "that it had never seen"}


@dataclass(frozen=True)
class Misses:
    """What a threshold leaves out, all as whole numbers of 100.

    Attributes:
        name: `mel` or `malignant`.
        num_cases: How many it was measured on.
        missed: Cases without an alarm, of 100.
        low: The 95 % interval of `missed`, with `high`.
        false_alarms: Others with an alarm, of 100; None where there were none.
        which: On which pictures this was counted.
        chosen: Whether the threshold was set on these very pictures, to miss so many.
    """

    name: str
    num_cases: int
    missed: int
    low: int
    high: int
    false_alarms: int | None
    which: str
    chosen: bool = False


def misses(evaluation: Mapping[str, Any] | None, name: str) -> Misses | None:
    """How often cases were missed at the model's own threshold.

    Args:
        evaluation: evaluation.json; older ones without intervals will do.
        name: `mel` or `malignant`.

    Returns:
        None where this was not measured.
    """
    row = ((evaluation or {}).get("thresholds") or {}).get(name)
    if not row or row.get("sensitivity") is None or not row.get("n"):
        return None
    cases = int(row["n"])
    interval = proportion_interval(round(row["sensitivity"] * cases), cases)
    low, high = interval or (0.0, 1.0)
    spared = row.get("specificity")
    return Misses(
        name,
        cases,
        missed=round(100 * (1 - row["sensitivity"])),
        low=math.floor(100 * (1 - high)),
        high=math.ceil(100 * (1 - low)),
        false_alarms=None if spared is None else round(100 * (1 - spared)),
        which=WHICH.get(part := str((evaluation or {}).get("part")), "that it was tried on"),
        chosen=part == "validation",
    )


def sentence(found: Misses, drawn: bool) -> str:
    """The misses in plain words, in Markdown.

    Args:
        drawn: Whether these were drawn pictures.
    """
    case = CASES[found.name]
    kind = "drawn pictures" if drawn else "pictures"
    if found.num_cases < LEAST_CASES:
        return (
            f"Only {found.num_cases} {kind} of {case} were among those that it was tried on: too "
            "few to say how often it misses one."
        )
    if found.chosen:
        words = (
            f"The threshold of its alarm for {case} was set on {found.num_cases:,} {kind} so that "
            f"about **{found.missed}** of 100 are missed. Of new ones it may miss more."
        )
    else:
        words = (
            f"Of 100 {kind} of {case} {found.which}, it missed about **{found.missed}**: it raised "
            f"no alarm. It was tried on {found.num_cases:,}, so the true number is likely between "
            f"{found.low} and {found.high}."
        )
    if found.false_alarms is not None:
        words += (
            f" Of 100 {kind} of something else it raised a false alarm for about "
            f"**{found.false_alarms}**."
        )
    return words


def elsewhere(evaluation: Mapping[str, Any] | None) -> str:
    """How such a model fared in clinics that it did not know, in Markdown.

    Args:
        evaluation: evaluation.json. `elsewhere` has a row for each clinic that a model of the same
            kind was trained without, with the `melanoma_sensitivity` at 15 false alarms of 100.
    """
    rows = (evaluation or {}).get("elsewhere") or []
    known = [row.get("melanoma_sensitivity") for row in rows]
    found = [share for share in known if share is not None]
    if not found:
        return "With another camera, clinic or skin tone it may miss more."
    least, most = (round(100 * (1 - share)) for share in (max(found), min(found)))
    return (
        f"**In another clinic it will miss more.** Networks of its kind were trained without one "
        f"of {len(found)} clinics each, and tried there: they missed {least} to {most} of 100 "
        "melanomas, with a false alarm for 15 of 100 others. On skin tones and cameras that it "
        "does not know nothing was measured."
    )


def array_html(found: Misses) -> str:
    """A hundred dots, one a case: full ones were missed. With words for those who do not see it."""
    colour = class_colour(found.name)
    alt = f"{found.missed} of 100 dots are full: pictures of {CASES[found.name]} that it missed."
    base = "aspect-ratio:1;border-radius:50%;box-sizing:border-box;"
    found_dot = f'<i style="{base}border:1.5px solid var(--ll-soft);opacity:.6"></i>'
    missed_dot = f'<i style="{base}background:{colour};border:1.5px solid {colour}"></i>'
    dots = missed_dot * found.missed + found_dot * (100 - found.missed)
    grid = f"display:grid;grid-template-columns:repeat({COLUMNS},1fr);gap:4px;max-width:26rem"
    mark = "display:inline-block;width:.75rem;vertical-align:-.08rem;margin-right:.3rem;"
    legend = (
        f'<i style="{mark}{base}background:{colour};border:1.5px solid {colour}"></i>missed '
        f'<i style="{mark}{base}border:1.5px solid var(--ll-soft);margin-left:.9rem"></i>found'
    )
    return (
        f'<figure class="ll-figure"><div role="img" aria-label="{html.escape(alt)}" '
        f'style="{grid}">{dots}</div><figcaption>{legend}, of 100 pictures of '
        f"{CASES[found.name]}</figcaption></figure>"
    )
