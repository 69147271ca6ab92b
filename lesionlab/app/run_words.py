"""Runs and experiments in plain words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from lesionlab.app.model_words import literal
from lesionlab.app.theme import PART_NAMES
from lesionlab.experiment import Experiment, Phase

if TYPE_CHECKING:  # the queue is loaded when a page needs it
    from lesionlab.jobs.record import Job
    from lesionlab.jobs.runs import Run
    from lesionlab.jobs.state import State

STATUS = {
    "queued": "waiting",
    "running": "learning",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
    "interrupted": "interrupted",
}
LIVE = ("queued", "running")
OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}
SCHEDULES = {
    "constant": "",
    "step": ", getting smaller in steps",
    "cosine": ", falling smoothly",
}


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st ..."""
    ending = (
        "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number}{ending}"


def experiment_sentence(draft: Experiment, data_title: str, num_images: int) -> str:
    """An experiment as a few sentences in Markdown."""
    height, width = draft.preprocessing.size
    weights = {"imagenet": "ImageNet weights", "random": "random weights"}.get(
        draft.model.weights, f"the model {draft.model.weights}"
    )
    cap = draft.data.per_class
    most = f", at most {cap} of a class" if cap else ""
    lines = [
        f"**{draft.title or draft.name}.** The network **{draft.model.network}** starts from "
        f"{weights} and looks at *{literal(data_title)}* ({num_images:,} pictures{most}) in "
        f"{len(draft.data.classes)} classes, at {height}×{width} pixels, "
        f"{draft.training.batch_size} at a time."
    ]
    phases = draft.training.phases
    if len(phases) == 1:
        lines.append(
            f"It learns for **{epochs_words(phases[0].epochs)}**: {phase_words(phases[0])}."
        )
    else:
        parts = [f"{epochs_words(phase.epochs)} ({phase_words(phase)})" for phase in phases]
        lines.append(f"It learns in {len(phases)} phases: {'; then '.join(parts)}.")
    changes = augmentation_words(draft)
    lines.append(f"Training pictures are {changes}." if changes else "Pictures stay as they are.")
    ways = ways_words(draft)
    if ways:
        lines.append(f"It learns with {ways}.")
    return " ".join(lines)


def ways_words(draft: Experiment) -> str:
    """What else helps it to learn, as a list of words, empty when nothing does."""
    training = draft.training
    num_teachers = len(training.distillation.teachers)
    words = [
        "averaged weights" if training.ema_decay else "",
        "class weights" if training.class_weights != "none" else "",
        "logit adjustment" if training.logit_adjustment else "",
        "label smoothing" if training.label_smoothing else "",
        "mixup" if training.mixup else "",
        "CutMix" if training.cutmix else "",
        f"{num_teachers} teacher{'s' if num_teachers > 1 else ''}" if num_teachers else "",
    ]
    return listed([word for word in words if word])


def epochs_words(number: int) -> str:
    return "1 epoch" if number == 1 else f"{number} epochs"


def phase_words(phase: Phase) -> str:
    """What may change in a phase, and how fast."""
    if phase.frozen == "all":
        learning = "only the new last layers learn"
    elif phase.frozen == 0:
        learning = "all layers learn"
    elif phase.frozen < 0:
        learning = f"the last {-phase.frozen} layers and the new ones learn"
    else:
        learning = f"the first {phase.frozen} layers stay frozen"
    alone = phase.frozen == "all"
    speed = phase.learning_rate * (phase.head_factor if alone else 1)
    rate = f"learning rate {speed:g} with {OPTIMIZERS[phase.optimizer]}"
    if phase.head_factor != 1 and not alone:
        rate += f" ({phase.head_factor:g} times that for the new last layers)"
    to_zero = " to zero" if phase.schedule == "cosine" and not phase.final_factor else ""
    warmup = ", after a warm-up" if phase.warmup_epochs else ""
    return f"{learning}, {rate}{SCHEDULES[phase.schedule]}{to_zero}{warmup}"


def augmentation_words(draft: Experiment) -> str:
    """The random changes as a list of words, empty when there are none."""
    changes = draft.augmentation
    flipped = changes.horizontal_flip or changes.vertical_flip
    coloured = any((changes.brightness, changes.contrast, changes.saturation, changes.hue))
    words = [
        f"turned by up to {changes.rotation:g}°" if changes.rotation else "",
        "shifted" if changes.shift else "",
        "zoomed" if changes.zoom else "",
        "sheared" if changes.shear else "",
        "flipped" if flipped else "",
        "recoloured" if coloured else "",
        "partly covered" if changes.cutout else "",
    ]
    return listed([word for word in words if word])


def listed(words: list[str]) -> str:
    """`a, b and c`."""
    return ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1] if words else ""


def state_sentence(state: State) -> str:
    """How a run stands, in one line."""
    if state.status == "queued":
        place = f"{ordinal(state.place)} in line" if state.place else "in line"
        return f"Waiting for a free computer: {place}."
    if state.status == "running":
        return state.message or "Starting"
    if state.status == "done":
        return f"Done{took(state)}."
    status = STATUS[state.status].capitalize()
    # The message of a cancelled run is that word alone.
    return f"{status}." if state.message.startswith(status) else f"{status}. {state.message}"


def took(state: State) -> str:
    """How long the last stretch of work took, as ` in 3 min 20 s`, or nothing when unknown."""
    if state.started is None or state.finished is None:
        return ""
    seconds = round((state.finished - state.started).total_seconds())
    if seconds < 60:
        return f" in {seconds} s"
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f" in {hours} h {minutes} min" if hours else f" in {minutes} min {seconds} s"


def named_run(job: Job) -> str:
    """What lists call a run; two of one name and minute are told apart by the end of their ids."""
    return f"{job.name} · {when(job.created)} · {job.id[-4:]}"


def run_title(run: Run, desk_id: str) -> str:
    """What a list calls a run that may be of another desk."""
    return named_run(run.job) + ("" if run.desk == desk_id else " · another desk")


def when(moment: datetime) -> str:
    """A moment in the machine's own time."""
    return f"{moment.astimezone():%d %b %H:%M}"


def runs_table(rows: list[tuple[Run, State, dict[str, Any] | None]]) -> pd.DataFrame:
    """A row a run: name, when, status, accuracy and balanced accuracy in percent, on what, id.

    Args:
        rows: Each run with its state and its evaluation.json.
    """
    parts = [str((evaluation or {}).get("part")) for _, _, evaluation in rows]
    return pd.DataFrame(
        {
            "Run": [run.name for run, _, _ in rows],
            "Asked for": [when(run.created) for run, _, _ in rows],
            "Status": [STATUS[state.status] for _, state, _ in rows],
            "Accuracy": _percent(rows, "accuracy"),
            "Balanced": _percent(rows, "balanced_accuracy"),
            "Scored on": [PART_NAMES.get(part, "") for part in parts],
            "Id": [run.id for run, _, _ in rows],
        }
    )


def _percent(rows: list[tuple[Run, State, dict[str, Any] | None]], key: str) -> list[float | None]:
    shares = [(evaluation or {}).get(key) for _, _, evaluation in rows]
    return [None if share is None else 100 * share for share in shares]
