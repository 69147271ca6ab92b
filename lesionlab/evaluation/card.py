"""The model card: what a model is, what it was trained on, how good it is, what it must not do.

After Mitchell et al. (2019), "Model Cards for Model Reporting".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lesionlab.data.split import SplitPlan
from lesionlab.diagnoses import DIAGNOSES
from lesionlab.evaluation.card_training import training_section
from lesionlab.evaluation.subgroups import LEAST_MELANOMAS, LEAST_PICTURES
from lesionlab.evaluation.thresholds import SUSPICIONS, alarm_words
from lesionlab.models.description import Description

PARTS = {"all": "all of it", "unseen": "what it had not learned from"}


def model_card(
    description: Description,
    evaluation: Mapping[str, Any] | None,
    further: Sequence[str] = (),
    parts: str = "",
    course: str = "",
) -> str:
    """The card in Markdown.

    Args:
        description: What the model says of itself.
        evaluation: As in evaluation.json; without one the card says so.
        further: Sections to stand at its end, such as scores on pictures from elsewhere.
        parts: How the pictures were dealt out, where the experiment does not tell it.
        course: How it learned, where it was in more than one training.
    """
    sections = [
        f"# {description.experiment.title or description.name}",
        _intended_use(description),
        _data(description, parts),
        training_section(description, course),
        _results(evaluation),
        _thresholds(evaluation, description.experiment.evaluation.target_sensitivity),
        _subgroups(evaluation),
        _limits(description, evaluation),
        *further,
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _intended_use(description: Description) -> str:
    lines = [
        "## What it is for",
        "",
        "Teaching and research. It is not a medical device and gives no diagnosis.",
    ]
    if description.drawn:
        lines += ["", "It has only seen drawings and cannot judge a photograph."]
    names = [f"{DIAGNOSES[code].name} ({code.upper()})" for code in description.classes]
    return "\n".join([*lines, "", f"It chooses between: {', '.join(names)}."])


def _data(description: Description, parts: str) -> str:
    data, plan = description.data, description.experiment.split
    rows = [
        f"- Data set: {data.title or data.name}",
        f"- Pictures it learned from: {data.num_train:,}",
        f"- Parts: {parts or _parts(plan)}",
    ]
    if data.licence:
        rows.append(f"- Licence of the pictures: {data.licence}")
    if data.citation:
        rows.append(f"- Source: {data.citation}")
    return "\n".join(["## What it has seen", "", *rows])


def _parts(plan: SplitPlan) -> str:
    if plan.given:
        return "as they came with the data"
    return f"{plan.train:.0%} training, {plan.validation:.0%} validation, {plan.test:.0%} test"


def _results(evaluation: Mapping[str, Any] | None) -> str:
    if evaluation is None:
        return "## How good it is\n\nIt was not evaluated."
    part = PARTS.get(evaluation["part"], f"{evaluation['part']} part")
    lines = [
        f"On {evaluation['n']:,} pictures of {evaluation['data']} ({part}):",
        "",
        f"- Accuracy {_number(evaluation['accuracy'])}{_interval(evaluation, 'accuracy')}",
        f"- Balanced accuracy {_number(evaluation['balanced_accuracy'])}"
        f"{_interval(evaluation, 'balanced_accuracy')}",
        f"- Mean AUC {_number(evaluation['macro_auc'])}{_interval(evaluation, 'macro_auc')}",
        f"- Calibration error {_number(evaluation['ece'])}{_interval(evaluation, 'ece')}",
        "",
        "In brackets stand 95 % intervals. The accuracy is the share of pictures that it names "
        "right; the balanced accuracy is the mean of the classes' sensitivities, in which a rare "
        "class counts as much as a frequent one. The AUC is the chance that a picture of a class "
        "gets a higher probability for it than another picture does; 0.5 is guessing. The "
        "calibration error is how far its probabilities lie from how often it is right, on the "
        "whole.",
    ]
    if evaluation.get("note"):
        lines += ["", evaluation["note"]]
    earlier = " The alarm, in the next section, is raised earlier than that."
    lines += [
        "",
        "Sensitivity: the share of a class that is found. Specificity: the share of the others "
        "that is not taken for it. Precision: the share of its calls that is right. Here only the "
        f"likeliest class counts as the answer.{earlier if evaluation.get('alarm') else ''}",
        "",
        "| class | pictures | sensitivity | specificity | precision | AUC |",
        "|---|---|---|---|---|---|",
    ]
    for code, row in evaluation["per_class"].items():
        keys = ("sensitivity", "specificity", "precision", "auc")
        cells = " | ".join(_number(row[key]) + _interval(row, key) for key in keys)
        lines.append(f"| {code.upper()} | {row['n']} | {cells} |")
    return "\n".join(["## How good it is", "", *lines])


def _thresholds(evaluation: Mapping[str, Any] | None, target: float) -> str:
    if not evaluation or not evaluation.get("thresholds"):
        return ""
    lines = [
        f"- {SUSPICIONS.get(name, name)} from {row['threshold']:.3f} on: sensitivity "
        f"{_number(row['sensitivity'])}{_interval(row, 'sensitivity')} on {row['n']:,} cases, "
        f"specificity {_number(row['specificity'])}{_interval(row, 'specificity')}"
        if row["n"]
        else f"- {SUSPICIONS.get(name, name)} from {row['threshold']:.3f} on: there was no case "
        "among these pictures"
        for name, row in evaluation["thresholds"].items()
    ]
    if evaluation.get("alarm"):
        lines += ["", alarm_words(evaluation["alarm"])]
    if evaluation["part"] == "validation":
        share = round(100 * target)
        lines += [
            "",
            f"The thresholds were set on these very pictures, to find {share} of 100 cases.",
        ]
    return "\n".join(["## When it calls a picture suspicious", "", *lines])


def _subgroups(evaluation: Mapping[str, Any] | None) -> str:
    rows = (evaluation or {}).get("subgroups") or []
    if not rows:
        return ""
    lines = [
        "## For whom, and from where",
        "",
        "With 95 % intervals. The AUC and the balanced accuracy are means over the classes that "
        "occur in a group, so that a group with few classes cannot be compared fairly with others. "
        f"Melanomas are counted at the threshold for melanoma, above; under {LEAST_MELANOMAS} are "
        "too few to say.",
        "",
        "| by | group | pictures | mean AUC | balanced accuracy | melanomas | found of them |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        if "macro_auc" not in row:
            continue
        keys = ("macro_auc", "balanced_accuracy")
        scores = [_number(row[key]) + _interval(row, key) for key in keys]
        found = "too few to say" if row["num_melanomas"] < LEAST_MELANOMAS else "not known"
        if "melanoma_sensitivity" in row:
            found = _number(row["melanoma_sensitivity"]) + _interval(row, "melanoma_sensitivity")
        cells = [row["by"], row["group"], f"{row['n']:,}", *scores, f"{row['num_melanomas']:,}"]
        lines.append(f"| {' | '.join([*cells, found])} |")
    few = [f"{row['by']} {row['group']} ({row['n']})" for row in rows if "macro_auc" not in row]
    if few:
        lines += ["", f"Too few pictures to say, under {LEAST_PICTURES}: {', '.join(few)}."]
    return "\n".join(lines)


def _limits(description: Description, evaluation: Mapping[str, Any] | None) -> str:
    if description.drawn:
        return ""
    rows = (evaluation or {}).get("subgroups") or []
    known = [row for row in rows if row.get("melanoma_sensitivity") is not None]
    worst = min(known, key=lambda row: row["melanoma_sensitivity"], default=None)
    fewest = ""
    if worst is not None:
        share = worst["melanoma_sensitivity"]
        fewest = (
            f"It found the smallest share of melanomas in the group *{worst['by']}: "
            f"{worst['group']}*: {round(share * worst['num_melanomas'])} of "
            f"{worst['num_melanomas']}. "
        )
    notices = "It does not notice this by itself."
    if description.novelty:
        notices = "It notices this by itself only where colours or texture are grossly different."
    return (
        f"## Where it may fail\n\n{_weakest(evaluation)}{fewest}"
        "It knows the clinics, cameras and skin tones of the pictures that it has learned from. "
        f"On others it may be worse than the numbers here. {notices} "
        "Several pictures of one lesion count several times, so that the intervals are somewhat "
        "too narrow."
    )


def _weakest(evaluation: Mapping[str, Any] | None) -> str:
    """The classes of which it finds fewer than half, as a sentence; or ""."""
    weak = [
        f"{code.upper()} ({round(row['sensitivity'] * row['n'])} of {row['n']})"
        for code, row in ((evaluation or {}).get("per_class") or {}).items()
        if row["n"] and row["sensitivity"] < 0.5
    ]
    return f"It found fewer than half of: {', '.join(weak)}. " if weak else ""


def _interval(row: Mapping[str, Any], key: str) -> str:
    """Such as ` (0.81 to 0.92)`; empty where it is not known."""
    interval = row.get(f"{key}_interval")
    return f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else ""


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2f}"
