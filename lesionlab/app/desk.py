"""A desk: who one is without logging in, and what is chosen.

A folder HOME/desks/<id>/ with desk.json. The id is random, stands in the address, and survives a
refresh. Nothing is written before something is chosen, so that passing robots leave no folders.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from lesionlab import experiment as experiments
from lesionlab import settings
from lesionlab.errors import DataError, ExperimentError
from lesionlab.experiment import Experiment
from lesionlab.files import read_json, write_json

# The desks of signed-in users have 64 characters, so that no address can name one.
DESK_ID = re.compile(r"[0-9a-f]{16,63}")
USER_DESK_ID = re.compile(r"[0-9a-f]{64}")
FIRST_RECIPE = "mobilenetv2-quick"


def new_desk_id() -> str:
    """A random id that cannot be guessed."""
    return secrets.token_hex(12)


def is_desk_id(text: str | None) -> bool:
    """Whether `text` could be a desk's id. Anything else never touches the disk."""
    return bool(text) and DESK_ID.fullmatch(text or "") is not None


def user_desk_id(issuer: str, subject: str, secret: str) -> str:
    """The id of a signed-in user's desk: always the same one, and not to be guessed.

    Args:
        issuer: Who vouches for the user; `subject` is what the issuer calls the user.
        secret: The cookie secret of Streamlit's [auth].
    """
    words = f"{issuer}\n{subject}".encode()
    return hmac.new(secret.encode(), words, hashlib.sha256).hexdigest()


def first_draft() -> Experiment:
    """The experiment that lies on a new desk."""
    return experiments.recipe(FIRST_RECIPE)


@dataclass
class Desk:
    """What is chosen. Read on every rerun, written when a choice changes.

    Attributes:
        id: Random hexadecimal characters.
        nickname: What its owner calls it; nobody else sees it.
        draft: The experiment that the pages edit.
        dataset: Name of the data set in use.
        run: A run's id or a model's name; None until one is chosen (see chosen.default_model).
        image: The picture in use, an `image_id` of the data set.
        visited: Paths of the pages that were opened.
        notice: A sentence about a draft that could not be read, shown once.
    """

    id: str
    nickname: str = ""
    draft: Experiment = field(default_factory=first_draft)
    dataset: str = "synthetic"
    run: str | None = None
    image: str | None = None
    visited: tuple[str, ...] = ()
    notice: str = ""

    @property
    def folder(self) -> Path:
        return settings.current().desks / self.id

    def renew(self) -> None:
        """Take over what another tab may have chosen since this page was drawn.

        Called before a draft is changed and written as a whole.
        """
        latest = _read(self.id)
        for f in fields(self):
            if f.name not in ("id", "notice"):
                setattr(self, f.name, getattr(latest, f.name))

    def save(self, **changes: Any) -> None:
        """Change some choices and write them down.

        Only the changed ones are written, over what another tab may have written meanwhile.

        Raises:
            DiskError: The disk is full or read-only; the desk stays as it was.
        """
        unknown = set(changes) - {f.name for f in fields(self)} | ({"id", "notice"} & set(changes))
        if unknown:
            raise TypeError(f"a desk has no {', '.join(sorted(unknown))} to save")
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / "lock", timeout=10):
            latest = replace(_read(self.id), **changes)
            write_json(self.folder / "desk.json", _words(latest))
        for name, value in changes.items():
            setattr(self, name, value)


def open_desk(desk_id: str) -> Desk:
    """The desk of this id; an empty one when it was never written.

    Raises:
        DataError: The id is not one of ours.
    """
    if not is_desk_id(desk_id) and not USER_DESK_ID.fullmatch(desk_id):
        raise DataError(
            "A desk's address ends in ?desk= and 16 or more of the characters 0-9 and a-f.",
            f"Received {desk_id[:80]!r}.",
            "Copy the whole address, or open the start page without it for a new desk.",
        )
    return _read(desk_id)


def _words(desk: Desk) -> dict[str, Any]:
    return {
        "nickname": desk.nickname,
        "draft": desk.draft.model_dump(mode="json", exclude_none=True),
        "dataset": desk.dataset,
        "run": desk.run,
        "image": desk.image,
        "visited": list(desk.visited),
    }


def _read(desk_id: str) -> Desk:
    words = read_json(settings.current().desks / desk_id / "desk.json")
    desk = Desk(desk_id)
    if not isinstance(words, dict):
        return desk
    for name in ("nickname", "dataset", "run", "image"):
        if isinstance(words.get(name), str):
            setattr(desk, name, words[name])
    desk.visited = tuple(str(path) for path in words.get("visited") or ())
    try:
        if words.get("draft"):
            desk.draft = experiments.parse(words["draft"])
    except ExperimentError as error:
        data = desk.draft.data.model_copy(update={"name": desk.dataset})
        desk.draft = desk.draft.model_copy(update={"data": data})
        desk.notice = f"Your draft could not be read, so a new one was laid out. {error.sentence}"
    return desk
