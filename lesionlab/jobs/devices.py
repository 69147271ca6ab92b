"""Which GPUs there are, found without importing Keras: that would cost seconds and their memory."""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
from functools import cache

from lesionlab import settings
from lesionlab.settings import Settings

# The setting `devices`: from the host, or for a worker from its starter. The worker itself sees its
# own GPU alone, but starts others at its end.
ALL_DEVICES = "LESIONLAB_DEVICES"

log = logging.getLogger(__name__)


def devices() -> tuple[str, ...]:
    """Names of the GPUs as CUDA_VISIBLE_DEVICES takes them; empty on a machine without."""
    for text in (settings.current().devices, os.environ.get("CUDA_VISIBLE_DEVICES")):
        if text is not None:
            names = tuple(name.strip() for name in text.split(","))
            return tuple(name for name in names if name and name != "-1")
    return _installed()


@cache
def _installed() -> tuple[str, ...]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    try:
        listed = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("nvidia-smi did not answer (%s); jobs run on the processor.", error)
        return ()
    return tuple(re.findall(r"^GPU (\d+):", listed.stdout, re.MULTILINE))


def num_slots(configured: Settings) -> int:
    """How many jobs may run at a time: what the host set, else one a GPU, else one."""
    return configured.slots or max(1, len(devices()))


def device_of(slot: int) -> str | None:
    """The GPU of a slot, or None on a machine without."""
    found = devices()
    return found[slot % len(found)] if found else None
