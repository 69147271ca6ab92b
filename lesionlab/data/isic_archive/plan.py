"""Which pictures of the ISIC Archive a download will fetch, chosen by chance but always alike.

Of a class with many pictures not the whole list is asked for (nevi alone have hundreds of pages):
the seed deals out endings of ISIC ids, and the pictures whose ids end so are a fair sample of the
class, one page for each ending.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, field_validator

from lesionlab.data.isic_archive.diagnoses import EIGHT, NAMES
from lesionlab.data.isic_archive.search import ArchiveImage, images, query_for, stock_of
from lesionlab.data.isic_archive.session import Patience
from lesionlab.errors import DataError
from lesionlab.files import read_json, write_json
from lesionlab.images.decode import MAX_BYTES

PLAN = "plan.json"
FORMAT = 1
PAGE = 100
# A class with at most so many pictures, or five times those wanted, is listed whole.
LISTED_WHOLE = 500
MOST_EACH = 20_000
EMPTY_ENDINGS = 20
Licence = Literal["CC-0", "CC-BY", "CC-BY-NC"]


class Wanted(BaseModel, frozen=True, extra="forbid"):
    """What a user wants from the archive.

    Attributes:
        per_class: Pictures of each class; one number means that of each of the eight classes.
        licences: Only pictures under one of these.
        dermoscopic: Only pictures taken through a dermatoscope.
        seed: Another one chooses other pictures.
    """

    per_class: dict[str, int] = Field(default_factory=lambda: dict.fromkeys(EIGHT, 100))
    licences: tuple[Licence, ...] = ("CC-0", "CC-BY", "CC-BY-NC")
    dermoscopic: bool = True
    seed: int = Field(0, ge=0, lt=2**31)

    @field_validator("per_class", mode="before")
    @classmethod
    def _for_each(cls, value: Any) -> Any:
        return dict.fromkeys(EIGHT, value) if isinstance(value, int) else value

    @field_validator("per_class")
    @classmethod
    def _known(cls, value: dict[str, int]) -> dict[str, int]:
        if strangers := sorted(set(value) - set(NAMES)):
            raise ValueError(f"the archive is not asked for {', '.join(strangers)}")
        if not value or not all(1 <= number <= MOST_EACH for number in value.values()):
            raise ValueError(f"each class needs a number from 1 to {MOST_EACH:,}")
        return value

    @field_validator("licences")
    @classmethod
    def _some(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("at least one licence is needed")
        return tuple(sorted(set(value)))


@dataclass(frozen=True)
class Plan:
    """What will be fetched.

    Attributes:
        wanted: What was asked for.
        available: How many pictures the archive has of each class.
        images: For each class, in the order in which they are taken; those beyond the number that
            is wanted step in for those that cannot be fetched.
    """

    wanted: Wanted
    available: dict[str, int]
    images: dict[str, tuple[ArchiveImage, ...]] = field(repr=False)

    def counts(self) -> dict[str, int]:
        """Pictures of each class that will be there when all goes well."""
        return {
            code: min(number, len(self.images[code]))
            for code, number in self.wanted.per_class.items()
        }

    @property
    def num_images(self) -> int:
        return sum(self.counts().values())

    @property
    def num_bytes(self) -> int:
        """Bytes of those pictures, as the archive tells them."""
        return sum(
            image.num_bytes
            for code, number in self.counts().items()
            for image in self.images[code][:number]
        )

    def too_few(self) -> list[str]:
        """A sentence for each class of which the archive has fewer than wanted."""
        return [
            f"{code.upper()}: {self.counts()[code]:,} in place of {number:,}, since the archive "
            "has no more under these conditions."
            for code, number in self.wanted.per_class.items()
            if self.counts()[code] < number
        ]


def make_plan(wanted: Wanted, patience: Patience, progress: Callable[[float, str], None]) -> Plan:
    """Ask the archive and choose.

    Args:
        progress: Told how far it is, 0 to 1, and what is asked for.

    Raises:
        DataError: The archive does not answer, or has nothing of what is wanted.
    """
    available, chosen = {}, {}
    for number, (code, many) in enumerate(wanted.per_class.items()):
        progress(number / len(wanted.per_class), f"Asking the ISIC Archive for {code.upper()}")
        query = query_for(code, wanted.licences, wanted.dermoscopic)
        available[code] = stock_of(query, patience).num_images
        chance = random.Random(f"{wanted.seed} {code}")  # the same on every machine and version
        taken = _draw(query, available[code], many + spares(many), chance, patience)
        chosen[code] = tuple(
            image
            for image in taken
            # What the archive says last counts, not what was searched for.
            if image.code == code and image.licence in wanted.licences
            if image.num_bytes <= MAX_BYTES
        )
    plan = Plan(wanted, available, chosen)
    if not plan.num_images:
        raise DataError(
            "Expected pictures in the ISIC Archive under these conditions.",
            "It has none.",
            "Allow more licences or other classes.",
        )
    return plan


def spares(number: int) -> int:
    """How many pictures more are asked for, to step in for those that cannot be fetched."""
    return max(10, number // 5)


def _draw(
    query: str, available: int, number: int, chance: random.Random, patience: Patience
) -> list[ArchiveImage]:
    """So many pictures of a search, or all that there are, in an order that the seed decides."""
    if available <= max(LISTED_WHOLE, 5 * number):
        everything = sorted(images(query, patience), key=lambda image: image.isic_id)
        chance.shuffle(everything)
        return _once(everything)[:number]
    drawn = list(islice(_by_endings(query, available, chance, patience), number))
    # An archive that knows no endings: its own order is better than nothing.
    return _once(drawn or list(islice(images(query, patience), number)))


def _by_endings(
    query: str, available: int, chance: random.Random, patience: Patience
) -> Iterator[ArchiveImage]:
    digits = max(1, math.ceil(math.log10(available / PAGE)))
    endings = [f"{ending:0{digits}d}" for ending in range(10**digits)]
    chance.shuffle(endings)
    empty = 0
    for ending in endings:
        page = sorted(
            images(f"{query} AND isic_id:*{ending}", patience), key=lambda image: image.isic_id
        )
        chance.shuffle(page)
        empty = 0 if page else empty + 1
        if empty == EMPTY_ENDINGS:
            return
        yield from page


def _once(found: list[ArchiveImage]) -> list[ArchiveImage]:
    # A cursor may show a picture a second time when the archive grows meanwhile.
    return list({image.isic_id: image for image in found}.values())


def write_plan(plan: Plan, folder: Path) -> None:
    """Keep a plan, so that a download that was stopped goes on with the same pictures."""
    write_json(
        folder / PLAN,
        {
            "format": FORMAT,
            "wanted": plan.wanted.model_dump(mode="json"),
            "available": plan.available,
            "images": {code: [i.to_dict() for i in found] for code, found in plan.images.items()},
        },
    )


def read_plan(folder: Path, wanted: Wanted) -> Plan | None:
    """The plan of this wish that lies in the folder, or None."""
    values = read_json(folder / PLAN)
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        return None
    if values.get("wanted") != wanted.model_dump(mode="json"):
        return None
    chosen = {
        code: tuple(ArchiveImage(**{**i, "diagnoses": tuple(i["diagnoses"])}) for i in found)
        for code, found in values["images"].items()
    }
    return Plan(wanted, values["available"], chosen)
