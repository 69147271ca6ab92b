"""What the scripts that train the shipped models share."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from lesionlab.task import QuietTask


class PrintingTask(QuietTask):
    """Shows epochs and, every few seconds, how far it is."""

    def __init__(self, folder: Path, spec: dict[str, Any] | None = None) -> None:
        super().__init__(folder, spec)
        folder.mkdir(parents=True, exist_ok=True)
        self._shown = 0.0

    def progress(self, fraction: float, message: str) -> None:
        if time.monotonic() - self._shown > 10:
            self._shown = time.monotonic()
            print(f"{fraction:4.0%}  {message}", flush=True)

    def metrics(self, line: dict[str, Any]) -> None:
        if line["kind"] != "iteration":
            print(json.dumps(line), flush=True)
