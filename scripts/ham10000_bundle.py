"""The bundle of the shipped model of HAM10000, and what its card tells beyond the usual."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
from ham10000_choices import LEFT_OUT, SHIPPED, choice
from ham10000_folds import SOURCES, run_folder
from printing import PrintingTask

from lesionlab.data.sources.known import KNOWN
from lesionlab.evaluation.card import model_card
from lesionlab.evaluation.evaluate import evaluate_model
from lesionlab.evaluation.report import EVALUATION, PREDICTIONS
from lesionlab.experiment import Experiment
from lesionlab.files import read_json
from lesionlab.models.bundle import read_description, read_history, read_weights, write_bundle
from lesionlab.models.description import Description
from lesionlab.settings import ASSETS
from lesionlab.training.job import SCORES

NAME = "ham10000-isic8"
TITLE = "Network trained on photographs, HAM10000"
SPLIT = (
    "## How the pictures were dealt out\n\n85 % of the lesions to learn from, 15 % to judge by, "
    "each lesion with all its pictures on one side: scikit-learn's GroupShuffleSplit(1, "
    "test_size=0.15, random_state=0) over the rows of labels.csv, grouped by lesion_id."
)
SKIN = (
    "## Dark skin\n\nThe pictures were taken in Austria and Australia; dark skin is nearly absent "
    "from them. What the model says of a lesion on dark skin was never tested."
)


def ship(place: Path, run: Path, data: Path) -> Path:
    """Write the bundle of a finished run, judged anew, with the names and licence of its data.

    Args:
        place: Below which the scores of trainings without a source lie.
        run: The folder of the run.
        data: The folder of its fold.

    Raises:
        SystemExit: A source was not left out yet, or the run's validation part is not in `data`.
    """
    facts = KNOWN["ham10000"]
    trained, clinics = run / "model", elsewhere(place)
    description, history = whole_course(trained)
    task = PrintingTask(place / "evaluation")
    report = evaluate_model(str(trained), str(data), "validation", task=task)
    if report["part"] != "validation":
        raise SystemExit(f"Expected to judge the validation part. Judged was {report['part']}.")
    report |= {"model": NAME, "data": facts.title, "note": _note(description.experiment)}
    report |= {"elsewhere": clinics}
    seen = {
        "name": "ham10000",
        "title": facts.title,
        "licence": facts.licence,
        "citation": facts.citation,
    }
    description = description.model_copy(
        update={
            "name": NAME,
            "experiment": told(description.experiment),
            "data": description.data.model_copy(update=seen),
            "scores": {key: report[key] for key in SCORES},
        }
    )
    extra = {
        EVALUATION: json.dumps(report, indent=1).encode(),
        PREDICTIONS: _without_names(task.folder / PREDICTIONS),
    }
    bundle = ASSETS / "models" / NAME
    card = model_card(description, report, further=[SPLIT, clinics_section(clinics), SKIN])
    write_bundle(bundle, description, read_weights(trained), history, card, extra)
    return bundle


def whole_course(trained: Path) -> tuple[Description, pd.DataFrame]:
    """What a bundle says of itself and its learning curves, those that it went on from included."""
    description, history = read_description(trained), read_history(trained)
    before = Path(description.experiment.model.weights)
    if not before.is_dir():
        return description, history
    first, earlier = whole_course(before)
    epochs, phases = len(earlier), int(earlier["phase"].max()) + 1
    history = history.assign(epoch=history["epoch"] + epochs, phase=history["phase"] + phases)
    otherwise = _otherwise(first.experiment, description.experiment)
    start = (
        f"{first.start_weights} It learned for {epochs} epochs"
        f"{f' with {otherwise}' if otherwise else ''}, and went on as told here."
    )
    weights = first.experiment.model.weights
    model = description.experiment.model.model_copy(update={"weights": weights})
    experiment = description.experiment.model_copy(update={"model": model})
    whole = description.model_copy(update={"start_weights": start, "experiment": experiment})
    return whole, pd.concat([earlier, history], ignore_index=True)


def _otherwise(first: Experiment, then: Experiment) -> str:
    """Which fields of the first of two trainings were others, such as `zoom = 0.15`."""
    fields = [_fields(experiment.model_dump(mode="json")) for experiment in (first, then)]
    return ", ".join(
        f"{key.rpartition('.')[2]} = {_value(value)}"
        for key, value in fields[0].items()
        if key.startswith(("preprocessing.", "augmentation.", "training."))
        and not key.endswith((".epochs", ".teachers"))
        and fields[1].get(key) != value
    )


def _value(value: Any) -> str:
    return "×".join(map(str, value)) if isinstance(value, list) else str(value)


def _fields(words: Any, place: str = "") -> dict[str, Any]:
    """All single values of nested words, by their places: `training.phases.0.epochs`.

    A list of numbers, such as a size, is one value.
    """
    nested = isinstance(words, dict) or (
        isinstance(words, list) and any(isinstance(value, dict | list) for value in words)
    )
    if not nested:
        return {place: words}
    items = words.items() if isinstance(words, dict) else enumerate(words)
    found: dict[str, Any] = {}
    for key, value in items:
        found |= _fields(value, f"{place}.{key}" if place else str(key))
    return found


def told(experiment: Experiment) -> Experiment:
    """As the bundle tells it: with a title of its own, and its teachers by name, not by place."""
    distillation = experiment.training.distillation
    names = tuple(Path(teacher).parent.name for teacher in distillation.teachers)
    named = distillation.model_copy(update={"teachers": names})
    training = experiment.training.model_copy(update={"distillation": named})
    return experiment.model_copy(update={"title": TITLE, "training": training})


def _note(experiment: Experiment) -> str:
    chosen = "the temperature and the thresholds were chosen on them"
    if experiment.training.keep != "last":
        chosen = f"the epoch, {chosen.replace(' were', ' of the answers were', 1)}"
    return (
        "These are 15 % of the lesions, with all their pictures, of which it has learned none; "
        f"but {chosen}, and this training was chosen among others by them, so the numbers are "
        "somewhat better than on new pictures."
    )


def _without_names(path: Path) -> bytes:
    """The predictions, with numbers in place of the pictures' names, which are not ours to give."""
    table = pd.read_parquet(path)
    numbers = [f"picture-{number:04d}" for number in range(1, len(table) + 1)]
    buffer = io.BytesIO()
    table.assign(image_id=numbers, path=numbers).to_parquet(buffer)
    return buffer.getvalue()


def elsewhere(place: Path) -> list[dict[str, Any]]:
    """The scores on each source by a model that has seen none of its pictures.

    Raises:
        SystemExit: One was not run yet.
    """
    rows = []
    for name in SOURCES:
        found = read_json(run_folder(place, LEFT_OUT, name) / "scores.json")
        if not isinstance(found, dict):
            raise SystemExit(
                f"Expected the scores of a training without {name}, for the card. There are none. "
                "Run --only sources first."
            )
        rows.append({"source": name, **found})
    return rows


def clinics_section(rows: list[dict[str, Any]]) -> str:
    """The card's section on these."""
    lines = [
        "## In another clinic",
        "",
        f"{_which(LEFT_OUT)} was run once without each of these sources of the data, and judged on "
        "that source. This is nearer to what it is worth in a new clinic than the numbers above.",
        "",
        "| source left out | pictures | mean AUC | balanced accuracy | melanomas found, of 100 |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [row["source"], f"{row['num']:,}"]
        for key in ("macro_auc", "balanced_accuracy"):
            interval = row.get(f"{key}_interval")
            words = f" ({interval[0]:.2f} to {interval[1]:.2f})" if interval else ""
            cells.append(f"{row[key]:.2f}{words}")
        interval = row.get("melanoma_sensitivity_interval")
        words = f" ({100 * interval[0]:.0f} to {100 * interval[1]:.0f})" if interval else ""
        cells.append(f"{100 * row['melanoma_sensitivity']:.0f}{words}")
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        "In the seven classes of HAM10000, in brackets 95 % intervals. Melanomas are counted at a "
        "threshold set on that very source, at which 85 of 100 other pictures are not called "
        "melanoma: with a threshold from elsewhere both numbers would be others. A class that a "
        "source does not have does not count.",
    ]
    return "\n".join(lines)


def _which(name: str) -> str:
    """How the card calls the training that sources were left out of."""
    if name == SHIPPED:
        return "The same training"
    experiment = choice(name)
    return (
        f"Another training of the same kind (width {experiment.model.alpha:g}, "
        f"{experiment.training.epochs} epochs)"
    )
