"""`python -m benchmarks`: measure everything that has a bar, and print one line each.

    python -m benchmarks [NAME ...] [--data FOLDER] [--peer plain_keras.py] [--images N]

NAMES: start, drawing, decoding, convolution, import, caching, gallery, prediction, inside, rerun,
scale, memory, training. Without any, all of them.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    caching,
    convolution,
    decoding,
    drawing,
    gallery,
    importing,
    inside,
    memory,
    prediction,
    rerun,
    scale,
    start,
    training,
)
from benchmarks.result import Result, table
from lesionlab import settings
from lesionlab.service import client
from lesionlab.service.address import read_address

ROOT = Path(__file__).resolve().parent.parent
ARCHIVE = "ham10000_200x150.zip"
LAST_SECONDS = 20.0


def main() -> int:
    """Measure; the exit status tells whether every bar was kept."""
    arguments = _arguments()
    archive, peer = arguments.data / ARCHIVE, arguments.peer
    load = training.Load(images=arguments.images)
    results: list[Result] = []
    # A worker in its last moments may write while the folder is taken away.
    with tempfile.TemporaryDirectory(
        prefix="lesionlab-bench-", ignore_cleanup_errors=True
    ) as folder:
        home = Path(folder)
        measures: dict[str, Callable[[], list[Result]]] = {
            "start": start.measure,
            "drawing": drawing.measure,
            "decoding": decoding.measure,
            "convolution": convolution.measure,
            "import": lambda: importing.measure(archive, home),
            "caching": lambda: caching.measure(home),
            "gallery": lambda: gallery.measure(home),
            "prediction": lambda: prediction.measure(home),
            "inside": lambda: inside.measure(home),
            "rerun": lambda: rerun.measure(archive, home),
            "scale": lambda: scale.measure(home / "scale"),
            "memory": lambda: memory.measure(home),
            "training": lambda: training.measure(archive, peer, load),
        }
        unknown = set(arguments.names) - set(measures)
        if unknown:
            print(f"Expected some of {', '.join(measures)}; received {', '.join(unknown)}.")
            return 2
        try:
            for name in arguments.names or measures:
                for result in measures[name]():
                    results.append(result)
                    print("  ".join(cell for cell in result.cells() if cell), flush=True)
        finally:
            os.environ["LESIONLAB_HOME"] = str(home)
            stop_service()
    cores = os.cpu_count()
    print(f"\n{platform.platform()}, {cores} cores, Python {platform.python_version()}\n")
    print(table(results))
    return int(any(result.verdict == "MISSED" for result in results))


def stop_service() -> None:
    """End the service and wait until it has taken its address away, as its last act."""
    client.stop()
    until = time.monotonic() + LAST_SECONDS
    while read_address(settings.current()) is not None and time.monotonic() < until:
        time.sleep(0.1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    default = Path(os.environ.get("LESIONLAB_TEST_DATA", ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=default, help=f"folder with {ARCHIVE}")
    peer = ROOT.parent / "shared" / "peers" / "plain_keras.py"
    parser.add_argument("--peer", type=Path, default=peer, help="the plain Keras script")
    parser.add_argument("--images", type=int, default=640, help="to train on, for the comparison")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
