"""Fetch the pictures of a plan into a folder, several at a time, and go on where one stopped.

A picture gets its name only when it came whole and went through the gate, and a line in
`fetched.jsonl`; what stands there with its length on disk is not fetched again. Addresses of
pictures may run out after hours: one that is refused is asked for anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from lesionlab.data.isic_archive.plan import Plan
from lesionlab.data.isic_archive.search import ArchiveImage, image_by_id
from lesionlab.data.isic_archive.session import ArchiveSession, NoAnswer, Patience
from lesionlab.data.isic_archive.threads import LooseThreads
from lesionlab.data.quota import in_words
from lesionlab.errors import Cancelled, DataError, PictureError, disk_errors
from lesionlab.images.decode import MAX_BYTES, decode_image
from lesionlab.task import Task, stop_if_cancelled

THREADS = 6
CHUNK = 64 * 1024
# Which pictures came whole; a torn last line is passed over.
JOURNAL = "fetched.jsonl"
LOOK_SECONDS = 0.2
# So many pictures in a row without an answer mean that the archive is away, not that they are bad.
OUTAGE = 12
CONTENT_ATTEMPTS = 2

Result = TypeVar("Result")


@dataclass
class Fetched:
    """What came of a plan.

    Attributes:
        images: The pictures that lie in the folder, by class.
        failed: For each picture that could not be had, why.
        num_bytes: Length of all that lie there.
    """

    images: dict[str, list[ArchiveImage]]
    failed: dict[str, str] = field(default_factory=dict)
    num_bytes: int = 0

    @property
    def num_images(self) -> int:
        return sum(len(found) for found in self.images.values())


def download(plan: Plan, folder: Path, task: Task, patience: Patience | None = None) -> Fetched:
    """Fetch what is not there yet; a picture that cannot be had is replaced by the next one.

    Args:
        folder: Where the pictures go; keeps them when the download stops in its middle.

    Raises:
        Cancelled: The task said so; within a fraction of a second, whatever the archive does.
        NoAnswer: The archive is away. DataError: Not one picture can be had.
        DiskError: The disk is full.
    """
    with disk_errors("the pictures"):
        folder.mkdir(parents=True, exist_ok=True)
        with _Fetcher(folder, patience or Patience()) as fetcher:
            found = _fetch_all(plan, fetcher, task)
    if not found.num_images:
        first = next(iter(found.failed.items()), ("nothing", ""))
        raise DataError(
            "Expected pictures that can be fetched from the ISIC Archive.",
            f"None of them can; the first is {first[0]}: {first[1]}",
            "Try again later.",
        )
    return found


def _fetch_all(plan: Plan, fetcher: _Fetcher, task: Task) -> Fetched:
    found = Fetched({code: [] for code in plan.images})
    coming = {code: iter(images) for code, images in plan.images.items()}
    # A class stands here once for each picture of it that is still to be started.
    waiting = deque(code for code, number in plan.counts().items() for _ in range(number))
    running: dict[Future[int], tuple[str, ArchiveImage]] = {}
    unanswered = 0

    def start() -> None:
        # Few at a time: asking thousands of futures whether they are done takes its time.
        while waiting and len(running) < 2 * THREADS:
            code = waiting.popleft()
            image = next(coming[code], None)
            if image is not None:
                running[fetcher.start(image)] = (code, image)

    start()
    while running:
        _say(plan, found, task, fetcher.patience.held)
        done, _ = wait(running, LOOK_SECONDS, FIRST_COMPLETED)
        stop_if_cancelled(task)
        for future in done:
            code, image = running.pop(future)
            try:
                found.num_bytes += future.result()
            except (NoAnswer, PictureError) as error:
                unanswered = unanswered + 1 if isinstance(error, NoAnswer) else 0
                if unanswered >= OUTAGE:
                    raise NoAnswer(
                        "The ISIC Archive stopped answering.",
                        f"{found.num_images:,} of {plan.num_images:,} pictures are here already "
                        "and are kept.",
                        "Try again later: it goes on where it stopped.",
                    ) from error
                found.failed[image.isic_id] = error.received or str(error)
                waiting.appendleft(code)
            else:
                unanswered = 0
                found.images[code].append(image)
        start()
    order = {i.isic_id: place for images in plan.images.values() for place, i in enumerate(images)}
    for images in found.images.values():
        images.sort(key=lambda image: order[image.isic_id])
    return found


def _say(plan: Plan, found: Fetched, task: Task, held: bool) -> None:
    share = found.num_images / max(1, plan.num_images)
    task.progress(
        share,
        f"Fetching picture {found.num_images:,} of {plan.num_images:,}, "
        f"{in_words(found.num_bytes)} of about {in_words(plan.num_bytes)}"
        + (" (the archive asks us to wait)" if held else ""),
    )


class _Fetcher:
    """Threads that fetch pictures, each with a connection that it keeps."""

    def __init__(self, folder: Path, patience: Patience) -> None:
        self._folder = folder
        self.patience = patience
        self._threads = LooseThreads(THREADS)
        self._own = threading.local()
        self._whole = _read_journal(folder)
        self._journal = (folder / JOURNAL).open("a", encoding="utf-8")
        self._writing = threading.Lock()

    def __enter__(self) -> _Fetcher:
        # What a killed download has left half written.
        for path in self._folder.glob(".*.part"):
            path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        # Nobody waits for a thread that waits for the archive: it stops at its next chunk.
        self.patience.stop.set()
        self._threads.leave()
        with self._writing:
            self._journal.close()

    def start(self, image: ArchiveImage) -> Future[int]:
        """Fetch a picture, or find it on disk; the future gives the length of its file."""
        return self._threads.submit(lambda: self._fetch(image))

    def _fetch(self, image: ArchiveImage) -> int:
        target = self._folder / image.file_name
        length = self._whole.get(image.file_name)
        if length and target.is_file() and target.stat().st_size == length:
            return length
        problem = PictureError("The picture could not be read.")
        for _ in range(CONTENT_ATTEMPTS):
            content = self._content(image)
            try:
                decode_image(content)
            except PictureError as error:
                problem = error  # may have been damaged on its way: once more
                continue
            self._keep(target, content)
            return len(content)
        raise problem

    def _content(self, image: ArchiveImage) -> bytes:
        title = f"The picture {image.isic_id} of the ISIC Archive"
        content, silence = self._try(image.url, title)
        if content is None:
            fresh = image_by_id(image.isic_id, self._session(), self.patience)
            if fresh is not None and fresh.url != image.url:
                content, silence = self._try(fresh.url, title)
        if content is not None:
            return content
        raise silence or PictureError(
            "Expected a picture.", "The archive refuses to give it.", "Take another one."
        )

    def _try(self, url: str, title: str) -> tuple[bytes | None, NoAnswer | None]:
        """The file, or why there is none: None twice where the address is refused."""
        try:
            return self.patience.ask(lambda: self._read(url), title), None
        except NoAnswer as error:
            return None, error

    def _read(self, url: str) -> bytes | None:
        """The whole file, or None where the address is refused."""
        with self._session().get(url, stream=True) as answer:
            if not answer.ok:
                return None
            content = bytearray()
            for chunk in answer.iter_content(CHUNK):
                if self.patience.stop.is_set():
                    raise Cancelled
                content += chunk
                if len(content) > MAX_BYTES:
                    break  # the gate says why it is refused
            return bytes(content)

    def _session(self) -> ArchiveSession:
        if not hasattr(self._own, "session"):
            self._own.session = ArchiveSession()
        session: ArchiveSession = self._own.session
        return session

    def _keep(self, target: Path, content: bytes) -> None:
        with disk_errors("the pictures"):
            part = target.with_name(f".{target.name}.part")
            part.write_bytes(content)
            part.replace(target)
            words = {
                "file": target.name,
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            with self._writing:
                if not self._journal.closed:
                    self._journal.write(json.dumps(words) + "\n")
                    self._journal.flush()


def _read_journal(folder: Path) -> dict[str, int]:
    """Length of each file that came whole."""
    path = folder / JOURNAL
    whole: dict[str, int] = {}
    for line in path.read_text("utf-8", "replace").splitlines() if path.is_file() else ():
        try:
            words = json.loads(line)
            whole[str(words["file"])] = int(words["bytes"])
        except (KeyError, TypeError, ValueError):
            continue
    return whole


def in_a_thread(task: Task, patience: Patience, work: Callable[[], Result]) -> Result:
    """Do the work in a thread, so that it can be left at once when the user stops the task.

    Raises:
        Cancelled: The task said so. Whatever the work raises.
    """
    thread = LooseThreads(1)
    future = thread.submit(work)
    try:
        while not wait([future], LOOK_SECONDS).done:
            stop_if_cancelled(task)
    finally:
        patience.stop.set()
        thread.leave()
    return future.result()


def free_space(folder: Path) -> int:
    """Bytes that are free where the folder lies or will lie."""
    while not folder.exists():
        folder = folder.parent
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize
