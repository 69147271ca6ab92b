"""Where the private service is: HOME/service.json, written by the service, read by its clients.

The process id in it is for people; nothing decides by it who lives.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from lesionlab import __version__
from lesionlab.files import read_json
from lesionlab.settings import Settings


@dataclass(frozen=True)
class Address:
    """How to reach a service that runs on this machine, and whether it is the right one."""

    port: int
    token: str
    version: str
    settings: str
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_current(self, settings: Settings) -> bool:
        """Whether it is of this version of lesionlab and was started with these settings."""
        return self.version == __version__ and self.settings == settings.digest()


def path_of(settings: Settings) -> Path:
    return settings.home / "service.json"


def read_address(settings: Settings) -> Address | None:
    """The address that stands in the home folder, or None where there is none that is whole."""
    words = read_json(path_of(settings))
    try:
        return Address(**words)
    except TypeError:
        return None


def write_address(settings: Settings, address: Address) -> None:
    """Write the address aside and rename it; only this user may ever read it.

    The home folder is not made here: a service must not bring a deleted home back.
    """
    path = path_of(settings)
    # mkstemp gives mode 0600 from the first byte on, since the token is a secret.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".service.", suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(address), file)
    Path(name).replace(path)
