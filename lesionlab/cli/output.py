"""What commands say: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import click

from lesionlab.errors import LesionlabError


class Commands(click.Group):
    """A group of commands that shows its help when it is called without one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or ["--help"])


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False))


def print_table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Rows in columns as wide as they need to be."""
    lines = [[str(value) for value in row] for row in [headings, *rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    for line in lines:
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def one_line(error: LesionlabError | str) -> str:
    """An error on one line, whatever stands in it."""
    return " ".join(str(error).split())


class StatusLine:
    """One line on standard error that is written over. Where that is no terminal, `show` keeps
    quiet unless the line is worth keeping in a log."""

    def __init__(self) -> None:
        self._shown = ""
        self._over = sys.stderr.isatty()

    def show(self, text: str, for_logs: bool = False) -> None:
        if text == self._shown or not (self._over or for_logs):
            return
        if self._over:
            width = shutil.get_terminal_size().columns - 1
            click.echo("\r" + text[:width].ljust(min(width, len(self._shown))), nl=False, err=True)
        else:
            click.echo(text, err=True)
        self._shown = text

    def end(self) -> None:
        if self._over and self._shown:
            click.echo(err=True)
        self._shown = ""


class TerminalTask:
    """Work that is done in this very process: shows progress, and Ctrl-C asks it to stop."""

    def __init__(self, folder: Path, spec: dict[str, Any], line: StatusLine) -> None:
        self.folder = folder
        self.spec = spec
        self.desk = ""
        self._line = line
        self._stop = False

    def progress(self, fraction: float, message: str) -> None:
        self._line.show(f"{100 * fraction:3.0f} %  {message}")

    def cancelled(self) -> bool:
        return self._stop

    def should_yield(self) -> bool:
        return False

    def metrics(self, line: dict[str, Any]) -> None:
        """Nobody keeps the curve of such work."""

    def stop(self, number: int, frame: FrameType | None) -> None:
        """On the first Ctrl-C the work is asked to clean up; the second one ends it."""
        if self._stop:
            raise KeyboardInterrupt
        self._stop = True


@contextmanager
def terminal_task(**spec: Any) -> Iterator[TerminalTask]:
    """A task for work in this process, with an empty folder that goes when it is done."""
    line = StatusLine()
    with TemporaryDirectory(prefix="lesionlab-") as folder:
        task = TerminalTask(Path(folder), spec, line)
        before = signal.signal(signal.SIGINT, task.stop)
        try:
            yield task
        finally:
            signal.signal(signal.SIGINT, before)
            line.end()
