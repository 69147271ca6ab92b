"""`lesionlab runs ...`: list, show, cancel, resume, delete, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lesionlab.cli.output import Commands, print_json, print_table
from lesionlab.models.loading import load_keras

if TYPE_CHECKING:
    from lesionlab.jobs.record import Job
    from lesionlab.jobs.state import State


@click.group(cls=Commands)
def runs() -> None:
    """Training runs: list, show, cancel, resume, delete, export."""


def summary(job: Job, state: State) -> dict[str, Any]:
    """A run or job as JSON-ready words."""
    return {
        "id": job.id,
        "name": job.name,
        "kind": job.kind,
        "desk": job.desk,
        "created": job.created.isoformat(timespec="seconds"),
        "status": state.status,
        "progress": state.progress,
        "message": state.message,
        "place": state.place,
        "error": state.error,
    }


@runs.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def list_(as_json: bool) -> None:
    """List all training runs, newest first."""
    from lesionlab.jobs import store

    jobs = store.list_jobs("train")
    states = store.read_states(jobs)
    if as_json:
        print_json([summary(job, states[job.id]) for job in jobs])
        return
    rows = [
        (job.id, states[job.id].status, f"{100 * states[job.id].progress:.0f} %", job.name)
        for job in jobs
    ]
    print_table(("id", "status", "done", "name"), rows)


@runs.command()
@click.argument("run_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def show(run_id: str, as_json: bool) -> None:
    """Show how the run ID stands and what it scored."""
    from lesionlab.files import read_json
    from lesionlab.jobs import store

    job = store.open_job(run_id)
    state = store.read_state(job)
    evaluation = read_json(job.folder / "evaluation.json")
    epochs = [line for line in store.read_metrics(job)[0] if line.get("kind") == "epoch"]
    if as_json:
        words = {"spec": job.spec, "evaluation": evaluation, "epochs": epochs}
        print_json(summary(job, state) | words | {"folder": str(job.folder)})
        return
    click.echo(f"{job.id}: {state.status}, {100 * state.progress:.0f} %")
    click.echo(state.message)
    if epochs:
        names = ("epoch", "loss", "accuracy", "validation_loss", "validation_accuracy")
        rows = [[brief(line.get(name)) for name in names] for line in epochs]
        print_table([name.replace("_", " ") for name in names], rows)
    found = evaluation if isinstance(evaluation, dict) else {}
    for key in ("n", "accuracy", "balanced_accuracy", "macro_auc"):
        if found.get(key) is not None:
            part = found.get("part", "test")
            click.echo(f"{part} {key.replace('_', ' ')}: {brief(found[key])}")
    click.echo(str(job.folder))


def brief(value: Any) -> str:
    """A number with four digits; nothing for a missing one."""
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)


@runs.command()
@click.argument("run_id", metavar="ID")
def cancel(run_id: str) -> None:
    """Stop the run ID; it can be resumed."""
    from lesionlab.jobs import queue, store

    store.request_cancel(run_id)
    queue.tick()
    click.echo(f"{run_id} stops within five seconds.")


@runs.command()
@click.argument("run_id", metavar="ID")
def resume(run_id: str) -> None:
    """Go on with the run ID from its last checkpoint."""
    from lesionlab.jobs import queue, store

    job = store.resume(run_id)
    queue.tick()
    click.echo(f"{job.id}: {store.read_state(job).message}")


@runs.command()
@click.argument("run_id", metavar="ID")
def delete(run_id: str) -> None:
    """Delete the run ID with its model."""
    from lesionlab.jobs import store

    store.delete(run_id)
    click.echo(f"{run_id} is deleted.")


@runs.command()
@click.argument("run_id", metavar="ID")
@click.option("--to", "form", type=click.Choice(["bundle", "keras"]), required=True)
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def export(run_id: str, form: str, path: Path) -> None:
    """Write the model of the run ID as one file: a bundle (.lesionlab) or for Keras (.keras)."""
    from lesionlab.jobs import store
    from lesionlab.models.locate import find_model

    folder = find_model(store.open_job(run_id).id)
    if form == "bundle":
        from lesionlab.models.archive import pack

        pack(folder, path)
    else:
        load_keras()
        from lesionlab.evaluation.copies import WORDS
        from lesionlab.models.bundle import read_description
        from lesionlab.models.export import export_keras

        export_keras(folder, path)
        way = read_description(folder).experiment.evaluation.test_time
        if way != "none":
            click.echo(
                f"The file judges each picture as it is. lesionlab gives {WORDS[way]}, for which "
                "the temperature and the thresholds were set: do the same, or set them anew.",
                err=True,
            )
    click.echo(str(path))
