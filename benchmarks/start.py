"""From `streamlit run` to the end of the first page, on a home folder that is new."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.result import Result
from benchmarks.web import web_server

REPEATS = 3
SECONDS = 3.0
MEMORY_MB = 300.0


def measure() -> list[Result]:
    """Seconds to the end of the first script run, then memory, and whether Keras is in it."""
    seconds, memory, heavy = [], [], set()
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as folder, web_server(Path(folder) / "home") as server:
            session = server.connect()
            session.run()
            seconds.append(time.perf_counter() - server.began)
            if session.errors:
                raise RuntimeError(f"the start page failed: {session.errors}")
            resident = server.memory_mb()
            if resident is not None:
                memory.append(resident)
                libraries = server.loaded_libraries()
                heavy |= {name for name in ("tensorflow", "jaxlib", "torch") if name in libraries}
            session.close()
    found = [
        Result(
            "start: end of first script run",
            statistics.median(seconds),
            "s",
            SECONDS,
            note=f"median of {REPEATS}, worst {max(seconds):.2f} s",
        )
    ]
    if memory:
        words = f"holds {', '.join(heavy)}" if heavy else "no TensorFlow, JAX or torch mapped"
        found.append(Result("start: web process", max(memory), "MB", MEMORY_MB, note=words))
        found.append(Result("start: backends of Keras in the web process", len(heavy), "", 0))
    return found
