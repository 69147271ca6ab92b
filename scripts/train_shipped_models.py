"""Train the models that come with lesionlab, by the same engine as any other run.

    python scripts/train_shipped_models.py synthetic-small
    python scripts/train_shipped_models.py DATA [--only ship|screen|folds|longer|start]

The first draws its own pictures (with another seed than any set that the app makes, so that the
model has seen none of them), trains, evaluates on the shipped drawings, and writes
assets/models/synthetic-small: about five minutes on two cores.

The second takes a folder with HAM10000 (ham10000_200x150.zip, or labels.csv beside images/),
writes assets/models/ham10000-isic8 (`--only ship` ends there, after some three hours on two
cores), and then runs the other trainings that ham10000_choices.py lists, which takes days; some of
them were done on a GPU. LESIONLAB_WEIGHTS names a folder with ImageNet weights where Keras cannot
fetch them.

Stopped and started again, both go on where they were.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import ham10000
import ham10000_bundle
from judged_bundle import write_judged_bundle
from printing import PrintingTask

from lesionlab import settings
from lesionlab.data.store import SHIPPED_NAME
from lesionlab.data.synthetic.synthesize import synthesize
from lesionlab.evaluation.evaluate import evaluate_model
from lesionlab.evaluation.report import PREDICTIONS
from lesionlab.experiment import Experiment, recipe, with_settings
from lesionlab.models.bundle import put_in_place, read_description, read_history
from lesionlab.settings import ASSETS
from lesionlab.training.job import run_train

SYNTHETIC = "synthetic-small"
# With twice as many it makes hardly a mistake, and a lesson on mistakes has nothing to show.
PER_CLASS = 100
# The app draws its sets with seed 0: a model that had seen those would look better than it is.
SEED = 20_261
LARGEST = {SYNTHETIC: 3_000_000, ham10000_bundle.NAME: 10_000_000}


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


def train_synthetic() -> Path:
    """Train and write the model of drawings; gives the bundle's folder."""
    name, experiment = SYNTHETIC, synthetic_small()
    folder = settings.current().cache / "shipped" / name
    drawings = folder / f"synthetic-seed-{SEED}"
    if not (drawings / "labels.csv").is_file():
        task = PrintingTask(folder)
        synthesize(drawings, PER_CLASS, seed=SEED, progress=task.progress)
    words = experiment.model_dump(mode="json", exclude_none=True)
    run_train(PrintingTask(folder / "run", {"experiment": words, "data": str(drawings)}))

    return _ship_synthetic(folder / "run" / "model", folder)


def _ship_synthetic(trained: Path, folder: Path) -> Path:
    """Write the bundle of a finished run, judged on the drawings that come with lesionlab."""
    name = SYNTHETIC
    task = PrintingTask(folder / "evaluation")
    report = {**evaluate_model(str(trained), SHIPPED_NAME, task=task), "model": name}
    description = read_description(trained)
    title = f"Drawn lesions, {PER_CLASS} a class, seed {SEED}"
    seen = description.data.model_copy(update={"title": title})
    description = description.model_copy(update={"name": name, "data": seen})
    predictions = (task.folder / PREDICTIONS).read_bytes()
    bundle = folder / name
    write_judged_bundle(bundle, trained, description, read_history(trained), report, predictions)
    return bundle


def main() -> None:
    match sys.argv[1:]:
        case ["-h" | "--help", *_]:
            print(__doc__)
        case [name] if name == SYNTHETIC:
            _put_into_assets(train_synthetic())
        case [data] if Path(data).is_dir():
            _photographs(Path(data), ham10000.STAGES)
        case [data, "--only", stage] if Path(data).is_dir() and stage in ham10000.STAGES:
            _photographs(Path(data), (stage,))
        case [data, *_] if not Path(data).is_dir():
            sys.exit(f"Expected {SYNTHETIC} or a folder with HAM10000. There is no folder {data}.")
        case [_, "--only", stage]:
            sys.exit(f"Expected one of {', '.join(ham10000.STAGES)}. Received {stage}.")
        case _:
            sys.exit(__doc__)


def _photographs(data: Path, stages: tuple[str, ...]) -> None:
    for stage in stages:
        bundle = ham10000.run(data, stage)
        if bundle is not None:
            _put_into_assets(bundle)


def _put_into_assets(bundle: Path) -> None:
    size = sum(path.stat().st_size for path in bundle.iterdir())
    print((bundle / "card.md").read_text())
    if size > LARGEST[bundle.name]:
        sys.exit(
            f"{bundle.name} may have {LARGEST[bundle.name] / 1e6} MB. {bundle} has "
            f"{size / 1e6:.2f} MB, and is not put into assets/."
        )
    target = ASSETS / "models" / bundle.name
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as aside:
        put_in_place(Path(shutil.copytree(bundle, Path(aside) / bundle.name)), target)
    print(f"assets/models/{bundle.name}: {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
