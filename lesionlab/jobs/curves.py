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
    """What was read so far of one metrics.jsonl: a table a kind of line, and the notes.

    New lines are added to the tables, which takes no longer for a long training than for a short
    one, but for copying numbers.
    """

    def __init__(self, inode: int) -> None:
        self.inode = inode
        self.lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self.offset = 0
        self.tables = {"iteration": pd.DataFrame(), "epoch": pd.DataFrame()}
        self.notes: list[str] = []

    def grow(self, path: Path) -> None:
        found, offset = read_lines(path, self.offset)
        if offset < self.offset:
            self._forget()
        for kind, table in self.tables.items():
            news = _table([line for line in found if line.get("kind") == kind])
            if len(news):
                both = (table, news) if len(table) else (news,)
                self.tables[kind] = pd.concat(both, ignore_index=True)
        self.notes += [str(line.get("text", "")) for line in found if line.get("kind") == "note"]
        self.offset = offset


def read_curves(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The learning curves of a job.

    Returns:
        A row an iteration (step, epoch, loss, accuracy, ...) and a row an epoch (epoch, loss,
        validation_loss, ...). Both are empty, without columns, before the first line.
    """
    curve = _grown(folder / NAME)
    if curve is None:
        return pd.DataFrame(), pd.DataFrame()
    with curve.lock:
        return curve.tables["iteration"].copy(), curve.tables["epoch"].copy()


def read_notes(folder: Path) -> list[str]:
    """What a training had to say beside its numbers, such as which weights it started from."""
    curve = _grown(folder / NAME)
    return list(curve.notes) if curve else []


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
        _known[path] = curve
        while len(_known) > MOST_CURVES:
            _known.popitem(last=False)
    # Each has a lock of its own: a long file that is read for the first time holds nobody up.
    with curve.lock:
        curve.grow(path)
    return curve


def _table(lines: list[dict[str, Any]]) -> pd.DataFrame:
    """One row a line, without the column that says which kind it is."""
    names = [
        name for name in dict.fromkeys(key for line in lines for key in line) if name != "kind"
    ]
    table = pd.DataFrame({name: [line.get(name) for line in lines] for name in names})
    # What is not known yet is not a number, so that later ones can follow it.
    unknown = [name for name in names if table[name].isna().all()]
    return table.astype(dict.fromkeys(unknown, float))
