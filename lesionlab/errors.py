"""The errors that a user may read.

Each says three things in whole sentences: what was expected, what was received, what to do now.
Pages, the command line and the service show the sentence; nobody needs to read a traceback.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager


class LesionlabError(ValueError):
    """A mistake that a user can mend, told in up to three sentences."""

    def __init__(self, expected: str, received: str = "", what_to_do: str = "") -> None:
        self.expected = expected
        self.received = received
        self.what_to_do = what_to_do
        super().__init__(" ".join(part for part in (expected, received, what_to_do) if part))

    @property
    def sentence(self) -> str:
        """The whole message as one text."""
        return str(self)

    def to_dict(self) -> dict[str, str]:
        """The error as JSON-ready words, so that it survives the way through the service."""
        return {
            "error": type(self).__name__,
            "expected": self.expected,
            "received": self.received,
            "what_to_do": self.what_to_do,
        }


class SettingsError(LesionlabError):
    """A LESIONLAB_* setting has a value that cannot be used."""


class PictureError(LesionlabError):
    """A picture cannot be read, or is larger than allowed."""


class DataError(LesionlabError):
    """A data set, its table or its archive is not what was expected."""


class ExperimentError(LesionlabError):
    """An experiment has an unknown key or a value out of range."""


class WeightsError(LesionlabError):
    """Pretrained weights cannot be had."""


class BundleError(LesionlabError):
    """A model bundle is damaged, unknown or does not fit."""


class ModelError(LesionlabError):
    """A model cannot be used in the way that was asked."""


class TrainingError(LesionlabError):
    """A training cannot go on."""


class JobError(LesionlabError):
    """A run or job does not exist, or does not allow what was asked."""


class ServiceError(LesionlabError):
    """The model service is not there, is busy, or refused."""


class DiskError(LesionlabError):
    """The disk is full or a folder cannot be written."""


class Cancelled(Exception):
    """The user asked to stop; whoever catches it cleans up and ends quietly."""


class TurnOver(Exception):
    """A job gave its slot to a waiting one after a checkpoint, and queues again."""


_kinds: list[type[LesionlabError]] = [LesionlabError, *LesionlabError.__subclasses__()]
KINDS: dict[str, type[LesionlabError]] = {kind.__name__: kind for kind in _kinds}


def from_dict(words: dict[str, str]) -> LesionlabError:
    """The error that `to_dict` wrote down."""
    kind = KINDS.get(words.get("error", ""), LesionlabError)
    return kind(
        words.get("expected", "Something went wrong."),
        words.get("received", ""),
        words.get("what_to_do", ""),
    )


@contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Turn a full disk or a folder without permission into a sentence.

    Where these stand around each other the outer one names what was being written: it knows best
    what a user calls it.

    Args:
        what: What was being written, as a user would call it ("the checkpoint").

    Raises:
        DiskError: In place of the OSError that means it.
    """
    try:
        yield
    except (OSError, DiskError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        words = _disk_error(what, cause) if isinstance(cause, OSError) else None
        if words is None:
            raise
        raise words from cause


def _disk_error(what: str, error: OSError) -> DiskError | None:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskError(
            f"Writing {what} needs free space on the disk.",
            "The disk is full.",
            "Delete runs or data sets that you no longer need, then try again or resume.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return DiskError(
            f"Writing {what} needs a folder that may be written to.",
            f"The folder of {error.filename or 'the file'} is read-only.",
            "Set LESIONLAB_HOME to a folder of your own.",
        )
    return None
