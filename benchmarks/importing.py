"""Bringing in all of HAM10000 from its zip archive."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.result import Result, skipped
from benchmarks.web import ROOT
from lesionlab.data.store import open_dataset

NAME = "import of HAM10000 at 200×150"
DATASET = "ham10000"
BAR = 60.0
COMMAND_LINE = "from lesionlab.cli import main; main()"


def measure(archive: Path, home: Path) -> list[Result]:
    """Seconds of `lesionlab data import zip`; the set stays in the home folder."""
    if not archive.is_file():
        return [skipped(NAME, f"no {archive.name}: give its folder by --data")]
    command = [sys.executable, "-c", COMMAND_LINE, "data", "import", "zip", str(archive)]
    begin = time.perf_counter()
    done = subprocess.run(
        [*command, "--name", DATASET],
        cwd=ROOT,
        env={**os.environ, "LESIONLAB_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - begin
    if done.returncode:
        raise RuntimeError(f"the import failed: {done.stderr.strip()[-500:]}")
    os.environ["LESIONLAB_HOME"] = str(home)
    return [Result(NAME, seconds, "s", BAR, note=f"{len(open_dataset(DATASET)):,} images")]
