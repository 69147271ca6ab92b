"""`lesionlab data download`: pictures of the ISIC Archive as a data set."""

from __future__ import annotations

import shutil

import click

from lesionlab.cli.output import print_table, terminal_task
from lesionlab.data.isic_archive.diagnoses import CODES, EIGHT
from lesionlab.data.isic_archive.licences import LICENCES
from lesionlab.diagnoses import DIAGNOSES
from lesionlab.errors import Cancelled


@click.command()
@click.option("--name", required=True, help="What the data set will be called.")
@click.option("--per-class", type=click.IntRange(1), required=True, help="Pictures of each class.")
@click.option(
    "--class",
    "classes",
    type=click.Choice(CODES, case_sensitive=False),
    multiple=True,
    help="Only these classes; may be given several times. Default: the eight without unk.",
)
@click.option(
    "--license",
    "licences",
    type=click.Choice(tuple(LICENCES), case_sensitive=False),
    multiple=True,
    help="Only pictures under these licences; may be given several times. Default: all three.",
)
@click.option("--all-kinds", is_flag=True, help="Also photographs without a dermatoscope.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--yes", is_flag=True, help="Do not ask before the pictures are fetched.")
def download(
    name: str,
    per_class: int,
    classes: tuple[str, ...],
    licences: tuple[str, ...],
    all_kinds: bool,
    seed: int,
    yes: bool,
) -> None:
    """Download pictures of each class from the ISIC Archive; no account is needed.

    It tells first what it will fetch. Stopped in its middle, the same command goes on where it was.
    """
    from lesionlab import settings
    from lesionlab.data.isic_archive.download import JOURNAL
    from lesionlab.data.isic_archive.job import DownloadSpec, finish, prepare, read_spec
    from lesionlab.data.quota import in_words

    values = {
        "name": name,
        "per_class": dict.fromkeys(classes or EIGHT, per_class),
        "licences": licences or tuple(LICENCES),
        "dermoscopic": not all_kinds,
        "seed": seed,
    }
    spec: DownloadSpec = read_spec(values)
    folder = settings.current().home / "downloads" / name
    with terminal_task() as task:
        plan = prepare(spec.wanted, name, folder, task)
    counts = plan.counts()
    rows = [
        (code.upper(), f"{counts[code]:,}", f"{plan.available[code]:,}", DIAGNOSES[code].name)
        for code in counts
    ]
    print_table(("class", "fetch", "there are", ""), rows)
    click.echo(f"{plan.num_images:,} pictures, {in_words(plan.num_bytes)}")
    if not yes and not click.confirm("Fetch them?", default=True, err=True):
        if not (folder / JOURNAL).exists():
            shutil.rmtree(folder, ignore_errors=True)
        raise click.Abort
    try:
        with terminal_task() as task:
            dataset = finish(plan, name, folder, task)
    except Cancelled:
        click.echo("What came so far is kept: the same command goes on from there.", err=True)
        raise
    for sentence in dataset.left_out:
        click.echo(f"Left out: {sentence}", err=True)
    here = ", ".join(f"{code.upper()} {number}" for code, number in dataset.counts().items())
    click.echo(f"{dataset.name}: {len(dataset):,} pictures ({here}), licence {dataset.licence}")
