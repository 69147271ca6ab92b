"""Decode files in a process of its own and tell of each what it cost; started by tests.

    python decode_child.py FOLDER      a line of JSON for each file of the folder, by name

Seconds are processor time at the usual pace (`pace.py`), so that a busy or slow machine fails no
test. Bytes are the highest resident memory above that of the process before its first picture
(Linux tells it, and lets it be reset).
"""

from __future__ import annotations

import ctypes
import json
import resource
import sys
import time
import warnings
from pathlib import Path

from pace import at_usual_pace

from lesionlab.errors import PictureError
from lesionlab.images.decode import decode_image

ADDRESS_SPACE = 6 * 2**30
# Below this no bar is near.
QUICK_SECONDS = 1.0


def memory(name: str) -> int:
    """Bytes of one line of the kernel's account: VmRSS now, VmHWM at most since the reset."""
    lines = Path("/proc/self/status").read_text("ascii", errors="replace").splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(name))


def load_readers() -> None:
    """Import what the first picture of a kind would import."""
    import jpeg_ls  # noqa: F401
    import pillow_heif  # noqa: F401
    import pydicom  # noqa: F401
    from PIL import Image, ImageCms

    Image.init()
    ImageCms.createProfile("sRGB")


def main() -> None:
    """Decode all files of the folder named on the command line."""
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    load_readers()
    # glibc's way to hand all free memory back; elsewhere nothing is asked.
    trim = getattr(ctypes.CDLL(None), "malloc_trim", lambda _: None)
    before = memory("VmRSS")
    for path in sorted(p for p in Path(sys.argv[1]).iterdir() if p.is_file()):
        # What is free already is no cost of the next file.
        trim(0)
        data = path.read_bytes()
        Path("/proc/self/clear_refs").write_text("5")
        start = time.process_time()
        shape: list[int] = []
        try:
            shape = list(decode_image(data).shape)
            outcome = "picture"
        except PictureError as error:
            outcome = error.sentence
        except BaseException as error:  # noqa: BLE001
            outcome = f"RAISED {type(error).__name__}: {error}"
        seconds = time.process_time() - start
        peak = max(0, memory("VmHWM") - before)
        seconds = at_usual_pace(seconds, QUICK_SECONDS)
        line = {"name": path.name, "outcome": outcome, "seconds": seconds, "bytes": peak}
        sys.stdout.write(json.dumps({**line, "shape": shape}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
