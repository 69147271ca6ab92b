"""`metrics.jsonl`: a line an iteration and a line an epoch, appended while training runs."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

from lesionlab.errors import disk_errors
from lesionlab.jobs.record import Job

NAME = "metrics.jsonl"


def append_line(folder: Path, line: dict[str, Any]) -> None:
    """Append one line with a single write; numbers that are not finite become null.

    The file is opened anew each time, since a resumed training replaces it by a shorter one.

    Raises:
        DiskError: The disk is full. A torn line is skipped by readers, and cut on resume.
    """
    clean = {key: None if _is_broken(value) else value for key, value in line.items()}
    data = (json.dumps(clean, allow_nan=False) + "\n").encode()
    with disk_errors("the learning curve"):
        handle = os.open(folder / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            written = os.write(handle, data)
            if written < len(data):
                # A nearly full disk takes a part; the next write says why.
                os.write(handle, data[written:])
        finally:
            os.close(handle)


def _is_broken(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def read_metrics(job: Job, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Lines after `offset`, and the offset to go on from.

    A line without its end is left for the next call. When the file became shorter than `offset`,
    because the training was resumed, reading starts over.
    """
    return read_lines(job.folder / NAME, offset)


def read_lines(path: Path, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """As `read_metrics`, for any file of JSON lines."""
    try:
        with path.open("rb") as file:
            if offset > os.fstat(file.fileno()).st_size:
                offset = 0
            file.seek(offset)
            data = file.read()
    except FileNotFoundError:
        return [], 0
    end = data.rfind(b"\n") + 1
    return [line for text in data[:end].splitlines() if (line := _parse(text))], offset + end


def _parse(text: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
    except ValueError:
        # Torn by a power cut; the lines around it are good.
        return None
    return line if isinstance(line, dict) else None


def cut_torn_line(folder: Path) -> None:
    """Cut a last line that a killed worker did not finish, so that the next one starts clean."""
    path = folder / NAME
    if not path.exists():
        return
    with disk_errors("the learning curve"), path.open("rb+") as file:
        data = file.read()
        end = data.rfind(b"\n") + 1
        if end < len(data):
            file.truncate(end)
