"""What the ISIC Archive holds of each class: how many pictures, how many bytes, and which.

The searches are isic-cli's own (`isic_cli.io.http`), which pages through the answers by the
archive's cursors. The search language was read in the archive's source (ImageMarkup/isic,
`isic/core/dsl.py`): `field:"value"`, AND, OR, brackets, and `*` at the head or the tail of a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from isic_cli.io.http import (  # type: ignore[import-untyped]
    get_images,
    get_num_images,
    get_size_images,
)
from requests import Response

from lesionlab.data.isic_archive.diagnoses import LEVELS, code_of, search_terms
from lesionlab.data.isic_archive.session import ArchiveSession, Patience, archive_url
from lesionlab.data.sources.tree import PICTURES
from lesionlab.errors import DataError, LesionlabError

# Photographs. The archive also has tiles of whole bodies and pictures of confocal microscopes.
KINDS = ("dermoscopic", "clinical: close-up", "clinical: overview")
ISIC_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
ASKED_AT_ONCE = 6


@dataclass(frozen=True)
class ArchiveImage:
    """A picture of the archive, before it is fetched.

    Attributes:
        num_bytes: Length of its file as the archive tells it, 0 when it does not.
        diagnoses: Names of level 1 to 5; those below the last that is given are empty.
        facts: Age, sex, site, ids and the like, under the archive's names.
    """

    isic_id: str
    url: str
    num_bytes: int
    licence: str
    attribution: str
    diagnoses: tuple[str, ...]
    facts: dict[str, Any]

    @property
    def code(self) -> str | None:
        """Its class."""
        return code_of(self.diagnoses)

    @property
    def file_name(self) -> str:
        """What its file is called here."""
        suffix = PurePosixPath(urlsplit(self.url).path).suffix.lower()
        return self.isic_id + (suffix if suffix in PICTURES else ".jpg")

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it; `ArchiveImage(**words)` with a tuple of diagnoses reads it again."""
        return asdict(self)


@dataclass(frozen=True)
class Stock:
    """How much the archive holds of a class; `num_bytes` is None when it does not tell."""

    num_images: int
    num_bytes: int | None

    def bytes_of(self, num_images: int) -> int | None:
        """About how many bytes so many pictures have: as many each as all have on average."""
        if self.num_bytes is None or not self.num_images:
            return None if self.num_images else 0
        return round(self.num_bytes / self.num_images * min(num_images, self.num_images))


def query_for(code: str, licences: Sequence[str], dermoscopic: bool = True) -> str:
    """The search for the pictures of a class.

    Args:
        licences: Keys of `licences.LICENCES`.
        dermoscopic: Only pictures taken through a dermatoscope, else any photograph.
    """
    kinds = " OR ".join(f'image_type:"{name}"' for name in (KINDS[:1] if dermoscopic else KINDS))
    under = " OR ".join(f'copyright_license:"{name}"' for name in licences)
    return f"({kinds}) AND ({search_terms(code)}) AND ({under})"


def stocks(
    codes: Sequence[str],
    licences: Sequence[str],
    dermoscopic: bool = True,
    patience: Patience | None = None,
) -> dict[str, Stock]:
    """Ask how much there is of each class: two short requests a class, several at a time.

    Raises:
        NoAnswer: The archive does not answer. DataError: Its answer makes no sense.
    """
    patience = patience or Patience()
    failed: list[DataError] = []

    def one(code: str) -> Stock:
        if failed:  # nobody waits for nine classes where the first went unanswered
            raise failed[0]
        try:
            return stock_of(query_for(code, licences, dermoscopic), patience)
        except DataError as error:
            failed.append(error)
            raise

    with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
        return dict(zip(codes, pool.map(one, codes), strict=True))


def stock_of(query: str, patience: Patience) -> Stock:
    """How much one search finds.

    Raises:
        NoAnswer: The archive does not answer. DataError: Its answer makes no sense.
    """
    with ArchiveSession() as session:
        pages = PatientPages(session, patience)
        with _readable():
            num_images = max(0, int(get_num_images(pages, query)))
        try:
            with _readable():
                return Stock(num_images, max(0, int(get_size_images(pages, query))))
        except DataError:
            # isic-cli asks for it, but the archive's list of addresses does not promise it.
            return Stock(num_images, None)


def images(query: str, patience: Patience) -> Iterator[ArchiveImage]:
    """The pictures that a search finds, in the archive's order; broken entries are passed over.

    Raises:
        NoAnswer: The archive does not answer. DataError: Its answer makes no sense.
    """
    # isic-cli's loop over pages cannot be taken up again after an error in its middle, so the
    # patience stands under it, in the session.
    with ArchiveSession() as session, _readable():
        for record in get_images(PatientPages(session, patience), query):
            image = read_record(record)
            if image is not None:
                yield image


class PatientPages:
    """A session whose `get` asks again until there is an answer."""

    def __init__(self, session: ArchiveSession, patience: Patience) -> None:
        self._session, self._patience = session, patience
        self._asked: set[str] = set()

    def get(self, url: str, **options: Any) -> Response:
        """One page.

        Raises:
            NoAnswer: The archive does not answer. DataError: It refuses, or leads in a circle.
        """
        page = f"{url} {options.get('params')}"
        if page in self._asked:
            raise _strange("the same page once more")
        self._asked.add(page)
        answer = self._patience.ask(lambda: self._session.get(url, **options))
        if not answer.ok:
            raise _strange(f"status {answer.status_code}")
        return answer


def image_by_id(isic_id: str, session: ArchiveSession, patience: Patience) -> ArchiveImage | None:
    """The picture as the archive tells of it now, with an address that works; None without one.

    Raises:
        NoAnswer: The archive does not answer.
    """
    answer = patience.ask(lambda: session.get(f"images/{isic_id}/"))
    try:
        return read_record(answer.json()) if answer.ok else None
    except ValueError:
        return None


def read_record(record: Any) -> ArchiveImage | None:
    """A picture as the archive's JSON tells of it; None when what we need is not there."""
    try:
        full = record["files"]["full"]
        metadata = record["metadata"]
        facts = {**metadata.get("acquisition", {}), **metadata.get("clinical", {})}
        image = ArchiveImage(
            isic_id=str(record["isic_id"]),
            url=str(full["url"]),
            num_bytes=max(0, int(full.get("size") or 0)),
            licence=str(record["copyright_license"]),
            attribution=str(record.get("attribution") or ""),
            diagnoses=tuple(str(facts.get(f"diagnosis_{n}") or "") for n in range(1, LEVELS + 1)),
            facts=facts,
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    schemes = ("https://",) if archive_url().startswith("https://") else ("https://", "http://")
    # The id becomes the name of a file.
    usable = ISIC_ID.fullmatch(image.isic_id) and image.url.startswith(schemes)
    return image if usable else None


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except LesionlabError:  # these are ValueErrors too, and know better what is wrong
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise _strange(f"something else ({type(error).__name__}: {error})") from error


def _strange(what: str) -> DataError:
    return DataError(
        "Expected an answer of the ISIC Archive that can be read.",
        f"It answered with {what}.",
        "Try again later; if it stays so, a newer version of isic-cli may know its new ways.",
    )
