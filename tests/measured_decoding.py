"""Runs `decode_child.py` on files and hands back what each cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("decode_child.py")
# What a file that is refused, and a good one of 40 megapixels, may take.
BAD_SECONDS, BAD_BYTES = 2.0, 300e6
GOOD_SECONDS, GOOD_BYTES = 3.0, 600e6


@dataclass(frozen=True)
class Cost:
    """What became of one file: `picture` or the sentence, seconds of processor, bytes at most."""

    name: str
    outcome: str
    seconds: float
    bytes: float
    shape: list[int]

    @property
    def refused(self) -> bool:
        return self.outcome != "picture" and not self.outcome.startswith("RAISED")


def costs(folder: Path) -> Iterator[Cost]:
    """Decode each file of a folder in one process of its own.

    Raises:
        AssertionError: The process died; the message says at which file.
    """
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("only Linux tells how much memory was needed")
    # Freed memory goes back at once, so that one file's does not hide the next one's.
    env = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "1000000", "PYTHONWARNINGS": "ignore"}
    root = str(CHILD.parent.parent)
    process = subprocess.Popen(
        [sys.executable, str(CHILD), str(folder)],
        env=env | {"PYTHONPATH": root},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        for line in process.stdout:
            cost = Cost(**json.loads(line))
            assert cost.name == names.pop(0)
            yield cost
        words = process.stderr.read()
    assert process.returncode == 0, (names[:1], words[-2000:])
    assert not names
