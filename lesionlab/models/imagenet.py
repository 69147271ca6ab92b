"""ImageNet weights: on this machine, or through Keras from the network."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path

import keras

from lesionlab import settings
from lesionlab.errors import WeightsError
from lesionlab.experiment import Network
from lesionlab.models.networks import NETWORKS, imagenet_address, imagenet_file_names

PROBE_SECONDS = 8.0
STALL_SECONDS = 30.0


def find_imagenet(network: Network, size: tuple[int, int] = (224, 224)) -> Path | None:
    """ImageNet weights on this machine: the weights folder first, then Keras's downloads.

    Raises:
        WeightsError: No ImageNet weights exist for this network.
    """
    names = imagenet_file_names(network, size)
    if not names:
        raise WeightsError(
            f"{NETWORKS[network.network].title} has no ImageNet weights.",
            "Received weights = imagenet.",
            'Set model.weights to "random".',
        )
    folders = [folder for folder in (settings.current().weights,) if folder is not None]
    for folder in folders:
        for name in names:
            for path in sorted(folder.glob(name)):
                return path
    downloaded = _keras_downloads() / names[0]
    return downloaded if downloaded.is_file() else None


def _keras_downloads() -> Path:
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "models"


def download(network: Network, size: tuple[int, int]) -> Path:
    """Let Keras download the weights, once a short question shows that the server answers."""
    address, md5 = imagenet_address(network, size)
    problem = _unreachable(address)
    if problem is None:
        previous = socket.getdefaulttimeout()
        # get_file sets no time limit of its own, and a stalled line would hold it for ever.
        socket.setdefaulttimeout(STALL_SECONDS)
        try:
            # Its progress bar goes to standard output, where --json has promised one document.
            with contextlib.redirect_stdout(sys.stderr):
                # Into a folder aside: get_file would take half a file for a whole one next time.
                folder = _keras_downloads()
                folder.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryDirectory(dir=folder, prefix=".part-") as aside:
                    name = address.rpartition("/")[2]
                    path = keras.utils.get_file(
                        name, address, cache_dir=aside, cache_subdir="", file_hash=md5
                    )
                    return Path(path).replace(folder / name)
        except (OSError, ValueError) as error:  # get_file raises both
            problem = str(error)
        except Exception as error:
            # get_file wraps network errors in plain Exception; nothing narrower can be named.
            if type(error) is not Exception:
                raise
            problem = str(error)
        finally:
            socket.setdefaulttimeout(previous)
    raise WeightsError(
        f"ImageNet weights of {NETWORKS[network.network].title} "
        f"({imagenet_file_names(network, size)[0]}) are needed.",
        f"They are not in the weights folder, and Keras cannot download them ({problem}).",
        'Set model.weights to "random", or to a model of ours to go on from, or put the file into '
        "a folder and set LESIONLAB_WEIGHTS to it.",
    )


def _unreachable(address: str) -> str | None:
    """Why a web address does not answer, or None when it does.

    The question runs in a thread of its own, because looking up a name has no time limit.
    """
    answer: list[str | None] = []

    def ask() -> None:
        try:
            request = urllib.request.Request(address, method="HEAD")
            with urllib.request.urlopen(request, timeout=PROBE_SECONDS):
                answer.append(None)
        except OSError as error:
            answer.append(str(getattr(error, "reason", error)))

    thread = threading.Thread(target=ask, daemon=True, name="weights-probe")
    thread.start()
    thread.join(PROBE_SECONDS)
    return answer[0] if answer else f"no answer within {PROBE_SECONDS:.0f} seconds"
