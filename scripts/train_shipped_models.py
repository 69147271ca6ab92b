"""Train the models that come with lesionlab, by the same engine as any other run.

    python scripts/train_shipped_models.py synthetic-small

Draws pictures of its own (another seed than any set that the app makes, so that the model has seen
none of them), trains, evaluates on the shipped drawings, and writes assets/models/<name>. Stopped
and started again it goes on. About five minutes on two cores.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from lesionlab import settings
from lesionlab.data.store import SHIPPED_NAME
from lesionlab.data.synthetic.synthesize import synthesize
from lesionlab.evaluation.card import model_card
from lesionlab.evaluation.evaluate import evaluate_model
from lesionlab.evaluation.report import EVALUATION, PREDICTIONS
from lesionlab.experiment import Experiment, recipe, with_settings
from lesionlab.models.bundle import read_description, read_history, read_weights, write_bundle
from lesionlab.settings import ASSETS
from lesionlab.task import QuietTask
from lesionlab.training.job import SCORES, run_train

# With twice as many it makes hardly a mistake, and a lesson on mistakes has nothing to show.
PER_CLASS = 100
# The app draws its sets with seed 0: a model that had seen those would look better than it is.
SEED = 20_261
LARGEST_BUNDLE = 3_000_000


class PrintingTask(QuietTask):
    """Shows epochs and, every few seconds, how far it is."""

    def __init__(self, folder: Path, spec: dict[str, Any] | None = None) -> None:
        super().__init__(folder, spec)
        folder.mkdir(parents=True, exist_ok=True)
        self._shown = 0.0

    def progress(self, fraction: float, message: str) -> None:
        if time.monotonic() - self._shown > 10:
            self._shown = time.monotonic()
            print(f"{fraction:4.0%}  {message}", flush=True)

    def metrics(self, line: dict[str, Any]) -> None:
        if line["kind"] != "iteration":
            print(json.dumps(line), flush=True)


def synthetic_small() -> Experiment:
    """What the shipped model of drawn lesions is."""
    return with_settings(
        recipe("small-cnn"),
        [
            "name=synthetic-small",
            "title=Small network, trained on drawings",
            "description=Comes with lesionlab, so that every page has something to show at once.",
            "split={train=0.8, validation=0.2, test=0.0}",
            "training.deterministic=true",
            f"seed={SEED}",
        ],
    )


EXPERIMENTS = {"synthetic-small": synthetic_small}


def train_shipped(name: str) -> Path:
    """Train and write one model; gives the bundle's folder."""
    experiment = EXPERIMENTS[name]()
    folder = settings.current().cache / "shipped" / name
    drawings = folder / f"synthetic-seed-{SEED}"
    if not (drawings / "labels.csv").is_file():
        task = PrintingTask(folder)
        synthesize(drawings, PER_CLASS, seed=SEED, progress=task.progress)
    words = experiment.model_dump(mode="json", exclude_none=True)
    run_train(PrintingTask(folder / "run", {"experiment": words, "data": str(drawings)}))

    trained = folder / "run" / "model"
    task = PrintingTask(folder / "evaluation")
    report = {**evaluate_model(str(trained), SHIPPED_NAME, task=task), "model": name}
    description = read_description(trained)
    title = f"Drawn lesions, {PER_CLASS} a class, seed {SEED}"
    description = description.model_copy(
        update={
            "name": name,
            "data": description.data.model_copy(update={"title": title}),
            "scores": {key: report[key] for key in SCORES},
        }
    )
    extra = {
        EVALUATION: json.dumps(report, indent=1).encode(),
        PREDICTIONS: (task.folder / PREDICTIONS).read_bytes(),
    }
    bundle = ASSETS / "models" / name
    card = model_card(description, report)
    write_bundle(bundle, description, read_weights(trained), read_history(trained), card, extra)
    return bundle


def main() -> None:
    names = sys.argv[1:]
    if not names or set(names) - set(EXPERIMENTS):
        sys.exit(f"usage: train_shipped_models.py NAME...  ({', '.join(EXPERIMENTS)})")
    for name in names:
        bundle = train_shipped(name)
        size = sum(path.stat().st_size for path in bundle.iterdir())
        print(f"{bundle}: {size / 1e6:.2f} MB")
        print((bundle / "card.md").read_text())
        if size > LARGEST_BUNDLE:
            sys.exit(f"{name} is larger than {LARGEST_BUNDLE / 1e6} MB.")


if __name__ == "__main__":
    main()
