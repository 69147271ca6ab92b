"""`lesionlab data ...`: make and import data sets; what to do with those there is in sets.py."""

from __future__ import annotations

import re
from pathlib import Path

import click

from lesionlab.cli import sets
from lesionlab.cli.download import download
from lesionlab.cli.output import Commands, terminal_task

# As `data.sources.kinds.SOURCES`, which would take a second to import for every command.
KINDS = (
    "folder",
    "zip",
    "table",
    "ham10000",
    "isic2019",
    "isic2018",
    "isic2020",
    "ph2",
    "derm7pt",
    "skinl2",
    "sd198",
    "mednode",
)


@click.group(cls=Commands)
def data() -> None:
    """Data sets: make, import, download, join, list, show, share, delete."""


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
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="What the data set will be called.")
@click.option("--label-column", help="Column of the table with the diagnosis.")
@click.option("--file-column", help="Column of the table that names the picture.")
def import_(
    kind: str, path: Path, name: str, label_column: str | None, file_column: str | None
) -> None:
    """Copy a data set in.

    KIND is folder, zip or table, or a published set as it is unpacked or as a zip of that:
    ham10000, isic2018, isic2019, isic2020, ph2, mednode, derm7pt, sd198, skinl2. A folder or zip
    that holds one of them is recognised, too.
    """
    from lesionlab.data.import_set import import_dataset
    from lesionlab.data.sources.columns import Columns

    with terminal_task() as task:
        columns = Columns(label=label_column, file=file_column)
        dataset = import_dataset(kind, path.absolute(), name, columns, task=task)
    for sentence in dataset.left_out:
        click.echo(f"Left out: {sentence}", err=True)
    classes = ", ".join(f"{code.upper()} {number}" for code, number in dataset.counts().items())
    click.echo(f"{dataset.name}: {len(dataset):,} pictures ({classes})")


for command in (download, sets.list_, sets.show, sets.share, sets.delete, sets.combine):
    data.add_command(command)
