"""How fast one core draws pictures of the synthetic set, with masks and files."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from benchmarks.result import Result
from benchmarks.web import ROOT

BAR = 20.0
PER_CLASS = 8
# In a process of its own with one thread, so that a second core cannot help.
CODE = """
import json, sys, tempfile, time
from pathlib import Path
from lesionlab.data.synthetic.synthesize import synthesize
with tempfile.TemporaryDirectory() as folder:
    synthesize(Path(folder) / "first", 1)
    begin = time.perf_counter()
    synthesize(Path(folder) / "second", int(sys.argv[1]), seed=1)
    print(json.dumps(8 * int(sys.argv[1]) / (time.perf_counter() - begin)))
"""
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}


def measure() -> list[Result]:
    """Images a second on one core, at 450×600."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(PER_CLASS)],
        cwd=ROOT,
        env={**os.environ, **ONE_THREAD},
        capture_output=True,
        text=True,
        check=True,
    )
    rate = float(json.loads(done.stdout.splitlines()[-1]))
    note = f"{8 * PER_CLASS} pictures of 450×600 with masks, one thread"
    return [Result("drawing, one core", rate, "images/s", BAR, "at least", note)]
