"""`lesionlab`: every command, and how its errors are told.

Keras and tables are imported inside the commands that need them: `lesionlab --help` and
`lesionlab runs list` answer at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from lesionlab import __version__
from lesionlab.cli.data import data
from lesionlab.cli.models import evaluate, models, predict, serve
from lesionlab.cli.output import Commands, one_line
from lesionlab.cli.runs import runs
from lesionlab.cli.train import recipes, train
from lesionlab.errors import Cancelled, DiskError, LesionlabError

USER_MISTAKE = 2
INTERRUPTED = 130


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="lesionlab %(version)s")
def lesionlab() -> None:
    """Train a skin-lesion classifier and understand each step. Not a medical device."""
    from lesionlab.jobs.queue import tick

    try:
        tick()
    except DiskError as error:
        click.echo(f"The queue stands still: {one_line(error)}", err=True)


for command in (data, recipes, train, runs, models, evaluate, predict, serve):
    lesionlab.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0, or 2 with one line on standard error for a user's mistake."""
    # Keras and TensorFlow greet whoever imports them; what we print is for programs too.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        status = lesionlab.main(arguments, prog_name="lesionlab", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        fail(error.format_message(), USER_MISTAKE)
    except LesionlabError as error:
        fail(str(error), USER_MISTAKE)
    except (click.Abort, KeyboardInterrupt, Cancelled):
        fail("Stopped.", INTERRUPTED)
    except BrokenPipeError:
        # `lesionlab runs list | head`: the reader has gone; nothing may be written any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        fail(f"The system says: {error.strerror or error}{where}.", USER_MISTAKE)
    else:
        sys.exit(status if isinstance(status, int) else 0)


def fail(sentence: str, status: int) -> None:
    """One line on standard error, and the end."""
    click.echo(f"lesionlab: {one_line(sentence)}", err=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
