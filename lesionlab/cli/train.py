"""`lesionlab recipes` and `lesionlab train`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lesionlab.cli.output import StatusLine, print_table
from lesionlab.errors import JobError, LesionlabError, from_dict

if TYPE_CHECKING:
    from lesionlab.experiment import Experiment
    from lesionlab.jobs.record import Job
    from lesionlab.jobs.state import State

DESK = "command-line"
LOOK_SECONDS = 0.5
TICK_SECONDS = 2.0


@click.command()
def recipes() -> None:
    """List the experiments that come with lesionlab."""
    from lesionlab.experiment import recipe, recipe_names

    print_table(("recipe", "title"), [(name, recipe(name).title) for name in recipe_names()])


@click.command()
@click.argument("experiment", metavar="RECIPE|FILE.toml")
@click.option("--data", metavar="NAME|DIR", help="Train on this data set or folder instead.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Change a setting.")
@click.option("--detach", is_flag=True, help="Do not wait: print the run's id and return.")
def train(experiment: str, data: str | None, settings: tuple[str, ...], detach: bool) -> None:
    """Train RECIPE or FILE.toml; at the end, print the run's id and its test scores.

    Ctrl-C cancels the run; a second Ctrl-C leaves it to itself.
    """
    from lesionlab.experiment import load, with_settings
    from lesionlab.jobs import queue, runs

    chosen = with_whole_path(with_settings(load(experiment), settings))
    run = runs.train(chosen, DESK, data=checked_data(chosen, data))
    queue.tick()
    if detach:
        click.echo(run.id)
        return
    click.echo(f"Run {run.id}", err=True)
    state = follow(run.job)
    if state.status != "done":
        raise why_not(run.id, state)
    click.echo(run.id)
    evaluation = run.evaluation or {}
    for key in ("n", "accuracy", "balanced_accuracy", "macro_auc"):
        if evaluation.get(key) is not None:
            value = evaluation[key]
            text = f"{value:.4f}" if isinstance(value, float) else str(value)
            click.echo(f"{key.replace('_', ' ')}: {text}")


def checked_data(experiment: Experiment, name_or_folder: str | None) -> str:
    """The data set's name or absolute folder, after a look whether it can be split.

    A class with too few pictures is told now, not by a job that fails in a minute.
    """
    from lesionlab.data.dataset import for_classes
    from lesionlab.data.split import split_dataset
    from lesionlab.data.store import FULL_NAME, SHIPPED_NAME, is_stored, open_dataset

    name = name_or_folder or experiment.data.name
    dataset = open_dataset(name)
    choice = experiment.data
    labelled = for_classes(dataset, choice.class_set, choice.per_class, experiment.split.seed)
    split_dataset(labelled, experiment.split)
    known = is_stored(name) or name in (FULL_NAME, SHIPPED_NAME)
    return name if known else str(Path(name).expanduser().resolve())


def with_whole_path(experiment: Experiment) -> Experiment:
    """The experiment with the path of a bundle to start from made absolute.

    The worker may be started by another program, from another folder.
    """
    path = Path(experiment.model.weights)
    if experiment.model.weights in ("imagenet", "random") or not path.exists():
        return experiment
    model = experiment.model.model_copy(update={"weights": str(path.resolve())})
    return experiment.model_copy(update={"model": model})


def follow(job: Job) -> State:
    """Wait for the end of a job, showing what it does and moving the queue on."""
    from lesionlab.jobs import queue, store

    status = StatusLine()
    asked, next_tick = False, 0.0
    offset, loss = 0, ""
    while True:
        try:
            if time.monotonic() >= next_tick:
                queue.tick()
                next_tick = time.monotonic() + TICK_SECONDS
            state = store.read_state(job)
            lines, offset = store.read_metrics(job, offset)
            loss = next((text for text in map(losses, reversed(lines)) if text), loss)
            if state.ended:
                status.end()
                return state
            new_epoch = any(line.get("kind") == "epoch" for line in lines)
            status.show(f"{100 * state.progress:3.0f} %  {state.message}{loss}", for_logs=new_epoch)
            time.sleep(LOOK_SECONDS)
        except KeyboardInterrupt:
            status.end()
            if asked:
                raise JobError(f"The run goes on: `lesionlab runs show {job.id}`.") from None
            asked = True
            click.echo("Cancelling; Ctrl-C again leaves the run to itself.", err=True)
            ask_to_cancel(job)


def ask_to_cancel(job: Job) -> None:
    """Cancel, unless it has ended in this very moment."""
    from lesionlab.jobs import store

    try:
        store.request_cancel(job.id)
    except JobError as error:
        click.echo(str(error), err=True)


def losses(line: dict[str, object]) -> str:
    """The loss of one line of the curve, for people."""
    names = {"loss": "loss", "validation_loss": "validation loss"}
    found = [(names[key], line.get(key)) for key in names if line.get("kind") == "epoch"]
    words = [f"{name} {value:.3f}" for name, value in found if isinstance(value, float)]
    return f"; last epoch: {', '.join(words)}" if words else ""


def why_not(job_id: str, state: State) -> LesionlabError:
    """Why a job did not end well, as an error to tell."""
    if state.status == "failed" and state.error:
        return from_dict(state.error)
    hint = f"`lesionlab runs resume {job_id}` goes on from the last checkpoint."
    return JobError(f"The run {job_id} was {state.status}.", what_to_do=hint)
