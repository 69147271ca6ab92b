"""`lesionlab data list`, `show`, `share`, `delete` and `combine`: data sets that are there already.

The command line belongs to whoever runs the server: it sees and may change the sets of every desk.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from lesionlab.cli.output import print_json, print_table, terminal_task
from lesionlab.diagnoses import DIAGNOSES

WHOSE = {"server": "", "private": "one desk's", "shared": "one desk's, shared"}


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def list_(as_json: bool) -> None:
    """List the data sets that are there."""
    from lesionlab.data.store import list_datasets

    found = list_datasets()
    if as_json:
        names = ("name", "title", "num_images", "num_classes", "drawn")
        further = ("kind", "created", "num_bytes")
        print_json(
            [
                {
                    **{name: getattr(info, name) for name in names},
                    "whose": info.whose(),
                    **{name: getattr(info, name) for name in further},
                }
                for info in found
            ]
        )
        return
    rows = [
        [
            i.name,
            f"{i.num_images:,}",
            i.num_classes,
            "drawn" if i.drawn else "",
            WHOSE[i.whose()],
            i.title,
        ]
        for i in found
    ]
    headings = ["name", "images", "classes", "", "whose", "title"]
    if not any(info.owner for info in found):
        # Where no desk has brought anything in, whose it is would be an empty column.
        headings.pop(4)
        for row in rows:
            row.pop(4)
    print_table(headings, rows)


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def show(name: str, as_json: bool) -> None:
    """Show what is known of the data set NAME (or of a folder)."""
    from lesionlab.data.quota import in_words
    from lesionlab.data.store import info_of, open_dataset

    found = open_dataset(name)
    info = info_of(found.name) if found.name in (name, "synthetic-small") else None
    counts = found.counts()
    if as_json:
        further: dict[str, Any] = {}
        if info is not None:
            further = {
                "whose": info.whose(),
                "kind": info.kind,
                "created": info.created,
                "num_bytes": info.num_bytes,
            }
        print_json(
            {
                "name": found.name,
                "title": found.title,
                "num_images": len(found),
                "classes": counts,
                "num_lesions": int(found.table["lesion_id"].nunique()),
                "num_patients": int(found.table["patient_id"].nunique()),
                "drawn": found.drawn,
                "licence": found.licence,
                "citation": found.citation,
                "folder": str(found.folder),
                "left_out": list(found.left_out),
                **further,
            }
        )
        return
    click.echo(f"{found.name}: {found.title}")
    if found.drawn:
        click.echo("Drawn by a program: not skin.")
    size = f" ({in_words(info.num_bytes)})" if info is not None and info.num_bytes else ""
    click.echo(f"{len(found):,} pictures in {found.folder}{size}")
    if info is not None and info.owner:
        click.echo(f"It is {WHOSE[info.whose()]}.")
    for kind in ("lesion", "patient"):
        if number := int(found.table[f"{kind}_id"].nunique()):
            click.echo(f"{number:,} {kind}s")
    for name_, text in (("Licence", found.licence), ("Citation", found.citation)):
        if text:
            click.echo(f"{name_}: {text}")
    for sentence in found.left_out:
        click.echo(f"Left out: {sentence}")
    rows = [(code.upper(), f"{n:,}", DIAGNOSES[code].name) for code, n in counts.items()]
    print_table(("class", "images", ""), rows)


@click.command()
@click.argument("name")
@click.option("--off", is_flag=True, help="Take it back: only its own desk sees it again.")
def share(name: str, off: bool) -> None:
    """Let everyone on this server use the data set NAME, which a desk has brought in."""
    from lesionlab.data.store import share_dataset

    share_dataset(name, shared=not off)
    click.echo(f"{name} is {'seen by its own desk alone' if off else 'shared with everyone'}.")


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(name: str, yes: bool) -> None:
    """Delete the imported data set NAME with its pictures; says what goes and what stays."""
    from lesionlab.data.quota import in_words
    from lesionlab.data.store import delete_dataset, what_goes
    from lesionlab.jobs.runs import runs_on

    going = what_goes(name)
    click.echo(f"What goes: {going.num_images:,} pictures, {in_words(going.image_bytes)} on disk")
    if going.cached_bytes:
        click.echo(f"           {in_words(going.cached_bytes)} of decoded pixels and thumbnails")
    runs = runs_on(name)
    if runs:
        ids = ", ".join(run.id for run in runs[:5])
        more = f" and {len(runs) - 5:,} more" if len(runs) > 5 else ""
        words = (
            "run trained on it, with its model"
            if len(runs) == 1
            else ("runs trained on it, with their models")
        )
        click.echo(f"What stays: {len(runs):,} {words}: {ids}{more}")
    if not yes and sys.stdin.isatty():
        click.confirm(f"Delete {name}?", abort=True)
    delete_dataset(name)
    click.echo(f"{name} is deleted.")


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--name", "new_name", required=True, metavar="NEW", help="What the result is called.")
@click.option(
    "--only",
    multiple=True,
    metavar="NAME=CODE,CODE",
    help="Take only these classes of a set; may be given for each.",
)
def combine(names: tuple[str, ...], new_name: str, only: tuple[str, ...]) -> None:
    """Join data sets into NEW, each picture once.

    Of repeated pictures that of the set named first stays. Pictures that two sets call by different
    diagnoses are left out. SD-198 gives only pictures of none of the eight classes.
    """
    from lesionlab.data.combine import combine_datasets

    wanted = dict(read_only(text) for text in only)
    with terminal_task() as task:
        dataset = combine_datasets(names, new_name, only=wanted, task=task)
    for sentence in dataset.left_out:
        click.echo(f"Left out: {sentence}", err=True)
    classes = ", ".join(f"{code.upper()} {number}" for code, number in dataset.counts().items())
    click.echo(f"{dataset.name}: {len(dataset):,} pictures ({classes})")


def read_only(text: str) -> tuple[str, tuple[str, ...]]:
    """`sd198=unk` or `ham=mel,nv` as a name and its codes."""
    name, sign, codes = text.partition("=")
    found = tuple(code.strip() for code in codes.split(",") if code.strip())
    if not sign or not name.strip() or not found:
        raise click.UsageError(f"Expected --only NAME=CODE,CODE; received {text!r}.")
    return name.strip(), found
