"""From HAM10000 to the shipped model: screening, folds, sources left out, the bundle.

Each run writes its scores as JSON below the cache; what has them is not run again. Two processes
started side by side share the runs: what one has begun, the other leaves to it.
"""

from __future__ import annotations

import hashlib
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout
from ham10000_choices import (
    GOES_ON,
    LEFT_OUT,
    REPEATED,
    SCREENED,
    SHIPPED,
    STARTS,
    TEACHERS,
    choice,
    start_from,
)
from ham10000_folds import FOLDS, SOURCES, lay_out, lay_out_few, unpack
from ham10000_scores import fold_scores
from printing import PrintingTask

from lesionlab import settings
from lesionlab.data.sources.known import KNOWN
from lesionlab.evaluation.card import model_card
from lesionlab.evaluation.evaluate import evaluate_model
from lesionlab.evaluation.report import EVALUATION, PREDICTIONS
from lesionlab.experiment import Experiment
from lesionlab.files import read_json, write_json
from lesionlab.models.bundle import read_description, read_history, read_weights, write_bundle
from lesionlab.models.description import Description
from lesionlab.settings import ASSETS
from lesionlab.training.job import SCORES, run_train

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
# Where little is to be learned from, to see what a start is worth.
CLINIC, FEW = "rosendahl", 50
STAGES = ("screen", "folds", "sources", "ship", "start")


def run(data: Path, stages: tuple[str, ...]) -> Path | None:
    """Run some stages; gives the bundle's folder when it was written."""
    place = settings.current().cache / "shipped" / "ham10000"
    place.mkdir(parents=True, exist_ok=True)
    with FileLock(place / "unpack.lock"):
        source = unpack(data, place)
    bundle = None
    for stage in stages:
        if stage == "screen":
            _all(source, place, [(name, FOLDS[0]) for name in SCREENED])
        elif stage == "folds":
            _all(source, place, [(name, fold) for name in REPEATED for fold in FOLDS])
        elif stage == "sources":
            _all(source, place, [(LEFT_OUT, name) for name in SOURCES])
        elif stage == "ship":
            _one(source, place, SHIPPED, FOLDS[0])
            data = lay_out(source, place, FOLDS[0])
            with FileLock(place / "ship.lock"):
                bundle = _ship(place, _run_folder(place, SHIPPED, FOLDS[0]), data)
        else:
            _show([_few(source, place, name) for name in STARTS])
    return bundle


def _run_folder(place: Path, name: str, fold: int | str) -> Path:
    return place / "runs" / f"{name.replace(',', '').replace(' ', '-')}-{fold}"


def _all(source: Path, place: Path, runs: list[tuple[str, int | str]]) -> None:
    """Train choices on folds, first what no other process has begun, and show their scores."""
    for name, fold in runs:
        with suppress(Timeout):
            _one(source, place, name, fold, wait=False)
    _show([_one(source, place, name, fold) for name, fold in runs])


def _one(
    source: Path, place: Path, name: str, fold: int | str, wait: bool = True
) -> dict[str, Any]:
    """Train one choice on one fold, and what it learns or goes on from before, unless it is done.

    Args:
        wait: Whether to wait for a process that has begun it.

    Returns:
        Its scores.

    Raises:
        Timeout: Another process has begun it.
    """
    teachers, before = TEACHERS.get(name, ()), GOES_ON.get(name)
    for needed in (*teachers, *([before] if before else [])):
        _one(source, place, needed, fold, wait)
    bundles = [_run_folder(place, teacher, fold) / "model" for teacher in teachers]
    start = _run_folder(place, before, fold) / "model" if before else None
    folder, data = _run_folder(place, name, fold), lay_out(source, place, fold)
    return _trained(folder, choice(name, bundles, start), data, wait)


def _few(source: Path, place: Path, start: str) -> dict[str, Any]:
    """Train on few pictures of a clinic, from random numbers or from what never saw that clinic."""
    data = lay_out_few(source, place, CLINIC, FEW)
    elsewhere = _run_folder(place, LEFT_OUT, CLINIC)
    if start == "elsewhere":
        _one(source, place, LEFT_OUT, CLINIC)
    weights = str(elsewhere / "model") if start == "elsewhere" else start
    return _trained(_run_folder(place, "few", start), start_from(weights), data)


def _trained(folder: Path, experiment: Experiment, data: Path, wait: bool = True) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    words = experiment.model_dump(mode="json", exclude_none=True)
    with FileLock(folder / "lock", blocking=wait):
        begun = read_json(folder / "begun.json")
        if begun is not None and begun != _asked(words, data):
            raise SystemExit(
                f"Expected in {folder} the training that is asked for now. It holds another one "
                "of this name, or on other data. Move that folder away and start again."
            )
        known = read_json(folder / "scores.json")
        if isinstance(known, dict):
            return known
        print(f"{folder.name}: {experiment.title}", flush=True)
        write_json(folder / "begun.json", _asked(words, data))
        run_train(PrintingTask(folder, {"experiment": words, "data": str(data)}))
        table = pd.read_csv(data / "labels.csv")
        history = pd.read_csv(folder / "history.csv")
        scores = {
            "run": folder.name,
            **fold_scores(folder, table.set_index("file")["lesion_id"]),
            "minutes": round(float(history["seconds"].sum()) / 60, 1),
        }
        write_json(folder / "scores.json", scores)
    print(json.dumps(scores), flush=True)
    return scores


def _asked(words: dict[str, Any], data: Path) -> dict[str, Any]:
    """What a training is known again by."""
    labels = hashlib.sha256((data / "labels.csv").read_bytes()).hexdigest()
    return {"experiment": words, "labels": labels}


def _show(rows: list[dict[str, Any]]) -> None:
    table = pd.DataFrame(rows)
    table = table[[name for name in table if not name.endswith("_interval")]]
    print(table.round(3).to_string(index=False), flush=True)


def _ship(place: Path, run_folder: Path, data: Path) -> Path:
    """Write the bundle of a finished run, judged anew, with the names and licence of its data."""
    facts = KNOWN["ham10000"]
    trained, elsewhere = run_folder / "model", _elsewhere(place)
    description, history = _whole_course(trained)
    task = PrintingTask(place / "evaluation")
    report = evaluate_model(str(trained), str(data), "validation", task=task)
    if report["part"] != "validation":
        raise SystemExit(f"Expected to judge the validation part. Judged was {report['part']}.")
    report |= {"model": NAME, "data": facts.title, "note": _note(description.experiment)}
    report |= {"elsewhere": elsewhere}
    seen = {
        "name": "ham10000",
        "title": facts.title,
        "licence": facts.licence,
        "citation": facts.citation,
    }
    description = description.model_copy(
        update={
            "name": NAME,
            "experiment": _told(description.experiment),
            "data": description.data.model_copy(update=seen),
            "scores": {key: report[key] for key in SCORES},
        }
    )
    extra = {
        EVALUATION: json.dumps(report, indent=1).encode(),
        PREDICTIONS: _without_names(task.folder / PREDICTIONS),
    }
    bundle = ASSETS / "models" / NAME
    card = model_card(description, report, further=[SPLIT, _clinics(elsewhere), SKIN])
    write_bundle(bundle, description, read_weights(trained), history, card, extra)
    return bundle


def _whole_course(trained: Path) -> tuple[Description, pd.DataFrame]:
    """What a bundle says of itself and its learning curves, those that it went on from included."""
    description, history = read_description(trained), read_history(trained)
    before = Path(description.experiment.model.weights)
    if not before.is_dir():
        return description, history
    first, earlier = _whole_course(before)
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
    told = description.model_copy(update={"start_weights": start, "experiment": experiment})
    return told, pd.concat([earlier, history], ignore_index=True)


def _otherwise(first: Experiment, then: Experiment) -> str:
    """Which fields of the first of two trainings were others, such as `zoom = 0.15`."""
    fields = [_fields(experiment.model_dump(mode="json")) for experiment in (first, then)]
    return ", ".join(
        f"{key.rpartition('.')[2]} = {value}"
        for key, value in fields[0].items()
        if key.startswith(("preprocessing.", "augmentation.", "training."))
        and not key.endswith(".epochs")
        and fields[1].get(key) != value
    )


def _fields(words: Any, place: str = "") -> dict[str, Any]:
    """All single values of nested words, by their places: `training.phases.0.epochs`."""
    if not isinstance(words, dict | list):
        return {place: words}
    items = words.items() if isinstance(words, dict) else enumerate(words)
    found: dict[str, Any] = {}
    for key, value in items:
        found |= _fields(value, f"{place}.{key}" if place else str(key))
    return found


def _told(experiment: Experiment) -> Experiment:
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


def _elsewhere(place: Path) -> list[dict[str, Any]]:
    """The scores on each source by a model that has seen none of its pictures.

    Raises:
        SystemExit: One was not run yet.
    """
    rows = []
    for name in SOURCES:
        found = read_json(_run_folder(place, LEFT_OUT, name) / "scores.json")
        if not isinstance(found, dict):
            raise SystemExit(
                f"Expected the scores of a training without {name}, for the card. There are none. "
                "Run --only sources first."
            )
        rows.append({"source": name, **found})
    return rows


def _clinics(rows: list[dict[str, Any]]) -> str:
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
