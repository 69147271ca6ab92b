"""The model card: what a model is, what it was trained on, how good it is, what it must not do.

After Mitchell et al. (2019), "Model Cards for Model Reporting".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lesionlab.data.split import SplitPlan
from lesionlab.diagnoses import DIAGNOSES
from lesionlab.evaluation.copies import WORDS
from lesionlab.evaluation.subgroups import LEAST_MELANOMAS, LEAST_PICTURES
from lesionlab.evaluation.thresholds import SUSPICIONS, alarm_words
from lesionlab.experiment_parts import Augmentation, Network, Training
from lesionlab.images.preprocess import steps
from lesionlab.models.description import Description
from lesionlab.models.networks import NETWORKS

STEPS = {
    "remove_caption": "cutting caption strips off",
    "crop_border": "cutting black borders off",
    "remove_hair": "painting hairs over",
    "colour_constancy": "correcting the light",
}
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
        _training(description, course),
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


def _training(description: Description, course: str) -> str:
    experiment = description.experiment
    height, width = experiment.preprocessing.size
    plan = experiment.preprocessing
    made_ready = [STEPS[name] for name, _ in steps(plan) if name in STEPS]
    if plan.longest is not None:
        reduced = f"reducing larger pictures until the longer side has {plan.longest} pixels"
        if plan.jpeg_quality is not None:
            reduced += f" and compressing these as JPEG of quality {plan.jpeg_quality}"
        made_ready.append(reduced)
    rows = [
        f"- Network: {_network(experiment.model)}, {description.num_parameters:,} parameters",
        f"- Start: {description.start_weights}",
        f"- Input: {height}×{width} pixels",
        f"- Made ready by: {', '.join(made_ready) or 'nothing but the change of size'}",
        f"- Changed at random in each epoch: {_changes(experiment.augmentation)}",
        f"- Learned for {course or _epochs(experiment.training)}, in batches of "
        f"{experiment.training.batch_size}, with {_optimizers(experiment.training)}",
        *_balance(experiment.training),
        *_teachers(experiment.training),
        f"- Asked for {WORDS[experiment.evaluation.test_time]}",
        f"- Temperature: {description.temperature:.2f} (its answers are made less sure by it where "
        "it is above 1, surer where it is below)",
        f"- Made: {description.created}, lesionlab {description.version}",
    ]
    return "\n".join(["## How it was trained", "", *rows])


def _changes(plan: Augmentation) -> str:
    amounts = {
        "turned by up to {:g}°": plan.rotation,
        "moved by up to {:g} %": 100 * plan.shift,
        "zoomed by up to {:g} %": 100 * plan.zoom,
        "slanted by up to {:g}°": plan.shear,
        "brightness by up to {:g} %": 100 * plan.brightness,
        "contrast by up to {:g} %": 100 * plan.contrast,
        "saturation by up to {:g} %": 100 * plan.saturation,
        "hue by up to {:g} % of the colour circle": 100 * plan.hue,
        "a square of up to {:g} % painted over": 100 * plan.cutout,
    }
    flips = {"mirrored to the side": plan.horizontal_flip, "upside down": plan.vertical_flip}
    words = [word for word, there in flips.items() if there]
    words += [word.format(amount) for word, amount in amounts.items() if amount]
    return ", ".join(words) or "not at all"


def _network(model: Network) -> str:
    facts = NETWORKS[model.network]
    width = f" of width {model.alpha:g}" if len(facts.parameters) > 1 else ""
    return f"{facts.title}{width}"


def _teachers(training: Training) -> list[str]:
    names = ", ".join(training.distillation.teachers)
    return [f"- Learned from the answers of other models, too: {names}"] if names else []


def _balance(training: Training) -> list[str]:
    rows = []
    if training.class_weights != "none":
        rows.append(f"- Rare classes counted more (class weights: {training.class_weights})")
    if training.logit_adjustment:
        rows.append(
            "- It learned to answer as if all classes were equally frequent (logit adjustment "
            f"{training.logit_adjustment:g})"
        )
    return rows


def _optimizers(training: Training) -> str:
    """Each once, in their order, with the learning rate that it began with."""
    used = [
        f"{phase.optimizer} (learning rate {phase.learning_rate:g})" for phase in training.phases
    ]
    return ", then ".join(dict.fromkeys(used))


def _epochs(training: Training) -> str:
    words = f"{training.epochs} epoch{'s' if training.epochs != 1 else ''}"
    # With patience it may have ended earlier.
    return words if training.patience is None else f"at most {words}"


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
        found = "too few to say"
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
