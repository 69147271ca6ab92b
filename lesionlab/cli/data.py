"""`lesionlab data ...`: make, import, look at and delete data sets."""

from __future__ import annotations

import re
from pathlib import Path

import click

from lesionlab.cli.output import Commands, print_json, print_table, terminal_task
from lesionlab.diagnoses import DIAGNOSES

KINDS = ("folder", "zip", "table", "ham10000")


@click.group(cls=Commands)
def data() -> None:
    """Data sets: make, import, list, show, delete."""


class PictureSize(click.ParamType):
    """A size as 450x600, height first."""

    name = "HEIGHTxWIDTH"

    def convert(
        self, value: str | tuple[int, int], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", value.strip().lower())
        if found is None:
            self.fail(f"Expected height and width such as 450x600; received {value!r}.", param, ctx)
        return int(found[1]), int(found[2])


@data.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--per-class", type=click.IntRange(1), required=True, help="Pictures of each class.")
@click.option("--size", type=PictureSize(), default="450x600", show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
def synthesize(folder: Path, per_class: int, size: tuple[int, int], seed: int) -> None:
    """Draw a data set into DIR: images/, labels.csv, masks/."""
    from lesionlab.data.synthetic.synthesize import synthesize as draw

    with terminal_task() as task:
        draw(folder, per_class, size, seed, progress=task.progress, cancelled=task.cancelled)
    click.echo(str(folder))


@data.command("import")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="What the data set will be called.")
@click.option("--label-column", help="Column of the table with the diagnosis.")
def import_(kind: str, path: Path, name: str, label_column: str | None) -> None:
    """Copy a folder, a zip archive, a table's pictures or HAM10000 in."""
    from lesionlab.data.import_set import import_dataset
    from lesionlab.data.sources.columns import Columns

    with terminal_task() as task:
        dataset = import_dataset(kind, path.absolute(), name, Columns(label=label_column), task=task)
    for sentence in dataset.left_out:
        click.echo(f"Left out: {sentence}", err=True)
    classes = ", ".join(f"{code.upper()} {number}" for code, number in dataset.counts().items())
    click.echo(f"{dataset.name}: {len(dataset):,} pictures ({classes})")


@data.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def list_(as_json: bool) -> None:
    """List the data sets that are there."""
    from lesionlab.data.store import list_datasets

    found = list_datasets()
    if as_json:
        names = ("name", "title", "num_images", "num_classes", "drawn")
        print_json([{name: getattr(info, name) for name in names} for info in found])
        return
    rows = [
        (i.name, f"{i.num_images:,}", i.num_classes, "drawn" if i.drawn else "", i.title)
        for i in found
    ]
    print_table(("name", "images", "classes", "", "title"), rows)


@data.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def show(name: str, as_json: bool) -> None:
    """Show what is known of the data set NAME (or of a folder)."""
    from lesionlab.data.store import open_dataset

    found = open_dataset(name)
    counts = found.counts()
    if as_json:
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
            }
        )
        return
    click.echo(f"{found.name}: {found.title}")
    if found.drawn:
        click.echo("Drawn by a program: not skin.")
    click.echo(f"{len(found):,} pictures in {found.folder}")
    for kind in ("lesion", "patient"):
        if number := int(found.table[f"{kind}_id"].nunique()):
            click.echo(f"{number:,} {kind}s")
    for name_, text in (("Licence", found.licence), ("Citation", found.citation)):
        if text:
            click.echo(f"{name_}: {text}")
    rows = [(code.upper(), f"{n:,}", DIAGNOSES[code].name) for code, n in counts.items()]
    print_table(("class", "images", ""), rows)


@data.command()
@click.argument("name")
def delete(name: str) -> None:
    """Delete the imported data set NAME with its pictures."""
    from lesionlab.data.store import delete_dataset

    delete_dataset(name)
    click.echo(f"{name} is deleted.")
