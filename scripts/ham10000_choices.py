"""The experiments among which the shipped model of HAM10000 was chosen.

Each is the basis with a few fields changed, so that any of them can be run in the app, too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from lesionlab.experiment import Experiment, parse, with_settings

# Every angle and both mirror images are as likely in a dermatoscope; colour means much there, so
# it is changed but little.
BASIS = parse(
    {
        "name": "ham10000-isic8",
        "seed": 2026,
        "data": {"name": "ham10000", "class_set": "isic8"},
        "split": {"given": True},
        # The pictures to learn from are JPEG of quality 75: a larger one becomes like them.
        "preprocessing": {"size": [120, 160], "longest": 200, "jpeg_quality": 75},
        "augmentation": {
            "rotation": 180,
            "zoom": 0.15,
            "shift": 0.05,
            "horizontal_flip": True,
            "vertical_flip": True,
            "brightness": 0.1,
            "contrast": 0.1,
            "saturation": 0.1,
            "hue": 0.01,
            "fill": "reflect",
        },
        "model": {"network": "mobilenetv2", "alpha": 0.35, "dropout": 0.2},
        "evaluation": {"test_time": "flips"},
        "training": {
            "class_weights": "sqrt",
            "keep": "last",
            "phases": [
                {
                    "epochs": 10,
                    "optimizer": "adamw",
                    "learning_rate": 1e-3,
                    "weight_decay": 1e-4,
                    "warmup_epochs": 0.5,
                    "schedule": "cosine",
                }
            ],
        },
    }
)

# First the answer to rare classes was chosen, then the rest on top of it.
LOGITS = ("training.class_weights=none", "training.logit_adjustment=1.0")
# How the wide ones go on: for eight epochs at half the rate, with more zoom.
GONE_ON = (
    *LOGITS,
    "model.alpha=1.0",
    "augmentation.zoom=0.4",
    "training.epochs=8",
    "training.phases.0.learning_rate=5e-4",
)
LARGE = (*GONE_ON, "preprocessing.size=[144, 192]")
# Changed little, at the pictures' own size: as the plain script does, with logit adjustment.
LIGHT = (
    *LOGITS,
    "preprocessing.size=[150, 200]",
    "augmentation.rotation=45",
    "augmentation.zoom=0.1",
    "augmentation.shift=0.0",
    "augmentation.brightness=0.0",
    "augmentation.contrast=0.0",
    "augmentation.saturation=0.0",
    "augmentation.hue=0.0",
    "training.epochs=12",
)
# Pictures enlarged beyond their own size: slow to answer with, so these only teach.
ENLARGED = (
    "model.alpha=1.0",
    "preprocessing.size=[192, 256]",
    "training.batch_size=64",
    "training.ema_decay=0.998",
)
CHANGES: dict[str, tuple[str, ...]] = {
    "basis": (),
    "plain weights": ("training.class_weights=none",),
    "logit adjustment": LOGITS,
    "wide": (*LOGITS, "model.alpha=1.0"),
    "wide, longer": (*LOGITS, "model.alpha=1.0", "training.epochs=24"),
    "averaged weights": (*LOGITS, "training.ema_decay=0.998"),
    "mixup": (*LOGITS, "training.mixup=0.2"),
    "label smoothing": (*LOGITS, "training.label_smoothing=0.1"),
    "large": (*LOGITS, "preprocessing.size=[144, 192]"),
    "even light": (*LOGITS, "preprocessing.colour_constancy=shades-of-grey"),
    "no colour changes": (
        *LOGITS,
        "augmentation.brightness=0.0",
        "augmentation.contrast=0.0",
        "augmentation.saturation=0.0",
        "augmentation.hue=0.0",
    ),
    "strong colours": (
        *LOGITS,
        "augmentation.brightness=0.3",
        "augmentation.contrast=0.3",
        "augmentation.saturation=0.4",
        "augmentation.hue=0.04",
    ),
    "little turning": (*LOGITS, "augmentation.rotation=45"),
    "light and large": LIGHT,
    "wide, light and large": (*LIGHT, "model.alpha=1.0"),
    "strong zoom": (*LOGITS, "augmentation.zoom=0.4"),
    "wide, longer, strong zoom": GONE_ON,
    "enlarged": (*LOGITS, *ENLARGED, "augmentation.zoom=0.25", "training.epochs=24"),
    "enlarged, changed little": (*LIGHT, *ENLARGED, "training.epochs=20"),
    # It ends early, before it knows its pictures by heart, with an average over the last steps.
    "taught": (
        *LOGITS,
        "model.alpha=1.0",
        "preprocessing.size=[150, 200]",
        "augmentation.zoom=0.25",
        "training.ema_decay=0.998",
        "training.phases.0.final_factor=0.1",
    ),
    # The first half of a cosine of 24 epochs or so, averaged over some four of them.
    "taught, larger batches": (
        *LOGITS,
        "model.alpha=1.0",
        "preprocessing.size=[150, 200]",
        "augmentation.zoom=0.25",
        "training.batch_size=64",
        "training.ema_decay=0.998",
        "training.epochs=13",
        "training.phases.0.final_factor=0.4",
    ),
    # At a rate that stays high, averaged over some four epochs.
    "taught at the end": (
        *LOGITS,
        "model.alpha=1.0",
        "augmentation.zoom=0.25",
        "training.batch_size=64",
        "training.ema_decay=0.998",
        "training.epochs=8",
        "training.phases.0.learning_rate=5e-4",
        "training.phases.0.schedule=constant",
    ),
    "wide, small first": (
        *LOGITS,
        "model.alpha=1.0",
        "preprocessing.size=[96, 128]",
        "training.epochs=24",
    ),
    "wide, small first, then large": LARGE,
    "wide, small first, then large, distilled": LARGE,
}
# Whose mean answer a choice learns from beside the labels: other choices on the same fold.
TEACHERS = {
    "taught": ("enlarged", "enlarged, changed little"),
    "taught, larger batches": ("enlarged", "enlarged, changed little"),
    "taught at the end": ("enlarged", "enlarged, changed little"),
    "wide, small first, then large, distilled": ("wide, longer, strong zoom",),
}
# From whose weights a choice goes on: another choice on the same fold.
GOES_ON = {
    "wide, longer, strong zoom": "wide, longer",
    "taught at the end": "wide, longer, strong zoom",
    "wide, small first, then large": "wide, small first",
    "wide, small first, then large, distilled": "wide, small first",
}


def choice(name: str, teachers: Sequence[Path] = (), before: Path | None = None) -> Experiment:
    """The experiment of that name.

    Args:
        teachers: The bundles of its teachers, where it has some.
        before: The bundle that it goes on from, where it goes on from one.
    """
    folders = json.dumps([str(folder) for folder in teachers])
    more = [f"training.distillation.teachers={folders}"] if teachers else []
    more += [f"model.weights={before}"] if before else []
    return with_settings(BASIS, [*CHANGES[name], *more, f"title=HAM10000: {name}"])


# What is compared on one fold: at most ten epochs each, teachers included.
SCREENED = tuple(
    name
    for name in CHANGES
    if name not in GOES_ON and name not in TEACHERS and choice(name).training.epochs <= 10
)

# What is shipped; and the best two of the screening, which are repeated on all folds.
SHIPPED = "wide, longer, strong zoom"
REPEATED = ("wide", "logit adjustment")

# What was tried with more epochs than the screening has: choices, and their folds.
LONGER: tuple[tuple[str, int], ...] = (
    *(("wide, longer", fold) for fold in (0, 1, 2)),
    (SHIPPED, 0),
    *(("wide, small first, then large", fold) for fold in (0, 1)),
    ("wide, small first, then large, distilled", 0),
    ("light and large", 0),
    ("wide, light and large", 0),
    *((name, fold) for name in ("enlarged", "enlarged, changed little") for fold in (0, 1, 2)),
    ("taught", 0),
    ("taught, larger batches", 0),
    ("taught at the end", 0),
)

# Trained once without each source, to see what is left of it elsewhere.
LEFT_OUT = "light and large"

# Weights to start from where there are few pictures: `elsewhere` is this choice, trained without
# the source that the few pictures are from.
STARTS = ("random", "imagenet", "elsewhere")
START_FROM = "logit adjustment"


def start_from(weights: str) -> Experiment:
    """Fifteen epochs on few pictures, from these weights."""
    return with_settings(
        BASIS, [f"model.weights={weights}", "training.epochs=15", f"title=Few, from {weights}"]
    )
