"""The lines of metrics.jsonl, cut back to where a training is taken up again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lesionlab.files import write_text


def cut_back(path: Path, num_steps: int, num_epochs: int) -> None:
    """Drop the lines after a checkpoint, so that the curve shows no step twice.

    The file is written aside and renamed; torn lines go too.

    Args:
        path: metrics.jsonl; may be missing.
        num_steps: Steps that the checkpoint has seen since the start.
        num_epochs: Epochs that it has finished.
    """
    if not path.exists():
        return
    lines = path.read_text("utf-8", errors="replace").splitlines()
    kept = [line for line in lines if _is_before(line, num_steps, num_epochs)]
    if kept != lines:
        write_text(path, "".join(line + "\n" for line in kept))


def _is_before(text: str, num_steps: int, num_epochs: int) -> bool:
    try:
        line: dict[str, Any] = json.loads(text)
        if line["kind"] == "iteration":
            return bool(line["step"] <= num_steps)
        if line["kind"] == "epoch":
            return bool(line["epoch"] <= num_epochs)
        # A note stands before the step that it speaks of, and is written again with it.
        return bool(line.get("step", 0) < num_steps)
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
        return False
