"""The part of a model card that tells how a model was trained."""

from __future__ import annotations

from lesionlab.evaluation.copies import WORDS
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


def training_section(description: Description, course: str) -> str:
    """How a model was trained, as a section in Markdown.

    Args:
        description: What the model says of itself.
        course: How it learned, where it was in more than one training.
    """
    experiment = description.experiment
    height, width = experiment.preprocessing.size
    plan = experiment.preprocessing
    # Of several trainings the experiment is the last one; the start tells in what they differ.
    last = " in the last training" if course else ""
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
        f"- Changed at random in each epoch{last}: "
        f"{_changes(experiment.augmentation, experiment.training)}",
        f"- Learned for {course or _epochs(experiment.training)}, in batches of "
        f"{experiment.training.batch_size}, with {_optimizers(experiment.training)}{last}",
        *_frozen(experiment.training),
        *_balance(experiment.training),
        *_teachers(experiment.training),
        f"- Asked for {WORDS[experiment.evaluation.test_time]}",
        f"- Temperature: {description.temperature:.2f} (its answers are made less sure by it where "
        "it is above 1, surer where it is below)",
        f"- Made: {description.created}, lesionlab {description.version}",
    ]
    return "\n".join(["## How it was trained", "", *rows])


def _changes(plan: Augmentation, training: Training) -> str:
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
        "blended with another picture (mixup {:g})": training.mixup,
        "a piece of another picture pasted in (CutMix {:g})": training.cutmix,
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
    if training.label_smoothing:
        rows.append(f"- Labels made less sure (label smoothing {training.label_smoothing:g})")
    if training.ema_decay:
        rows.append(f"- Its weights are an average over the steps (decay {training.ema_decay:g})")
    return rows


def _frozen(training: Training) -> list[str]:
    """Which layers did not learn, a row a phase that has some."""
    rows = []
    for number, phase in enumerate(training.phases, start=1):
        if not phase.frozen:
            continue
        count = phase.frozen
        which = "all layers but the last one" if count == "all" else f"the first {count} layers"
        if count != "all" and count < 0:
            which = f"all layers but the last {1 - count}"
        when = f" in part {number} of {len(training.phases)}" if len(training.phases) > 1 else ""
        rows.append(f"- Did not learn{when}: {which}")
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
