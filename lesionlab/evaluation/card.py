"""The model card: what a model is, what it was trained on, how good it is, what it must not do.

After Mitchell et al. (2019), "Model Cards for Model Reporting".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lesionlab.diagnoses import DIAGNOSES
from lesionlab.images.preprocess import steps
from lesionlab.models.description import Description

NAMES = {"malignant": "cancer or precursor", "mel": "melanoma"}
STEPS = {
    "remove_caption": "cutting caption strips off",
    "crop_border": "cutting black borders off",
    "remove_hair": "painting hairs over",
    "colour_constancy": "correcting the light",
}
PARTS = {"all": "all of it", "unseen": "what it had not learned from"}


def model_card(description: Description, evaluation: Mapping[str, Any] | None) -> str:
    """The card in Markdown.

    Args:
        description: What the model says of itself.
        evaluation: As in evaluation.json; without one the card says so.
    """
    parts = [
        f"# {description.experiment.title or description.name}",
        _intended_use(description),
        _data(description),
        _training(description),
        _results(evaluation),
        _thresholds(evaluation),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


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


def _data(description: Description) -> str:
    data, plan = description.data, description.experiment.split
    rows = [
        f"- Data set: {data.title or data.name}",
        f"- Pictures it learned from: {data.num_train:,}",
        f"- Parts: {plan.train:.0%} training, {plan.validation:.0%} validation, "
        f"{plan.test:.0%} test",
    ]
    if data.licence:
        rows.append(f"- Licence of the pictures: {data.licence}")
    if data.citation:
        rows.append(f"- Source: {data.citation}")
    return "\n".join(["## What it has seen", "", *rows])


def _training(description: Description) -> str:
    experiment = description.experiment
    height, width = experiment.preprocessing.size
    made_ready = [STEPS[name] for name, _ in steps(experiment.preprocessing) if name in STEPS]
    rows = [
        f"- Network: {experiment.model.network}, {description.num_parameters:,} parameters",
        f"- Start: {description.start_weights}",
        f"- Input: {height}×{width} pixels",
        f"- Made ready by: {', '.join(made_ready) or 'nothing but the change of size'}",
        f"- At most {experiment.training.epochs} epochs in batches of "
        f"{experiment.training.batch_size}",
        f"- Temperature: {description.temperature:.2f}",
        f"- Made: {description.created}, lesionlab {description.version}",
    ]
    return "\n".join(["## How it was trained", "", *rows])


def _results(evaluation: Mapping[str, Any] | None) -> str:
    if evaluation is None:
        return "## How good it is\n\nIt was not evaluated."
    low, high = evaluation["accuracy_interval"]
    part = PARTS.get(evaluation["part"], f"{evaluation['part']} part")
    lines = [
        f"On {evaluation['n']:,} pictures of {evaluation['data']} ({part}):",
        "",
        f"- Accuracy {_number(evaluation['accuracy'])} (95 % interval {low:.2f} to {high:.2f})",
        f"- Balanced accuracy {_number(evaluation['balanced_accuracy'])}",
        f"- Mean AUC {_number(evaluation['macro_auc'])}",
        f"- Calibration error {_number(evaluation['ece'])}",
    ]
    if evaluation.get("note"):
        lines += ["", evaluation["note"]]
    lines += [
        "",
        "| class | pictures | sensitivity | specificity | precision | AUC |",
        "|---|---|---|---|---|---|",
    ]
    for code, row in evaluation["per_class"].items():
        numbers = (row[key] for key in ("sensitivity", "specificity", "precision", "auc"))
        cells = " | ".join(_number(number) for number in numbers)
        lines.append(f"| {code.upper()} | {row['n']} | {cells} |")
    return "\n".join(["## How good it is", "", *lines])


def _thresholds(evaluation: Mapping[str, Any] | None) -> str:
    if not evaluation or not evaluation.get("thresholds"):
        return ""
    lines = [
        f"- {NAMES.get(name, name)} from {row['threshold']:.3f} on: sensitivity "
        f"{_number(row['sensitivity'])}, specificity {_number(row['specificity'])}"
        for name, row in evaluation["thresholds"].items()
    ]
    return "\n".join(["## When it calls a picture suspicious", "", *lines])


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2f}"
