"""Learning curves as tables, read again only where they grew."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pandas as pd

from lesionlab.jobs.metrics import NAME, read_lines

MOST_CURVES = 32

_known: OrderedDict[Path, _Curve] = OrderedDict()
_lock = threading.Lock()


class _Curve:
    """The lines of one metrics.jsonl that were read so far."""

    def __init__(self, inode: int) -> None:
        self.inode = inode
        self.offset = 0
        self.lines = _no_lines()
        self.tables: tuple[pd.DataFrame, pd.DataFrame] | None = None

    def grow(self, path: Path) -> None:
        found, offset = read_lines(path, self.offset)
        if offset < self.offset:
            self.lines = _no_lines()
        for line in found:
            self.lines.get(str(line.get("kind")), []).append(line)
        if found or self.tables is None:
            self.tables = (_table(self.lines["iteration"]), _table(self.lines["epoch"]))
        self.offset = offset


def read_curves(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The learning curves of a job.

    Returns:
        A row an iteration (step, epoch, loss, accuracy, ...) and a row an epoch (epoch, loss,
        validation_loss, ...). Both are empty, without columns, before the first line.
    """
    curve = _grown(folder / NAME)
    if curve is None or curve.tables is None:
        return pd.DataFrame(), pd.DataFrame()
    iterations, epochs = curve.tables
    return iterations.copy(), epochs.copy()


def read_notes(folder: Path) -> list[str]:
    """What a training had to say beside its numbers, such as which weights it started from."""
    curve = _grown(folder / NAME)
    return [str(line.get("text", "")) for line in curve.lines["note"]] if curve else []


def _grown(path: Path) -> _Curve | None:
    """The curve in this file, read up to its end; None where there is no file."""
    try:
        inode = path.stat().st_ino
    except FileNotFoundError:
        return None
    with _lock:
        curve = _known.pop(path, None)
        # A resumed training puts a shorter file in the place of the old one.
        if curve is None or curve.inode != inode:
            curve = _Curve(inode)
        curve.grow(path)
        _known[path] = curve
        while len(_known) > MOST_CURVES:
            _known.popitem(last=False)
        return curve


def _no_lines() -> dict[str, list[dict[str, Any]]]:
    return {"iteration": [], "epoch": [], "note": []}


def _table(lines: list[dict[str, Any]]) -> pd.DataFrame:
    """One row a line, without the column that says which kind it is."""
    names = [
        name for name in dict.fromkeys(key for line in lines for key in line) if name != "kind"
    ]
    return pd.DataFrame({name: [line.get(name) for line in lines] for name in names})
