"""`lesionlab models`, `evaluate`, `predict` and `serve`: what a trained model is good for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lesionlab.cli.output import Commands, print_json, print_table, terminal_task
from lesionlab.errors import PictureError
from lesionlab.models.loading import load_keras

if TYPE_CHECKING:
    from lesionlab.evaluation.copies import TestTime

NOT_A_DIAGNOSIS = "Not a diagnosis, not a medical device."
test_time_option = click.option(
    "--test-time",
    type=click.Choice(("none", "flips", "dihedral")),
    help="Judge changed copies of each picture too and average; default: as the model was set.",
)


@click.group(cls=Commands)
def models() -> None:
    """Models that came with lesionlab or were imported."""


@models.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def list_(as_json: bool) -> None:
    """List the models by the name that evaluate, predict and serve take."""
    from lesionlab.models.locate import list_models

    found = list_models()
    if as_json:
        names = ("reference", "title", "drawn", "origin")
        print_json([{name: getattr(info, name) for name in names} for info in found])
        return
    rows = [(i.reference, i.origin, "drawn" if i.drawn else "", i.title) for i in found]
    print_table(("name", "origin", "", "title"), rows)


@models.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_(file: Path) -> None:
    """Bring in a model from FILE (.lesionlab)."""
    from lesionlab.models.locate import import_model

    load_keras()
    from lesionlab.models.rebuild import load_bundle

    click.echo(import_model(file, check=load_bundle))


@models.command()
@click.argument("name")
def delete(name: str) -> None:
    """Delete the imported model NAME."""
    from lesionlab.models.locate import delete_model

    delete_model(name, None)
    click.echo(f"{name} is deleted.")


@click.command()
@click.argument("model", metavar="RUN|BUNDLE")
@click.option("--data", metavar="NAME|DIR", help="On these data; default: the run's test part.")
@test_time_option
@click.option("--tta", is_flag=True, help="Short for --test-time flips.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def evaluate(
    model: str, data: str | None, test_time: TestTime | None, tta: bool, as_json: bool
) -> None:
    """Measure how often a model is right."""
    load_keras()
    from lesionlab.evaluation.evaluate import evaluate_model
    from lesionlab.evaluation.thresholds import SUSPICIONS, alarm_words

    with terminal_task() as task:
        way = test_time or ("flips" if tta else None)
        found = evaluate_model(model, data, task=task, test_time=way)
    if as_json:
        print_json(found)
        return
    for key in ("n", "accuracy", "balanced_accuracy", "macro_auc", "ece"):
        told = f"{key.replace('_', ' ')}: {brief(found.get(key))}{between(found, key)}"
        click.echo(told.replace("ece:", "calibration error:"))
    names = ("n", "auc", "sensitivity", "specificity")
    rows = [
        [code.upper(), *(brief(words.get(name)) for name in names)]
        for code, words in found["per_class"].items()
    ]
    print_table(["class", *names], rows)
    for name, row in found.get("thresholds", {}).items():
        click.echo(
            f"{SUSPICIONS.get(name, name)} from {row['threshold']:.3f} on: "
            f"sensitivity {brief(row['sensitivity'])}{between(row, 'sensitivity')}, "
            f"specificity {brief(row['specificity'])}{between(row, 'specificity')}"
        )
    if found.get("alarm"):
        click.echo(alarm_words(found["alarm"]))
    if found.get("note"):
        click.echo(found["note"])


@click.command()
@click.argument("model", metavar="RUN|BUNDLE")
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...", type=click.Path())
@click.option("--drawn", is_flag=True, help="The pictures are drawn examples, not photographs.")
@test_time_option
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def predict(
    model: str,
    images: tuple[str, ...],
    drawn: bool,
    test_time: TestTime | None,
    as_json: bool,
) -> None:
    """Ask a model about pictures. Not a diagnosis, not a medical device."""
    from lesionlab.models.locate import find_model

    folder = find_model(model)
    # Every file is looked at before Keras is loaded: a wrong one is told at once, and no answer
    # is worked out that would not be shown.
    check_pictures(images)
    load_keras()
    from lesionlab.evaluation.copies import other_way_note
    from lesionlab.service.loaded import load
    from lesionlab.service.predicting import predict_picture

    loaded = load(folder, model)
    own_way = loaded.description.experiment.evaluation.test_time
    note = other_way_note(own_way, test_time or own_way)
    answers = []
    for name in images:
        answer = predict_picture(loaded, picture_bytes(name), drawn, False, test_time)
        answers.append({"file": name, **chosen(answer), **({"note": note} if note else {})})
    if as_json:
        print_json(answers)
        return
    for words in answers:
        click.echo(words["file"])
        if words["abstain"]:
            click.echo(f"  {words['abstain']}")
        ranked = sorted(words["probabilities"].items(), key=lambda pair: -pair[1])
        for code, probability in ranked:
            click.echo(f"  {code.upper():9} {probability:.3f}")
        if words["malignant"] is not None:
            click.echo(f"  cancer or precursor {words['malignant']:.3f}")
        for warning in words["quality"].get("warnings", ()):
            click.echo(f"  {warning}")
    click.echo(f"{note} {NOT_A_DIAGNOSIS}".strip())


def check_pictures(names: Sequence[str]) -> None:
    """Pass every file through the gate for pictures.

    Raises:
        PictureError: Names the files that cannot be used, and why the first one cannot.
    """
    from lesionlab.data.sources.words import some
    from lesionlab.images.decode import decode_image

    bad: dict[str, PictureError] = {}
    for name in names:
        try:
            decode_image(picture_bytes(name))
        except PictureError as error:
            bad[name] = error
    if not bad:
        return
    name, first = next(iter(bad.items()))
    received = first.received
    if len(bad) > 1:
        received += f" {len(bad)} of {len(names)} files cannot be used: {some(list(bad))}."
    raise PictureError(f"{name}: {first.expected}", received, first.what_to_do) from first


def picture_bytes(name: str) -> bytes:
    """The bytes of a file, one more than is allowed at most: enough to be refused.

    Raises:
        PictureError: The file cannot be read.
    """
    from lesionlab.images.decode import MAX_BYTES

    try:
        with Path(name).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        received = (
            "There is no such file."
            if isinstance(error, FileNotFoundError)
            else (f"It cannot be read: {error.strerror}.")
        )
        raise PictureError("Expected a picture file.", received, "Check the path.") from error


def chosen(answer: dict[str, Any]) -> dict[str, Any]:
    """What the command line tells of the service's answer."""
    return {key: answer[key] for key in ("probabilities", "malignant", "abstain", "quality")}


def brief(value: Any) -> str:
    """A number with four digits; a dash for one that is not defined."""
    if value is None:
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def between(row: dict[str, Any], key: str) -> str:
    """The 95 % interval of a score, as ` (0.8120 to 0.9034)`; empty where it is not known."""
    interval = row.get(f"{key}_interval")
    return f" ({interval[0]:.4f} to {interval[1]:.4f})" if interval else ""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--model", metavar="RUN|BUNDLE", help="The model for requests that name none.")
def serve(host: str, port: int, model: str | None) -> None:
    """Answer other programs over HTTP; /docs explains the requests."""
    from lesionlab.service.server import serve as run

    run(host, port, model)
