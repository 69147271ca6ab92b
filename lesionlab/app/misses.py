"""How often a model misses a melanoma, as frequencies that one can picture: so many of 100.

People judge "11 of 100" better than a sensitivity of 0.89 (Gigerenzer et al. 2007, "Helping
Doctors and Patients Make Sense of Health Statistics").
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lesionlab.app.theme import class_colour
from lesionlab.evaluation.metrics import proportion_interval
from lesionlab.evaluation.thresholds import SUSPICIONS

# With fewer cases the interval spans half of all that is possible.
LEAST_CASES = 10
COLUMNS = 20
WHICH = {"test": "that it had never seen"}


@dataclass(frozen=True)
class Misses:
    """For how many cases a model raises no alarm, all as whole numbers of 100.

    Attributes:
        name: `mel` or `malignant`.
        num_cases: How many it was measured on.
        missed: Cases without an alarm, of 100.
        low: The 95 % interval of `missed`, with `high`.
        which: On which pictures this was counted.
        chosen: Whether the thresholds were set on these very pictures.
    """

    name: str
    num_cases: int
    missed: int
    low: int
    high: int
    which: str
    chosen: bool = False


def misses(evaluation: Mapping[str, Any] | None, name: str) -> Misses | None:
    """How often a model raised no alarm for a case: none of its thresholds was reached.

    Args:
        evaluation: evaluation.json.
        name: `mel` or `malignant`.

    Returns:
        None where this was not measured.
    """
    row = (_alarm(evaluation).get("cases") or {}).get(name)
    if not row or not row["n"]:
        return None
    cases, missed = int(row["n"]), int(row["num_missed"])
    low, high = proportion_interval(missed, cases) or (0.0, 1.0)
    part = str((evaluation or {}).get("part"))
    return Misses(
        name,
        cases,
        missed=round(100 * missed / cases),
        low=math.floor(100 * low),
        high=math.ceil(100 * high),
        which=WHICH.get(part, "that it was tried on"),
        chosen=part == "validation",
    )


def sentence(found: Misses, drawn: bool) -> str:
    """The misses in plain words, in Markdown.

    Args:
        drawn: Whether these were drawn pictures.
    """
    case = SUSPICIONS[found.name]
    kind = "drawn pictures" if drawn else "pictures"
    if found.num_cases < LEAST_CASES:
        return (
            f"Only {found.num_cases} {kind} of {case} were among those that it was tried on: too "
            "few to say how often it misses one."
        )
    which = "" if found.chosen else f" {found.which},"
    return (
        f"Of 100 {kind} of {case}{which} it missed about **{found.missed}**: it raised no alarm. "
        f"It was tried on {found.num_cases:,}, so the true number is likely between {found.low} "
        f"and {found.high}{', or above' if found.chosen else ''}."
    )


def chosen_note(measured: Iterable[Misses]) -> str:
    """That the alarm was set on the very pictures that it was tried on; empty where it was not."""
    if not any(found.chosen for found in measured):
        return ""
    return (
        "Its alarm was set on these very pictures, to find most cancers among them. Of new ones it "
        "may miss more."
    )


def false_alarms(evaluation: Mapping[str, Any] | None, drawn: bool) -> str:
    """How often the alarm was raised for nothing, in Markdown; empty where this is not known.

    Args:
        evaluation: evaluation.json.
        drawn: Whether these were drawn pictures.
    """
    alarm = _alarm(evaluation)
    if not alarm.get("num_harmless"):
        return ""
    share = round(100 * alarm["num_false"] / alarm["num_harmless"])
    kind = "drawn pictures" if drawn else "pictures"
    return f"Of 100 {kind} of something harmless it raised a false alarm for about **{share}**."


def tried_without(which: str) -> str:
    """How the numbers of other sources came about, as a sentence.

    Args:
        which: The sources, such as `4` or `these`.
    """
    return (
        f"Smaller networks of its kind learned without one of {which} sources each (an archive, a "
        "camera or a practice), and were tried on that one."
    )


def elsewhere(evaluation: Mapping[str, Any] | None) -> str:
    """How such a model fared with pictures from places that it did not know, in Markdown.

    Args:
        evaluation: evaluation.json. `elsewhere` has a row for each source of pictures that a model
            of the same kind was trained without, `at_home` is one that knew them all; each with
            `num_melanomas`, and the `melanoma_sensitivity` at 15 false alarms of 100.
    """
    rows = (evaluation or {}).get("elsewhere") or []
    found = [row for row in rows if row.get("melanoma_sensitivity") is not None]
    if not found:
        return "With another camera, clinic or skin tone it may miss more."
    missed = [
        f"**{_missed_of_100(row)}**"
        + (f" (tried on {row['num_melanomas']:,})" if row.get("num_melanomas") else "")
        for row in found
    ]
    listed = " and ".join(filter(None, [", ".join(missed[:-1]), missed[-1]]))
    home = (evaluation or {}).get("at_home") or {}
    all_known = ""
    if home.get("melanoma_sensitivity") is not None:
        all_known = (
            f" Where one knew all sources, it missed {_missed_of_100(home)} of 100 among pictures "
            "of all of them; part of the difference may lie in the lesions that each source has."
        )
    return (
        "**With pictures from elsewhere it may miss many more.** "
        f"{tried_without(str(len(found)))} Of 100 melanomas there they missed {listed}, with an "
        "alarm that was set on those very pictures, false for 15 of 100 others."
        f"{all_known} Dark skin was never tried."
    )


def _missed_of_100(row: Mapping[str, Any]) -> int:
    return round(100 * (1 - row["melanoma_sensitivity"]))


def _alarm(evaluation: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return (evaluation or {}).get("alarm") or {}


def array_html(found: Misses) -> str:
    """A hundred dots, one a case: full ones were missed. With words for those who do not see it."""
    colour = class_colour(found.name)
    alt = (
        f"{found.missed} of 100 dots are full: pictures of {SUSPICIONS[found.name]} that it missed."
    )
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
        f"{SUSPICIONS[found.name]}</figcaption></figure>"
    )
