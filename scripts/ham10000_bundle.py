"""The bundle of the shipped model of HAM10000, and what its card tells beyond the usual."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pandas as pd
from ham10000_choices import LEFT_OUT, choice
from ham10000_folds import FOLDS, run_folder
from judged_bundle import write_judged_bundle
from printing import PrintingTask

from lesionlab.data.sources.known import HAM10000_PLACES, HAM10000_SOURCES, KNOWN
from lesionlab.evaluation.evaluate import evaluate_model
from lesionlab.evaluation.report import PREDICTIONS
from lesionlab.experiment import Experiment
from lesionlab.files import read_json
from lesionlab.models.bundle import read_description, read_history
from lesionlab.models.description import Description

NAME = "ham10000-isic8"
TITLE = "Network trained on photographs, HAM10000"
PARTS = (
    "85 % of the lesions to learn from, 15 % to judge by, each lesion with all its pictures on "
    "one side (scikit-learn's GroupShuffleSplit(1, test_size=0.15, random_state=0) over the rows "
    "of the table that it was trained from, grouped by lesion)"
)
SKIN = (
    "## Dark skin\n\nThe pictures were taken in Austria and Australia; dark skin is nearly absent "
    "from them. What the model says of a lesion on dark skin was never tested."
)

CARCINOMA = (
    "## Squamous cell carcinoma\n\nHAM10000 counts actinic keratosis and carcinoma that has not "
    "grown beyond the outermost layer of the skin (Bowen's disease) as one class; the pictures of "
    "SCC here come from it, and which of the two a picture shows is taken from the labels of ISIC "
    "2019. Of squamous cell carcinoma that has grown deeper it has hardly seen any."
)
NOTE = (
    "These are 15 % of the lesions, with all their pictures, of which it has learned none; but the "
    "temperature and the thresholds were chosen on them, and this training was chosen among others "
    "by them, so the numbers are somewhat better than on new pictures from the same places. With "
    "pictures from elsewhere it may be much worse: the model's card has numbers."
)


def ship(place: Path, run: Path, data: Path) -> Path:
    """Write the bundle of a finished run, judged anew, with the names and licence of its data.

    Args:
        place: Where the bundle is written, and below which the scores of other trainings lie.
        run: The folder of the run.
        data: The folder of its fold.

    Raises:
        SystemExit: The run's validation part is not in `data`.
    """
    facts = KNOWN["ham10000"]
    trained, sources, home = run / "model", elsewhere(place), at_home(place)
    description, history = whole_course(trained)
    task = PrintingTask(place / "evaluation")
    report = evaluate_model(str(trained), str(data), "validation", task=task)
    if report["part"] != "validation":
        raise SystemExit(f"Expected to judge the validation part. Judged was {report['part']}.")
    report |= {"model": NAME, "data": facts.title, "note": NOTE}
    report |= {"elsewhere": sources, "at_home": home}
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
        }
    )
    bundle = place / NAME
    write_judged_bundle(
        bundle,
        trained,
        description,
        history,
        report,
        _without_names(task.folder / PREDICTIONS),
        further=[*teachers_section(trained), sources_section([home, *sources]), CARCINOMA, SKIN],
        parts=PARTS,
        course=f"{len(history)} epochs in all",
    )
    return bundle


def whole_course(trained: Path) -> tuple[Description, pd.DataFrame]:
    """What a bundle says of itself and its learning curves, those that it went on from included."""
    description, history = read_description(trained), read_history(trained)
    before = Path(description.experiment.model.weights)
    if not before.is_dir():
        return description, history
    first, earlier = whole_course(before)
    theirs, ours = _differences(first.experiment, description.experiment)
    start = first.start_weights
    if not Path(first.experiment.model.weights).is_dir():
        start += f" It learned for {len(earlier)} epochs{theirs}."
    start += f" Then it learned for {len(history)} epochs{ours}."
    epochs, phases = len(earlier), int(earlier["phase"].max()) + 1
    history = history.assign(epoch=history["epoch"] + epochs, phase=history["phase"] + phases)
    whole = description.model_copy(update={"start_weights": start})
    return whole, pd.concat([earlier, history], ignore_index=True)


def teachers_section(trained: Path) -> list[str]:
    """The card's section on the teachers, which have learned from the same pictures; or none."""
    teachers = read_description(trained).experiment.training.distillation.teachers
    lines = []
    for folder in map(Path, teachers):
        experiment = read_description(folder).experiment
        lines.append(
            f"- {folder.parent.name}: {experiment.model.network} of width "
            f"{experiment.model.alpha:g}, input {_value(list(experiment.preprocessing.size))}, "
            f"{experiment.training.epochs} epochs"
        )
    if not lines:
        return []
    intro = (
        "They learned from the same pictures as it did, and from no others. They do not come with "
        "lesionlab."
    )
    return ["\n".join(["## Its teachers", "", intro, "", *lines])]


def _differences(first: Experiment, then: Experiment) -> tuple[str, str]:
    """In which fields two trainings differ, each in words: ` with zoom 0.15, learning rate 0.001`.

    Empty where they do not.
    """
    fields = [_fields(experiment.model_dump(mode="json")) for experiment in (first, then)]
    keys = [
        key
        for key in fields[0]
        if key.startswith(("preprocessing.", "augmentation.", "training."))
        and not key.endswith((".epochs", ".teachers"))
        and fields[0][key] != fields[1].get(key)
    ]
    words = [
        ", ".join(
            f"{key.rpartition('.')[2].replace('_', ' ')} {_value(values.get(key))}" for key in keys
        )
        for values in fields
    ]
    theirs, ours = (f" with {told}" if told else "" for told in words)
    return theirs, ours


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
    """As the bundle tells it: with a title of its own, and without places of other models.

    Teachers are called by name. `weights` are those that the first of its trainings began with.
    """
    distillation, model = experiment.training.distillation, experiment.model
    names = tuple(Path(teacher).parent.name for teacher in distillation.teachers)
    named = distillation.model_copy(update={"teachers": names})
    training = experiment.training.model_copy(update={"distillation": named})
    while Path(model.weights).is_dir():
        # What it went on from does not come with lesionlab; the description tells the whole course.
        before = read_description(Path(model.weights)).experiment.model.weights
        model = model.model_copy(update={"weights": before})
    return experiment.model_copy(update={"title": TITLE, "training": training, "model": model})


def _without_names(path: Path) -> bytes:
    """The predictions, with numbers in place of the pictures' names, which are not ours to give."""
    table = pd.read_parquet(path)
    numbers = [f"picture-{number:04d}" for number in range(1, len(table) + 1)]
    buffer = io.BytesIO()
    table.assign(image_id=numbers, path=numbers).to_parquet(buffer)
    return buffer.getvalue()


def elsewhere(place: Path) -> list[dict[str, Any]]:
    """The scores on each source by a model that has seen none of its pictures."""
    return [{"source": name, **_scores(place, name)} for name in HAM10000_SOURCES]


def at_home(place: Path) -> dict[str, Any]:
    """The scores of such a model that has seen pictures of all sources."""
    return {"source": "none", **_scores(place, FOLDS[0])}


def _scores(place: Path, fold: int | str) -> dict[str, Any]:
    found: dict[str, Any] = read_json(run_folder(place, LEFT_OUT, fold) / "scores.json")
    return found


def sources_section(rows: list[dict[str, Any]]) -> str:
    """The card's section on these."""
    tried = choice(LEFT_OUT)
    lines = [
        "## With pictures from elsewhere",
        "",
        f"{HAM10000_PLACES} What comes here was not tried with this very network: a smaller one, "
        f"of pictures that were changed less (width {tried.model.alpha:g}, input "
        f"{_value(list(tried.preprocessing.size))}, {tried.training.epochs} epochs), was trained "
        "once without each of these sources, and judged on it. This is nearer to what such a model "
        "is worth with pictures from a new place or camera than the numbers above. The first row "
        "is that training with all sources, judged on other lesions.",
        "",
        "| source left out | pictures | mean AUC | balanced accuracy | accuracy | melanomas "
        "| found of 100 |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [row["source"], f"{row['num']:,}"]
        for key in ("macro_auc", "balanced_accuracy", "accuracy"):
            interval = row[f"{key}_interval"]
            cells.append(f"{row[key]:.2f} ({interval[0]:.2f} to {interval[1]:.2f})")
        low, high = row["melanoma_sensitivity_interval"]
        found = row["melanoma_sensitivity"]
        cells.append(f"{row['num_melanomas']:,}")
        cells.append(f"{100 * found:.0f} ({100 * low:.0f} to {100 * high:.0f})")
        lines.append(f"| {' | '.join(cells)} |")
    lines += [
        "",
        "In the seven classes of HAM10000, in brackets 95 % intervals. *Found of 100* holds with "
        "an alarm that leaves 85 of 100 other pictures alone. It was set on the very pictures "
        "that are judged; one that is set elsewhere gives other numbers. A class that a source "
        "does not have does not count, and one of which it has only a few pictures makes the "
        "interval of the balanced accuracy wide. Not all of the distance to the first row is that "
        "a source is unknown: each source has lesions of its own, and nearly all squamous cell "
        "carcinomas and most actinic keratoses come from rosendahl.",
    ]
    return "\n".join(lines)
